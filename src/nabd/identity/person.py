"""The golden identity: a ``Person`` that links the records of one human being, and nothing else.

It has no name and no date, so whoever sees it learns nothing of a record that they may not see.
http://hl7.org/fhir/R4/person.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nabd.fhir.json import Json
from nabd.identity.words import BASE, CUSTODIAN, id_in

PROFILE = BASE + "StructureDefinition/identity"
MODEL, CERTAIN, STEWARD = "level2", "level3", "level4"
"""How sure a link is: by the model, with a national identifier, by a steward."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A Person's links: the ids of Patients, each with how sure it is ("" for the first)."""

    id: str
    links: Mapping[str, str] = field(default_factory=dict)

    def joined(self, patient: str, assurance: str) -> Identity:
        """Add a record, or say anew how sure its link is."""
        return Identity(self.id, {**self.links, patient: assurance})

    def left(self, patient: str) -> Identity:
        """Take a record away."""
        return Identity(self.id, {p: a for p, a in self.links.items() if p != patient})


def person_of(identity: Identity, custodians: Iterable[str], tags: list[Json]) -> Json:
    """Write an identity as a Person that each of its records' custodians (ids) sees."""
    person: Json = {
        "resourceType": "Person",
        "id": identity.id,
        "meta": {"profile": [PROFILE], **({"tag": tags} if tags else {})},
        "active": True,
        "link": [_link(patient, identity.links[patient]) for patient in sorted(identity.links)],
    }
    if seen_by := sorted({*custodians}):
        person["extension"] = [
            {"url": CUSTODIAN, "valueReference": {"reference": f"Organization/{one}"}}
            for one in seen_by
        ]
    return person


def identity_of(person: Json) -> Identity:
    """Read the links of a Person."""
    links = {id_in(one["target"]): one.get("assurance", "") for one in person.get("link", ())}
    return Identity(person["id"], links)


def is_identity(person: Json | None) -> bool:
    """Tell an identity from a Person that some source sent."""
    return PROFILE in (person or {}).get("meta", {}).get("profile", ())


def _link(patient: str, assurance: str) -> Json:
    target: Json = {"target": {"reference": f"Patient/{patient}"}}
    return {**target, "assurance": assurance} if assurance else target
