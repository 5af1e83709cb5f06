"""What happens in a place: encounters by month, and the diagnoses that are made most often.

Both count health records, so that they reach no further than the session's own place; an account
of a province sees its province on the country's page, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from nabd.access.figure import Months, Series, msgid
from nabd.access.page import Column, Table
from nabd.registry.pages.places import Row

if TYPE_CHECKING:
    from nabd.access.session import Session

OLD = 600.0  # seconds: counts over all records are kept as long while others write
LEAST = 5  # diagnoses of fewer people are not told of a place: they could point to somebody
MOST = 10
KINDS = {
    "ambulatory": msgid("ambulatory"),
    "emergency": msgid("emergency"),
    "inpatient": msgid("inpatient"),
    "other": msgid("other"),
}
# https://terminology.hl7.org/CodeSystem-v3-ActCode.html: acute and non-acute are kinds of inpatient
CLASSES = {
    "AMB": "ambulatory",
    "EMER": "emergency",
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
}
MONTHS = (
    Column("month", msgid("Month"), "date"),
    Column("class", msgid("Class"), "code"),
    Column("encounters", msgid("Encounters"), "number"),
)
DIAGNOSES = (
    Column("system", msgid("Code system"), "code"),
    Column("code", msgid("Code"), "code"),
    Column("conditions", msgid("Diagnoses"), "number"),
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis and how often it was made."""

    system: str
    code: str
    conditions: int


@dataclass(frozen=True, slots=True)
class Activity:
    """The months, ``None`` where nothing is recorded that the session may count."""

    months: Months | None
    diagnoses: tuple[Diagnosis, ...]
    most: int
    until: date | None
    scoped: bool
    counted: datetime | None
    least: int = LEAST


async def activity(session: Session, region: str = "", province: str = "") -> Activity:
    """Count the encounters and diagnoses of a region, a province, or ("" both) the country."""
    place = {"region": region, "province": province}
    encounters = await session.figures("activity", OLD, **place)
    frequent = await session.figures("diagnoses", OLD, **place, least=LEAST, limit=MOST)
    return _activity(session, encounters, frequent)


async def activity_of_facility(session: Session, number: str) -> Activity:
    """Count the encounters of one facility."""
    return _activity(session, await session.rows("facility_activity", facility=number), [])


def _activity(session: Session, encounters: list[Row], frequent: list[Row]) -> Activity:
    found = tuple(
        Diagnosis(row["system"] or "", row["code"], row["conditions"]) for row in frequent
    )
    return Activity(
        months=months(encounters),
        diagnoses=found,
        most=max((one.conditions for one in found), default=0),
        until=frequent[0]["until"] if frequent else None,
        scoped=session.scope is not None,
        counted=min((row["counted"] for row in (*encounters, *frequent)), default=None),
    )


def months(rows: Iterable[Row]) -> Months | None:
    """Make the figure: a month for each from the first to the last, the kinds that occur."""
    counts: dict[tuple[date, str], int] = {}
    for row in rows:
        key = (row["month"], CLASSES.get(row["class"], "other"))
        counts[key] = counts.get(key, 0) + row["encounters"]
    if not counts:
        return None
    span = _span(min(month for month, _ in counts), max(month for month, _ in counts))
    series = (
        Series(kind, title, place, tuple(counts.get((month, kind), 0) for month in span))
        for place, (kind, title) in enumerate(KINDS.items())
    )
    return Months(
        msgid("Encounters by month"), span, tuple(one for one in series if any(one.counts))
    )


def _span(first: date, last: date) -> tuple[date, ...]:
    """Return the first day of every month from ``first`` to ``last``."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in numbers)


def tables(found: Activity) -> Mapping[str, Table]:
    """Make the tables of the twins: ``activity`` and, where they are told, ``diagnoses``."""
    rows = [
        {"month": month, "class": one.code, "encounters": one.counts[number]}
        for number, month in enumerate(found.months.months if found.months else ())
        for one in (found.months.series if found.months else ())
    ]
    named = [
        {"system": one.system, "code": one.code, "conditions": one.conditions}
        for one in found.diagnoses
    ]
    return {"activity": Table(MONTHS, rows), "diagnoses": Table(DIAGNOSES, named)}
