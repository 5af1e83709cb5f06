"""The country at a glance: a map by region or province, the chosen measure, a ranking, a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nabd.access.figure import Choropleth, Group, Measure, Name, Ranking, Strips, msgid
from nabd.access.page import Page
from nabd.registry.boundaries import outlines
from nabd.registry.measures import Ratio, chosen
from nabd.registry.pages import places
from nabd.registry.pages.activity import Activity, activity, tables

if TYPE_CHECKING:
    from nabd.access.session import Session

Level = Literal["region", "province"]


@dataclass(frozen=True, slots=True)
class Country:
    """What the country page shows."""

    level: Level
    measure: Measure
    measures: tuple[Measure, ...]
    counts: Mapping[str, int]
    value: float | None
    map: Choropleth
    ranking: Ranking | Strips
    rows: list[places.PlaceRow]
    regions: Mapping[str, Name]
    activity: Activity


async def country(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show the country; ``measure`` and ``level`` choose what the map is shaded by."""
    level: Level = "province" if parameters.get("level") == "province" else "region"
    ratio = chosen(parameters.get("measure"))
    regions = await session.figures("places", level="region")
    found = regions if level == "region" else await session.figures("places", level=level)
    counts = places.total(found)
    rows = places.place_rows(found, level, ratio)
    value = ratio.of(counts)
    context = Country(
        level=level,
        measure=ratio.measure,
        measures=places.MEASURES,
        counts=counts,
        value=value,
        map=places.choropleth(rows, ratio.measure, outlines(level)),
        ranking=_ranking(regions, rows, level, ratio, value),
        rows=rows,
        regions={row["code"]: places.name_of(row) for row in regions},
        activity=await activity(session),
    )
    table = places.table(rows, ratio.measure)
    return Page("country.html", msgid("The country"), context, table, more=tables(context.activity))


def _ranking(
    regions: list[places.Row],
    rows: list[places.PlaceRow],
    level: Level,
    ratio: Ratio,
    value: float | None,
) -> Ranking | Strips:
    """Rank the regions; or put the provinces of each region on a line."""
    if level == "region":
        return places.ranking(rows, ratio.measure, value)
    groups = (
        Group(one.name, one.href, places.data(row for row in rows if row.region == one.code))
        for one in places.place_rows(regions, "region", ratio)
    )
    return Strips(ratio.measure, tuple(groups), value)
