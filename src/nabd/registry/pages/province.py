"""A province or prefecture: where it lies, its counts, and its facilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nabd.access.figure import Measure, Name, Outlines, msgid
from nabd.access.page import Page
from nabd.errors import problem
from nabd.registry.boundaries import outlines
from nabd.registry.measures import RATIOS
from nabd.registry.pages import places
from nabd.registry.pages.activity import Activity, activity, tables
from nabd.registry.pages.listing import FacilityRow, facility_rows, facility_table

if TYPE_CHECKING:
    from nabd.access.session import Session


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure here, in the region, and in the country."""

    measure: Measure
    here: float | None
    region: float | None
    country: float | None


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of the province with its census and how many facilities it has."""

    code: str
    name: Name
    kind: str
    population: int | None
    facilities: int


@dataclass(frozen=True, slots=True)
class Province:
    """What a province's page shows."""

    code: str
    name: Name
    region: str
    region_name: Name
    counts: Mapping[str, int | None]
    compared: list[Compared]
    facilities: list[FacilityRow]
    communes: list[Commune]
    country: Outlines
    activity: Activity


async def province(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show a province by its HCP code."""
    code = parameters["code"]
    provinces = await session.figures("places", level="province")
    own = next((row for row in provinces if row["code"] == code), None)
    if own is None:
        raise problem("N1001", type="Location", id=f"ma-{code}")
    siblings = [row for row in provinces if row["region_code"] == own["region_code"]]
    regions = {row["code"]: row for row in await session.figures("places", level="region")}
    found = facility_rows(await session.rows("facilities_of_province", province=code))
    context = Province(
        code=code,
        name=places.name_of(own),
        region=own["region_code"],
        region_name=places.name_of(regions[own["region_code"]]),
        counts={count: own[count] for count in places.COUNTS},
        compared=_compared(own, siblings, provinces),
        facilities=found,
        communes=[_commune(row) for row in await session.rows("communes", province=code)],
        country=outlines("province"),
        activity=await activity(session, province=code),
    )
    table = facility_table(found)
    return Page("province.html", msgid("Province"), context, table, more=tables(context.activity))


def _compared(
    own: places.Row, siblings: list[places.Row], provinces: list[places.Row]
) -> list[Compared]:
    region, country = places.total(siblings), places.total(provinces)
    return [
        Compared(ratio.measure, ratio.of(own), ratio.of(region), ratio.of(country))
        for ratio in RATIOS.values()
    ]


def _commune(row: places.Row) -> Commune:
    return Commune(
        code=row["code"],
        name=places.name_of(row),
        kind=row["kind"] or "",
        population=row["population"],
        facilities=row["facilities"],
    )
