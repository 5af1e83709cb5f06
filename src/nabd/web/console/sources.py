"""Completeness by source: what each source of data fills in, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.routing import Route

from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.web.console.audit import whole
from nabd.web.console.elements import EXPECTED, TITLES
from nabd.web.console.filled import Filled, Kind, kinds, of_facilities, of_resources
from nabd.web.console.listing import listing_routes
from nabd.web.console.visit import Visit

OLD = 600.0  # seconds: as old as the counts of resources may be
MOST = 20  # sources that are drawn; the twins hold all
COLUMNS = (
    Column("type", msgid("Type"), "code"),
    Column("source", msgid("Source"), "text"),
    Column("resources", msgid("Resources"), "number"),
    Column("element", msgid("Element"), "code"),
    Column("filled", msgid("Filled in"), "number"),
    Column("share", msgid("Share"), "number"),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What each source fills in, by type; ``matrix`` is the picture: source × type."""

    kinds: Sequence[Kind]
    sources: Sequence[str]
    matrix: Mapping[tuple[str, str], Filled]
    hidden: int
    titles: Mapping[str, str]
    batch: int | None
    scoped: bool
    counted: datetime | None


def routes() -> Iterator[Route]:
    """Yield the routes of the page."""
    yield from listing_routes("/quality/sources", by_source, "quality")


async def by_source(visit: Visit) -> Page:
    """Show what each source fills in, of everything or of one batch."""
    batch = _batch(visit)
    resources = await visit.someone.presence(list(EXPECTED))
    facilities = await visit.someone.figures("facility_sources", OLD)
    found = [*of_facilities(facilities, batch), *of_resources(resources, batch)]
    sources = _largest_first(found)
    drawn = sources[:MOST]
    context = Sources(
        kinds=list(kinds(found)),
        sources=drawn,
        matrix={(one.source, one.type): one for one in found},
        hidden=len(sources) - len(drawn),
        titles=TITLES,
        batch=batch,
        scoped=visit.someone.scope is not None,
        counted=min((row["counted"] for row in (*resources, *facilities)), default=None),
    )
    return Page("sources.html", msgid("By source"), context, Table(COLUMNS, list(_rows(context))))


def _batch(visit: Visit) -> int | None:
    """Read the number of a batch from the address; what is no number is no page (N7501)."""
    asked = visit.request.query_params.get("batch", "")
    batch = whole(asked)
    if asked and batch is None:
        raise problem("N7501")
    return batch


def _largest_first(found: Sequence[Filled]) -> list[str]:
    sizes: dict[str, int] = {}
    for one in found:
        sizes[one.source] = sizes.get(one.source, 0) + one.resources
    return sorted(sizes, key=lambda source: (-sizes[source], source))


def _rows(context: Sources) -> Iterator[dict[str, Any]]:
    for kind in context.kinds:
        for one in kind.sources:
            for code, filled in one.elements.items():
                share = round(filled / one.resources, 4)
                own = {"type": one.type, "source": one.source, "resources": one.resources}
                yield own | {"element": code, "filled": filled, "share": share}
