"""The part of the register that a decision touches: records, identities, cases; and its changes.

It is read once for many records, changed in memory, and written at the end, all in one
transaction that holds the linker's lock: so what it knows stays true until it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from nabd.access.custody import custodians_named, custodians_of
from nabd.fhir.json import Json, decode
from nabd.identity.case import Case, case_id, case_of, opened, task_of, text_of
from nabd.identity.person import Identity, identity_of, person_of
from nabd.identity.record import Record, record_of
from nabd.identity.rules import Score
from nabd.store import Stored, Write

if TYPE_CHECKING:
    from nabd.access.unit import Unit


@dataclass(slots=True)
class Working:
    """Records by Patient id, identities by Person id, and what of it has changed.

    ``custodians`` are those of records by Patient id, of records that are out of sight as well: an
    identity keeps the facilities that may see it.
    """

    patients: dict[str, Json] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    identity_by_patient: dict[str, str] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    kept_by: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    custodians: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    closed: dict[str, None] = field(default_factory=dict)

    def learn(self, stored: Iterable[Stored]) -> None:
        """Take Patients in, with the custodians that they name."""
        for one in stored:
            if one.id not in self.records and not one.deleted:
                patient = decode(one.body)
                self.patients[one.id] = patient
                self.records[one.id] = record_of(patient)
                if named := custodians_named(patient):
                    self.custodians[one.id] = named

    def identity_with(self, patient: str) -> Identity | None:
        """Return the identity that a record belongs to."""
        found = self.identity_by_patient.get(patient)
        return self.identities[found] if found else None

    def join(self, patient: str, identity: Identity, assurance: str) -> None:
        """Link a record to an identity, and to no other."""
        self.part(patient)
        current = self.identities.get(identity.id, identity)
        self.put(current.joined(patient, assurance))
        self.identity_by_patient[patient] = identity.id

    def part(self, patient: str) -> None:
        """Take a record out of its identity."""
        identity = self.identity_with(patient)
        if identity is not None:
            self.put(identity.left(patient))
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

    def put(self, identity: Identity) -> None:
        """Have an identity written as it is here."""
        self.identities[identity.id] = identity
        self.changed[identity.id] = None

    def _write(self, identity: Identity) -> Write:
        if not identity.links:
            return Write("delete", "Person", identity.id)
        mine = [self.patients[one] for one in identity.links if one in self.patients]
        person = person_of(identity, self.custodians_with(identity), shared(mine))
        return Write("update", "Person", identity.id, person)

    def custodians_with(self, identity: Identity) -> set[str]:
        """Return who keeps a record of an identity."""
        return {one for patient in identity.links for one in self.custodians.get(patient, ())}


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
    await learn(working, unit, (p for mine in links.values() for p in mine))


async def recall(working: Working, unit: Unit, patients: Iterable[str]) -> None:
    """Read what was decided about records before, and for whom to see."""
    for row in await unit.rows("cases_about", ids=sorted(set(patients))):
        pair = (row["left_id"], row["right_id"])
        working.outcomes[pair] = row["outcome"]
        facilities = (row["left_keeper_id"], row["right_keeper_id"])
        working.kept_by[pair] = tuple(one for one in facilities if one)


async def hand_over(working: Working, unit: Unit, patients: Iterable[str]) -> None:
    """Let what is said of records that other facilities keep now be seen by whom may see it now.

    A case is seen by who sees both records, an identity by who sees one.
    """
    await _hand_over_cases(working, unit)
    known = {i.id for one in patients if (i := working.identity_with(one))}
    unchanged = known - working.changed.keys()
    for one in (await unit.read_many("Person", unchanged)).values() if unchanged else ():
        identity = working.identities[one.id]
        if {*custodians_of(decode(one.body))} != working.custodians_with(identity):
            working.put(identity)


async def _hand_over_cases(working: Working, unit: Unit) -> None:
    await learn(working, unit, (one for pair in working.kept_by for one in pair))
    moved = {
        case_id(*pair): found
        for pair, kept_by in working.kept_by.items()
        if {*pair} <= working.records.keys() and (found := keepers(working, *pair)) != kept_by
    }
    for id_, one in (await unit.read_many("Task", moved)).items() if moved else ():
        working.cases.setdefault(id_, replace(case_of(decode(one.body)), keepers=moved[id_]))


async def learn(working: Working, unit: Unit, patients: Iterable[str]) -> None:
    """Read records, and who keeps them and all others that are known here."""
    wanted = {*patients}
    if missing := wanted - working.records.keys():
        working.learn((await unit.read_many("Patient", missing)).values())
    if asked := (wanted | working.records.keys()) - working.custodians.keys():
        found = await unit.keepers("Patient", asked)
        working.custodians |= {one: found.get(one, ()) for one in asked}


async def case_in(unit: Unit, id_: str) -> Case:
    """Read a case; Problem N1001 when there is none, or none to be seen."""
    return case_of(decode((await unit.read("Task", id_)).body))


async def identity_in(unit: Unit, id_: str) -> Identity:
    """Read an identity; Problem N1001 when there is none, or none to be seen."""
    return identity_of(decode((await unit.read("Person", id_)).body))


def case_about(
    working: Working, one: str, other: str, found: Score, version: str, at: datetime
) -> Case:
    """Open a case about two records that are known here, weighed by a model of this version."""
    patients = [working.patients[id_] for id_ in (one, other)]
    kept_by, tags = keepers(working, one, other), tuple(shared(patients))
    return opened((one, other), found, version, text_of(at), keepers=kept_by, tags=tags)


def keepers(working: Working, one: str, other: str) -> tuple[str, ...]:
    """Return the facilities of two records in the order of their ids; none unless both are known.

    A case is seen by who sees both: where one is not known, that is the nation. Of a record that
    several keep, the first one counts.
    """
    found = [working.custodians.get(id_, ()) for id_ in sorted((one, other))]
    return tuple(some[0] for some in found) if all(found) else ()


def shared(patients: list[Json]) -> list[Json]:
    """Return the tags that all records carry: what is said of synthetic records is synthetic."""
    tags = [one.get("meta", {}).get("tag", []) for one in patients]
    return [tag for tag in tags[0] if all(tag in some for some in tags)] if tags else []
