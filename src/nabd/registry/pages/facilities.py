"""Find a facility by name, category and province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nabd.access.figure import Name, msgid
from nabd.access.page import Page
from nabd.registry.codes import systems
from nabd.registry.pages.listing import FacilityRow, facility_rows, facility_table
from nabd.registry.pages.places import name_of

if TYPE_CHECKING:
    from nabd.access.session import Session

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Facilities:
    """What the search shows: what was asked, what can be asked, what was found."""

    name: str
    category: str
    province: str
    categories: tuple[str, ...]
    provinces: Mapping[str, Name]
    rows: list[FacilityRow]
    limit: int


async def facilities(session: Session, parameters: Mapping[str, str]) -> Page:
    """List the facilities that fit, up to a limit that the page tells."""
    asked = {key: parameters.get(key, "").strip() for key in ("name", "category", "province")}
    provinces = await session.figures("places", level="province")
    found = await session.rows("facilities_found", **asked, limit=LIMIT)
    rows = facility_rows(found)
    context = Facilities(
        **asked,
        categories=tuple(systems()["facility-category"].codes),
        provinces={row["code"]: name_of(row) for row in provinces},
        rows=rows,
        limit=LIMIT,
    )
    return Page("facilities.html", msgid("Facilities"), context, facility_table(rows))
