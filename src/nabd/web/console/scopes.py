"""The places that an account can be confined to, by name: for forms, and beside codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nabd.access.accounts import check_facility, place_of
from nabd.access.figure import Name
from nabd.access.rules import Place
from nabd.errors import problem
from nabd.web.console.visit import Visit

FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Scopes:
    """Regions, provinces, and those facilities that were asked for, by code or id."""

    regions: Mapping[str, Name]
    provinces: Mapping[str, Name]
    facilities: Mapping[str, Name]

    def name(self, place: Place) -> Name | None:
        """Return the name of a place; ``None`` for the country and for what is not known."""
        known = {"region": self.regions, "province": self.provinces, FACILITY: self.facilities}
        return known.get(place.kind, {}).get(place.code)


async def scopes(visit: Visit, places: Iterable[Place] = ()) -> Scopes:
    """Read the names of regions and provinces, and of the facilities among ``places``."""
    if not visit.someone.may("aggregates"):
        return Scopes({}, {}, {})
    ids = [one.code for one in places if one.kind == FACILITY]
    facilities = await visit.someone.rows("facility_names", ids=ids) if ids else []
    return Scopes(
        await _named(visit, "region"),
        await _named(visit, "province"),
        {row["id"]: Name(row["name"] or "", row["name_ar"] or "") for row in facilities},
    )


async def _named(visit: Visit, level: str) -> dict[str, Name]:
    rows = await visit.someone.figures("places", level=level)
    return {row["code"]: Name(row["name_fr"] or "", row["name_ar"] or "") for row in rows}


async def chosen(visit: Visit, posted: Mapping[str, str]) -> Place:
    """Read the scope of a form: N4024 or N7507 when it is none, N7508 when nobody knows it."""
    scope, facility = posted.get("place", ""), posted.get("facility", "").strip()
    if facility and scope != FACILITY:
        raise problem("N7507", "facility")
    place = place_of(f"{scope}:{facility}" if facility else scope)
    if place.kind == FACILITY:
        await check_facility(visit.someone, place.code)
    elif place.code and (await scopes(visit)).name(place) is None:
        raise problem("N7508", "place", place=place.code)
    return place
