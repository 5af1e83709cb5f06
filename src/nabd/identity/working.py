"""The part of the register that a decision touches: records, identities, cases; and its changes.

It is read once for many records, changed in memory, and written at the end, all in one
transaction that holds the linker's lock: so what it knows stays true until it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from nabd.fhir.json import Json, decode
from nabd.identity.case import Case, case_of, task_of
from nabd.identity.person import Identity, identity_of, person_of
from nabd.identity.record import Record, record_of
from nabd.store import Stored, Write

if TYPE_CHECKING:
    from nabd.access.unit import Unit


@dataclass(slots=True)
class Working:
    """Records by Patient id, identities by Person id, and what of it has changed."""

    patients: dict[str, Json] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    identity_by_patient: dict[str, str] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    closed: dict[str, None] = field(default_factory=dict)

    def learn(self, stored: Iterable[Stored]) -> None:
        """Take Patients in."""
        for one in stored:
            if one.id not in self.records and not one.deleted:
                patient = decode(one.body)
                self.patients[one.id] = patient
                self.records[one.id] = record_of(patient)

    def identity_with(self, patient: str) -> Identity | None:
        """Return the identity that a record belongs to."""
        found = self.identity_by_patient.get(patient)
        return self.identities[found] if found else None

    def join(self, patient: str, identity: Identity, assurance: str) -> None:
        """Link a record to an identity, and to no other."""
        self.part(patient)
        current = self.identities.get(identity.id, identity)
        self._put(current.joined(patient, assurance))
        self.identity_by_patient[patient] = identity.id

    def part(self, patient: str) -> None:
        """Take a record out of its identity."""
        identity = self.identity_with(patient)
        if identity is not None:
            self._put(identity.left(patient))
            del self.identity_by_patient[patient]

    def found(self, patient: str) -> Identity:
        """Give a record an identity of its own."""
        identity = Identity(str(uuid4()))
        self.join(patient, identity, "")
        return self.identities[identity.id]

    def persons(self) -> list[Write]:
        """Return the writes of the identities that changed; one without records is deleted."""
        return [self._write(self.identities[one]) for one in self.changed]

    def tasks(self) -> list[Write]:
        """Return the writes of the cases: opened, changed, or gone with a record."""
        gone = [Write("delete", "Task", one) for one in self.closed if one not in self.cases]
        return [Write("update", "Task", c.id, task_of(c)) for c in self.cases.values()] + gone

    def _put(self, identity: Identity) -> None:
        self.identities[identity.id] = identity
        self.changed[identity.id] = None

    def _write(self, identity: Identity) -> Write:
        if not identity.links:
            return Write("delete", "Person", identity.id)
        mine = [self.patients[one] for one in identity.links if one in self.patients]
        facilities = {p["id"]: p.get("managingOrganization", {}).get("reference", "") for p in mine}
        return Write(
            "update", "Person", identity.id, person_of(identity, facilities, _shared(mine))
        )


async def widen(working: Working, unit: Unit, patients: Iterable[str]) -> None:
    """Read the identities of records, and the other records of those identities."""
    asked = sorted({one for one in patients if one not in working.identity_by_patient})
    links: dict[str, dict[str, str]] = {}
    for row in await unit.rows("identities_of", ids=asked):
        links.setdefault(row["person_id"], {})[row["patient_id"]] = row["assurance"] or ""
    for person, mine in links.items():
        if person not in working.identities:
            working.identities[person] = Identity(person, mine)
            working.identity_by_patient |= dict.fromkeys(mine, person)
    missing = {p for mine in links.values() for p in mine if p not in working.records}
    if missing:
        working.learn((await unit.read_many("Patient", missing)).values())


async def recall(working: Working, unit: Unit, patients: Iterable[str]) -> None:
    """Read what was decided about records before."""
    for row in await unit.rows("cases_about", ids=sorted(set(patients))):
        pair = (row["left_id"], row["right_id"])
        working.outcomes[pair] = row["outcome"]


async def case_in(unit: Unit, id_: str) -> Case:
    """Read a case; Problem N1001 when there is none, or none to be seen."""
    return case_of(decode((await unit.read("Task", id_)).body))


async def identity_in(unit: Unit, id_: str) -> Identity:
    """Read an identity; Problem N1001 when there is none, or none to be seen."""
    return identity_of(decode((await unit.read("Person", id_)).body))


def common(working: Working, one: str, other: str) -> str:
    """Return the facility that keeps both records, "" when they are two."""
    first, second = (working.records[id_].facility for id_ in (one, other))
    return first.removeprefix("Organization/") if first == second else ""


def _shared(patients: list[Json]) -> list[Json]:
    """Return the tags that all records carry: an identity of synthetic records is synthetic."""
    tags = [one.get("meta", {}).get("tag", []) for one in patients]
    return [tag for tag in tags[0] if all(tag in some for some in tags)] if tags else []
