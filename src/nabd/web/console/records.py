"""The resource browser: the types, and the search of one type.

Everything goes through the session: what it does not show is not found here either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import Issue, Problem, problem
from nabd.fhir.definitions import RESOURCE_TYPES, search_parameters
from nabd.fhir.json import decode
from nabd.fhir.search import parse
from nabd.store import Stored
from nabd.store.read import types_held
from nabd.store.search import Result
from nabd.web.console import record
from nabd.web.console.endpoint import signed_in
from nabd.web.console.listing import listing_routes
from nabd.web.console.problems import told
from nabd.web.console.resource import caption
from nabd.web.console.visit import Visit

Pairs = list[tuple[str, str]]
COUNT = 50
MOST_CRITERIA = 6
OWN = frozenset({"lang", "done", "parameter", "value"})
"""Parameters of the page, not of the search."""
BAD_REQUEST = 400

COLUMNS = (
    Column("type", msgid("Type"), "code"),
    Column("id", msgid("Id"), "code"),
    Column("caption", msgid("What it is"), "text"),
    Column("version", msgid("Version"), "number"),
    Column("updated", msgid("Changed"), "moment"),
)


@dataclass(frozen=True, slots=True)
class Search:
    """What the search page shows."""

    type: str
    criteria: Pairs
    parameters: list[str]
    rows: list[dict[str, Any]]
    following: str
    wrong: list[dict[str, str]]


def routes() -> Iterator[Route]:
    """Yield the routes of the browser."""
    yield Route("/records", signed_in(types, "resources"))
    yield from record.routes()
    yield from listing_routes("/records/{type}", search, "resources")


async def types(visit: Visit) -> Response:
    """List the types that the role reads: first those of which the country holds anything."""
    reads = [one for one in RESOURCE_TYPES if one in visit.someone.role.reads]
    async with visit.store.read() as connection:
        held = await types_held(connection, reads)
    full = [one for one in reads if one in held]
    empty = [one for one in reads if one not in held]
    return visit.show("records.html", {"full": full, "empty": empty})


async def search(visit: Visit) -> Page:
    """Search a type by FHIR's own parameters; what is wrong with them is said on the page."""
    type_name = visit.parameters["type"]
    if type_name not in RESOURCE_TYPES:
        raise problem("N7501")
    asked = _asked(visit)
    found, issues = await _found(visit, type_name, asked)
    rows = [_row(one) for one in found.matches]
    context = Search(
        type=type_name,
        criteria=[pair for pair in asked if pair[0] != "_cursor"][:MOST_CRITERIA],
        parameters=sorted(search_parameters(type_name)),
        rows=rows,
        following=_following(visit, asked, found.next),
        wrong=[_wrong(visit, one, asked) for one in issues],
    )
    status = BAD_REQUEST if issues else 200
    return Page("search.html", type_name, context, Table(COLUMNS, rows), status)


async def _found(visit: Visit, type_name: str, asked: Pairs) -> tuple[Result, list[Issue]]:
    try:
        query = parse(type_name, asked)
        limited = msgspec.structs.replace(query, count=query.count or COUNT)
        return await visit.someone.search(limited), []
    except Problem as wrong:
        if wrong.status != BAD_REQUEST:
            raise
        return Result([], []), wrong.issues


def _asked(visit: Visit) -> Pairs:
    """Take the search out of the address: FHIR's own form, or the rows of the page's form."""
    given = visit.request.query_params
    plain = [(name, value) for name, value in given.multi_items() if name not in OWN and value]
    rows = zip(given.getlist("parameter"), given.getlist("value"), strict=False)
    return plain + [(name.strip(), value.strip()) for name, value in rows if name and value.strip()]


def _wrong(visit: Visit, one: Issue, asked: Pairs) -> dict[str, str]:
    """Tie a problem to the row of the form that it speaks of."""
    own = (n for n, pair in enumerate(asked) if one.path and pair[0] == one.path)
    said = told(one, visit.language)
    text = f"\u2068{one.path}\u2069: {said}" if one.path else said
    return {"field": f"value-{next(own, 0)}", "text": text}


def _following(visit: Visit, asked: Pairs, cursor: str) -> str:
    if not cursor:
        return ""
    kept = [pair for pair in asked if pair[0] != "_cursor"]
    return f"{visit.path}?{urlencode([*kept, ('_cursor', cursor)])}"


def _row(one: Stored) -> dict[str, Any]:
    return {
        "type": one.type,
        "id": one.id,
        "caption": caption(decode(one.body)),
        "version": one.version,
        "updated": one.updated,
    }
