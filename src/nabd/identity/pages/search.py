"""Find somebody's records: the same matching as ``Patient/$match``, for a registration desk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import Issue, Problem, issue
from nabd.fhir.json import Json, decode
from nabd.identity.force import in_force
from nabd.identity.identifiers import table as kinds
from nabd.identity.matching import Match, candidates
from nabd.identity.pages import terms
from nabd.identity.pages.people import Human, shown

if TYPE_CHECKING:
    from nabd.access.session import Session

MOST = 50
ASKED = ("given", "family", "born", "sex", "kind", "number", "phone")
NARROW = {"birthDate", "identifier", "telecom"}  # a name alone is no key (see ``keys``)
ISO = re.compile(r"\d{4}(-\d\d){0,2}")
WRITTEN = re.compile(r"(\d\d?)[/.\-](\d\d?)[/.\-](\d{4})")  # as people write it, day first
COLUMNS = (
    Column("id", msgid("Record"), "code"),
    Column("name", msgid("Name"), "name"),
    Column("born", msgid("Birth date"), "date"),
    Column("facility", msgid("Facility"), "name"),
    Column("grade", msgid("Grade"), "code"),
    Column("weight", msgid("Weight (bits)"), "number"),
    Column("probability", msgid("Probability"), "number"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One field's part in a match: message ids, and bits."""

    field: str
    sign: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate; one that the reader may not see has no record and no reasons."""

    human: Human | None
    person: str
    code: str
    grade: str
    bits: float
    probability: float
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked and what was found.

    ``wrong`` is what the birth date is not; ``alone`` says that a name came without anything that
    narrows it.
    """

    asked: Mapping[str, str]
    kinds: Mapping[str, str]
    sexes: Mapping[str, str]
    wrong: Issue | None
    found: Sequence[Found]
    tried: bool
    alone: bool


async def search(session: Session, parameters: Mapping[str, str]) -> Page:
    """Search by any of name, birth date, sex, number and phone."""
    asked = {name: parameters.get(name, "").strip() for name in ASKED}
    patient, wrong = _described(asked)
    matches: list[Match] = []
    if patient.keys() & NARROW:
        matches = (await candidates(session, patient, await in_force(session)))[:MOST]
    rows = await _found(session, matches)
    known = {one: title for one, title in terms.FIELDS.items() if one in kinds().form}
    sexes = {one: terms.SEXES[one] for one in ("female", "male")}
    context = Search(
        asked=asked,
        kinds=known,
        sexes=sexes,
        wrong=wrong,
        found=rows,
        tried=bool(patient.keys() & NARROW),
        alone="name" in patient and not patient.keys() & NARROW,
    )
    table = Table(COLUMNS, [*map(_cells, rows)])
    return Page(
        "identity-search.html", msgid("Find a person"), context, table, 400 if wrong else 200
    )


def _described(asked: Mapping[str, str]) -> tuple[Json, Issue | None]:
    try:
        return patient_of(asked), None
    except Problem as wrong:
        return {}, wrong.issues[0]


def patient_of(asked: Mapping[str, str]) -> Json:
    """Make the Patient that a form describes; N6130 when the birth date is none."""
    patient: Json = {"resourceType": "Patient"}
    name = {"given": asked["given"].split(), "family": asked["family"]}
    if said := {key: value for key, value in name.items() if value}:
        patient["name"] = [said]
    if asked["born"]:
        patient["birthDate"] = born(asked["born"])
    if asked["sex"] in ("female", "male"):
        patient["gender"] = asked["sex"]
    if asked["number"] and (system := _system(asked["kind"])):
        patient["identifier"] = [{"system": system, "value": asked["number"]}]
    if asked["phone"]:
        patient["telecom"] = [{"system": "phone", "value": asked["phone"]}]
    return patient


def born(text: str) -> str:
    """Read a birth date as FHIR writes it, partial or not, or as people do, the day first.

    >>> born("5/3/1980"), born("1980-03")
    ('1980-03-05', '1980-03')
    """
    if match := WRITTEN.fullmatch(text):
        day, month, year = map(int, match.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    try:
        if not ISO.fullmatch(text):
            raise ValueError(text)
        date.fromisoformat(
            text + "-01-01"[len(text) - 4 :] if len(text) < len("1980-01-01") else text
        )
    except ValueError:
        raise Problem([issue("N6130", "born")]) from None
    return text


def _system(kind: str) -> str:
    return next((system for system, one in kinds().system.items() if one == kind), "")


async def _found(session: Session, matches: Sequence[Match]) -> list[Found]:
    patients = [decode(one.stored.body) for one in matches if one.stored]
    people = await shown(session, patients) if patients else {}
    persons = await _persons(session, sorted(people)) if session.may("identity") else {}
    return [_one(match, people, persons) for match in matches]


async def _persons(session: Session, ids: list[str]) -> dict[str, str]:
    rows = await session.rows("identities_of", ids=ids)
    return {row["patient_id"]: row["person_id"] for row in rows}


def _one(match: Match, people: Mapping[str, Human], persons: Mapping[str, str]) -> Found:
    score = match.score
    human = people.get(match.stored.id) if match.stored else None
    reasons = [
        Reason(
            terms.field_title(one.field),
            terms.sign(one.level),
            terms.level_title(one.field, one.level),
            one.bits,
        )
        for one in (score.reasons if human else ())
    ]
    person = persons.get(human.id, "") if human else ""
    grade = terms.GRADES[score.grade]
    return Found(human, person, score.grade, grade, score.bits, score.probability, reasons)


def _cells(found: Found) -> dict[str, Any]:
    human = found.human
    nobody = Name("", "")
    return {
        "id": human.id if human else "",
        "name": human.name if human else nobody,
        "born": human.born if human else "",
        "facility": human.facility if human else nobody,
        "grade": found.code,
        "weight": round(found.bits, 2) if human else None,
        "probability": round(found.probability, 6) if human else None,
    }
