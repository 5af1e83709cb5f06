"""Data quality: what came, what was kept, and how complete the registry is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.routing import Route

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.intake import Duplicate
from nabd.intake.reading import duplicates
from nabd.store import batch as batches
from nabd.store import quarantine as quarantined
from nabd.store.batch import Batch
from nabd.store.quarantine import Entry
from nabd.web.console import quarantine, sources
from nabd.web.console.audit import whole
from nabd.web.console.listing import listing_routes
from nabd.web.console.visit import Visit

COUNT = 50
YEAR, MONTHS = timedelta(days=365), 12
LEAST = 12  # fewer encounters in a year: too few to tell silence from quiet
COLUMNS = (
    Column("id", msgid("Batch"), "number"),
    Column("source", msgid("Source"), "text"),
    Column("state", msgid("State"), "code"),
    Column("started", msgid("Started"), "moment"),
    Column("received", msgid("Received"), "number"),
    Column("stored", msgid("Stored"), "number"),
    Column("unchanged", msgid("Unchanged"), "number"),
    Column("quarantined", msgid("Quarantined"), "number"),
)
COMPLETENESS = (
    Column("code", msgid("Code"), "code"),
    Column("name", msgid("Province"), "name"),
    Column("facilities", msgid("Facilities"), "number"),
    Column("without_staff", msgid("Without staff"), "number"),
    Column("hospitals", msgid("Hospitals"), "number"),
    Column("hospitals_without_beds", msgid("Without beds"), "number"),
)


@dataclass(frozen=True, slots=True)
class Quality:
    """The overview: the newest batches, and the quarantine by state."""

    batches: Sequence[Batch]
    states: Mapping[str, int]
    received: int
    stored: int
    unchanged: int
    quarantined: int
    following: int | None


@dataclass(frozen=True, slots=True)
class OneBatch:
    """One batch, its open quarantine, and the duplicates that its source repeated."""

    batch: Batch
    entries: Sequence[Entry]
    duplicates: Sequence[Duplicate]


@dataclass(frozen=True, slots=True)
class Gap:
    """What the registry lacks in one province."""

    code: str
    name: Name
    facilities: int
    without_staff: int
    hospitals: int
    hospitals_without_beds: int


@dataclass(frozen=True, slots=True)
class Reporter:
    """A facility that reported encounters in the last twelve months."""

    id: str
    name: Name
    category: str
    encounters: int
    months: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the registry lacks, by province; and which sources of records fell silent."""

    reporters: Sequence[Reporter]
    gaps: Sequence[Gap]
    facilities: int
    with_staff: int
    hospitals: int
    with_beds: int


def routes() -> Iterator[Route]:
    """Yield the routes of data quality."""
    yield from listing_routes("/quality", overview, "quality")
    yield from listing_routes("/quality/completeness", completeness, "quality")
    yield from listing_routes("/quality/batches/{id}", one_batch, "quality")
    yield from sources.routes()
    yield from quarantine.routes()


async def overview(visit: Visit) -> Page:
    """List the batches, newest first, each with its law of counts."""
    before = whole(visit.request.query_params.get("before", ""))
    async with visit.store.read() as connection:
        found = await batches.recent(connection, COUNT, before or 2**31 - 1)
        states = await quarantined.counts(connection)
    context = Quality(
        batches=found,
        states=states,
        received=sum(one.received for one in found),
        stored=sum(one.stored for one in found),
        unchanged=sum(one.unchanged for one in found),
        quarantined=sum(one.quarantined for one in found),
        following=found[-1].id if len(found) == COUNT else None,
    )
    rows = [{column.name: getattr(one, column.name) for column in COLUMNS} for one in found]
    return Page("quality.html", msgid("Data quality"), context, Table(COLUMNS, rows))


async def one_batch(visit: Visit) -> Page:
    """Show a batch."""
    number = whole(visit.parameters["id"])
    if number is None or number >= 2**31:
        raise problem("N7501")
    async with visit.store.read() as connection:
        batch = await batches.show(connection, number)
        entries = await quarantined.entries(connection, batch=number)
        repeated = await duplicates(connection, number)
    rows = [{column.name: getattr(batch, column.name) for column in COLUMNS}]
    context = OneBatch(batch, entries, repeated)
    return Page("batch.html", msgid("Batch"), context, Table(COLUMNS, rows))


async def completeness(visit: Visit) -> Page:
    """Show what the registry lacks, by province."""
    gaps = [_gap(row) for row in await visit.someone.figures("completeness")]
    facilities = sum(one.facilities for one in gaps)
    hospitals = sum(one.hospitals for one in gaps)
    since = datetime.now(UTC).date() - YEAR
    reports = await visit.someone.figures("reporting", since=since, least=LEAST, limit=COUNT)
    context = Completeness(
        reporters=[_reporter(row) for row in reports],
        gaps=gaps,
        facilities=facilities,
        with_staff=facilities - sum(one.without_staff for one in gaps),
        hospitals=hospitals,
        with_beds=hospitals - sum(one.hospitals_without_beds for one in gaps),
    )
    rows = [{column.name: getattr(one, column.name) for column in COMPLETENESS} for one in gaps]
    return Page("completeness.html", msgid("Completeness"), context, Table(COMPLETENESS, rows))


def _reporter(row: Mapping[str, Any]) -> Reporter:
    return Reporter(
        id=row["id"],
        name=Name(row["name"] or "", row["name_ar"] or ""),
        category=row["category"] or "",
        encounters=row["encounters"],
        months=min(row["months"], MONTHS),
        last_day=row["last_day"],
    )


def _gap(row: Mapping[str, Any]) -> Gap:
    return Gap(
        code=row["code"],
        name=Name(row["name_fr"] or "", row["name_ar"] or ""),
        facilities=row["facilities"],
        without_staff=row["without_staff"],
        hospitals=row["hospitals"],
        hospitals_without_beds=row["hospitals_without_beds"],
    )
