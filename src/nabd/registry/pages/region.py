"""A region: its provinces on a map, ranked and in a table; its health group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nabd.access.figure import Choropleth, Measure, Name, Outlines, Ranking, msgid
from nabd.access.page import Page
from nabd.errors import problem
from nabd.registry.boundaries import outlines, within
from nabd.registry.measures import chosen
from nabd.registry.pages import places
from nabd.registry.pages.activity import Activity, activity, tables

if TYPE_CHECKING:
    from nabd.access.session import Session


@dataclass(frozen=True, slots=True)
class Region:
    """What a region's page shows."""

    code: str
    name: Name
    measure: Measure
    measures: tuple[Measure, ...]
    counts: Mapping[str, int | None]
    value: float | None
    reference: float | None
    map: Choropleth
    ranking: Ranking
    rows: list[places.PlaceRow]
    country: Outlines
    activity: Activity


async def region(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show a region by its HCP code."""
    code = parameters["code"]
    ratio = chosen(parameters.get("measure"))
    regions = await session.figures("places", level="region")
    own = next((row for row in regions if row["code"] == code), None)
    if own is None:
        raise problem("N1001", type="Location", id=f"ma-{code}")
    provinces = await session.figures("places", level="province")
    inside = [row for row in provinces if row["region_code"] == code]
    rows = places.place_rows(inside, "province", ratio)
    reference = ratio.of(places.total(regions))
    context = Region(
        code=code,
        name=places.name_of(own),
        measure=ratio.measure,
        measures=places.MEASURES,
        counts={count: own[count] for count in places.COUNTS},
        value=ratio.of(own),
        reference=reference,
        map=places.choropleth(rows, ratio.measure, within(frozenset(row.code for row in rows))),
        ranking=places.ranking(rows, ratio.measure, reference),
        rows=rows,
        country=outlines("region"),
        activity=await activity(session, region=code),
    )
    table = places.table(rows, ratio.measure)
    return Page("region.html", msgid("Region"), context, table, more=tables(context.activity))
