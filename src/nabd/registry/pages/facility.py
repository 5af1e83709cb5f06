"""A facility: identity, place, beds by service over time, services, staff, membership, source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.registry.pages.activity import Activity, activity_of_facility, tables
from nabd.registry.pages.places import Row, name_of

if TYPE_CHECKING:
    from nabd.access.session import Session


@dataclass(frozen=True, slots=True)
class BedCount:
    """The beds of a service on a day."""

    date: date
    existing: int | None
    functional: int | None


@dataclass(frozen=True, slots=True)
class ServiceBeds:
    """The beds of one service, oldest count first."""

    service: str
    counts: tuple[BedCount, ...]

    @property
    def lines(self) -> dict[str, list[tuple[date, int | None]]]:
        """The courses of existing and functional beds."""
        return {
            "existing": [(count.date, count.existing) for count in self.counts],
            "functional": [(count.date, count.functional) for count in self.counts],
        }

    @property
    def last(self) -> BedCount:
        """The newest count."""
        return self.counts[-1]


@dataclass(frozen=True, slots=True)
class Membership:
    """When the facility belonged to a health group."""

    group: Name
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Facility:
    """What a facility's page shows."""

    id: str
    identifier: str
    name: Name
    category: str
    level_of_care: str
    active: bool
    region: str
    region_name: Name
    province: str
    province_name: Name
    commune: Name
    latitude: float | None
    longitude: float | None
    beds: list[ServiceBeds]
    services: list[str]
    staff: Mapping[str, int]
    memberships: list[Membership]
    activity: Activity

    @property
    def existing(self) -> int | None:
        """The existing beds of all services, each as last counted."""
        return sum(one.last.existing or 0 for one in self.beds) if self.beds else None

    @property
    def functional(self) -> int | None:
        """The functional beds of all services, each as last counted."""
        return sum(one.last.functional or 0 for one in self.beds) if self.beds else None

    @property
    def workers(self) -> int:
        """The health workers of all cadres."""
        return sum(self.staff.values())

    @property
    def most_beds(self) -> int:
        """The largest count of any service: the head of the common axis."""
        return max((c.existing or 0 for one in self.beds for c in one.counts), default=0)

    @property
    def span(self) -> tuple[date, date]:
        """The days of the first and the last count."""
        days = [count.date for one in self.beds for count in one.counts]
        return (min(days), max(days)) if days else (date.min, date.min)


COLUMNS = (
    Column("service", msgid("Service"), "code"),
    Column("date", msgid("Date"), "date"),
    Column("existing", msgid("Existing beds"), "number"),
    Column("functional", msgid("Functional beds"), "number"),
)


async def facility(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show a facility by the id of its Organization."""
    number = parameters["id"]
    found = await session.rows("facility", facility=number)
    if not found:
        raise problem("N1001", type="Organization", id=number)
    context = _context(
        found[0],
        beds=_beds(await session.rows("facility_beds", facility=number)),
        services=[row["code"] for row in await session.rows("facility_services", facility=number)],
        staff={
            row["cadre"]: row["workers"]
            for row in await session.rows("facility_staff", facility=number)
        },
        memberships=[
            Membership(
                Name(row["name"] or "", row["name_ar"] or ""), row["start_date"], row["end_date"]
            )
            for row in await session.rows("facility_memberships", facility=number)
        ],
        activity=await activity_of_facility(session, number),
    )
    table, more = _table(context.beds), tables(context.activity)
    return Page("facility.html", msgid("Facility"), context, table, more=more)


def _context(
    row: Row,
    beds: list[ServiceBeds],
    services: list[str],
    staff: Mapping[str, int],
    memberships: list[Membership],
    activity: Activity,
) -> Facility:
    return Facility(
        id=row["id"],
        identifier=row["identifier"] or "",
        name=Name(row["name"] or "", row["name_ar"] or ""),
        category=row["category"] or "",
        level_of_care=row["level_of_care"] or "",
        active=row["active"] is not False,
        region=row["region_code"] or "",
        region_name=name_of(row, "region"),
        province=row["province_code"] or "",
        province_name=name_of(row, "province"),
        commune=name_of(row, "commune"),
        latitude=row["latitude"],
        longitude=row["longitude"],
        beds=beds,
        services=services,
        staff=staff,
        memberships=memberships,
        activity=activity,
    )


def _beds(rows: Iterable[Row]) -> list[ServiceBeds]:
    by_service: dict[str, list[BedCount]] = {}
    for row in sorted(rows, key=lambda row: row["date"]):
        count = BedCount(row["date"], row["existing"], row["functional"])
        by_service.setdefault(row["service"] or "", []).append(count)
    return [ServiceBeds(service, tuple(counts)) for service, counts in sorted(by_service.items())]


def _table(beds: Iterable[ServiceBeds]) -> Table:
    rows = [
        {
            "service": one.service,
            "date": count.date,
            "existing": count.existing,
            "functional": count.functional,
        }
        for one in beds
        for count in one.counts
    ]
    return Table(COLUMNS, rows)
