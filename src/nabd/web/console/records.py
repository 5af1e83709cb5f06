"""The resource browser: the types, and the search of one type.

Everything goes through the session: what it does not show is not found here either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from starlette.routing import Route

from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import Issue, Problem, problem
from nabd.fhir.definitions import RESOURCE_TYPES, TYPE_NAME, search_parameters
from nabd.fhir.json import decode
from nabd.fhir.search import parse
from nabd.store import Stored
from nabd.store.search import Result
from nabd.web.console import record
from nabd.web.console.criteria import PEOPLE, Form, Pairs, asked, form, tells
from nabd.web.console.elements import Shown, listed
from nabd.web.console.listing import asking_routes, listing_routes
from nabd.web.console.problems import told
from nabd.web.console.resource import Cell, caption, cell
from nabd.web.console.twins import KINDS
from nabd.web.console.visit import Visit

COUNT = 50
BAD_REQUEST = 400
COUNTS = (
    Column("type", msgid("Type"), "code"),
    Column("resources", msgid("Resources"), "number"),
)
FIRST = (Column("type", msgid("Type"), "code"), Column("id", msgid("Id"), "code"))
LAST = (
    Column("version", msgid("Version"), "number"),
    Column("updated", msgid("Changed"), "moment"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """How many resources of each type the reader can find, and when they were counted."""

    full: Sequence[tuple[str, int]]
    empty: Sequence[str]
    counted: datetime | None
    scoped: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One resource in a list: its caption, or the cells of its type's columns."""

    stored: Stored
    caption: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Search:
    """What the search page shows; ``named`` says that the type is one of people."""

    type: str
    named: bool
    form: Form
    asked: bool
    parameters: list[str]
    columns: tuple[Shown, ...]
    rows: list[Row]
    following: Pairs
    wrong: list[dict[str, str]]


def routes() -> Iterator[Route]:
    """Yield the routes of the browser."""
    yield from listing_routes("/records", types, "resources")
    yield from record.routes()
    yield from asking_routes("/records/{type}", search, "resources", _telling)


async def types(visit: Visit) -> Page:
    """List the types that the role reads, with how many resources of each are in its reach."""
    rows = await visit.someone.counts()
    found = {TYPE_NAME[row["type"]]: row["resources"] for row in rows}
    reads = [one for one in RESOURCE_TYPES if one in visit.someone.role.reads]
    full = [(one, found[one]) for one in reads if found.get(one)]
    context = Held(
        full=full,
        empty=[one for one in reads if not found.get(one)],
        counted=max((row["counted"] for row in rows), default=None),
        scoped=visit.someone.scope is not None,
    )
    table = Table(COUNTS, [{"type": name, "resources": count} for name, count in full])
    return Page("records.html", msgid("Records"), context, table)


async def search(visit: Visit) -> Page:
    """Search a type by FHIR's own parameters; what is wrong with them is said on the page."""
    type_name = visit.parameters["type"]
    if type_name not in RESOURCE_TYPES:
        raise problem("N7501")
    criteria = asked(type_name, visit.asked or visit.query)
    found, issues = await _found(visit, type_name, criteria)
    if issues and visit.path.endswith(tuple(KINDS)):  # a twin has no form to say it at
        raise Problem(issues)
    filled = form(type_name, criteria)
    rows = [_row(one, visit.language) for one in found.matches]
    context = Search(
        type=type_name,
        named=type_name in PEOPLE,
        form=filled,
        asked=bool(criteria),
        parameters=sorted(search_parameters(type_name)),
        columns=listed(type_name),
        rows=rows,
        following=_following(criteria, found.next),
        wrong=[_wrong(visit, one, filled) for one in issues],
    )
    status = BAD_REQUEST if issues else 200
    return Page("search.html", type_name, context, _table(type_name, rows), status)


async def _found(visit: Visit, type_name: str, criteria: Pairs) -> tuple[Result, list[Issue]]:
    try:
        query = parse(type_name, criteria)
        limited = msgspec.structs.replace(query, count=query.count or COUNT)
        return await visit.someone.search(limited), []
    except Problem as wrong:
        if wrong.status != BAD_REQUEST:
            raise
        return Result([], []), wrong.issues


def _wrong(visit: Visit, one: Issue, filled: Form) -> dict[str, str]:
    """Tie a problem to the field of the form that it speaks of."""
    own = {filled.field.code: f"field-{filled.field.code}" for filled in filled.fields}
    own |= {name: f"value-{number}" for number, (name, _) in enumerate(filled.others)}
    said = told(one, visit.language)
    text = f"\u2068{one.path}\u2069: {said}" if one.path else said
    return {"field": own.get(one.path, "main"), "text": text}


def _telling(visit: Visit, pairs: Pairs) -> bool:
    type_name = visit.request.path_params["type"]
    known = type_name in RESOURCE_TYPES
    return known and any(tells(type_name, name) for name, _ in asked(type_name, pairs))


def _following(criteria: Pairs, cursor: str) -> Pairs:
    kept = [pair for pair in criteria if pair[0] != "_cursor"]
    return [*kept, ("_cursor", cursor)] if cursor else []


def _row(one: Stored, language: str) -> Row:
    resource = decode(one.body)
    cells = [cell(resource, shown.element, language) for shown in listed(one.type)]
    return Row(one, caption(resource, language), cells)


def _table(type_name: str, rows: list[Row]) -> Table:
    own = [Column(one.code, one.title) for one in listed(type_name)]
    middle = own or [Column("caption", msgid("What it is"))]
    return Table((*FIRST, *middle, *LAST), [_values(row, own) for row in rows])


def _values(row: Row, own: list[Column]) -> dict[str, Any]:
    one = row.stored
    cells = zip(own, row.cells, strict=True)
    middle = {c.name: cell.text for c, cell in cells} if own else {"caption": row.caption}
    return {"type": one.type, "id": one.id, **middle, "version": one.version} | {
        "updated": one.updated
    }
