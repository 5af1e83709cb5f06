"""One resource: its elements, its history with differences, its JSON, and who saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from nabd.access import audit as log
from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES
from nabd.fhir.json import Json, decode
from nabd.store import Stored
from nabd.web.console.audit import as_table, whole
from nabd.web.console.endpoint import signed_in
from nabd.web.console.listing import listing_routes
from nabd.web.console.resource import Change, caption, changes, flat
from nabd.web.console.visit import Visit

MOST_VERSIONS = 200
ELEMENTS = (
    Column("path", msgid("Element"), "code"),
    Column("value", msgid("Value"), "text"),
)
VERSIONS = (
    Column("version", msgid("Version"), "number"),
    Column("updated", msgid("Changed"), "moment"),
    Column("deleted", msgid("Deleted"), "code"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every view of a resource."""

    type: str
    id: str
    caption: str
    tab: str
    version: int | None = None
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """The elements of a resource."""

    head: Head
    resource: Json


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a resource, and what changed between two of them."""

    head: Head
    versions: Sequence[Stored]
    old: int
    new: int
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Accesses:
    """Who saw or changed a resource."""

    head: Head
    rows: Sequence[log.Access]
    following: int | None


def routes() -> Iterator[Route]:
    """Yield the routes of a resource."""
    path = "/records/{type}/{id}"
    yield from listing_routes(f"{path}/history", history, "resources")
    yield from listing_routes(f"{path}/access", access, "audit")
    yield Route(f"{path}/source", signed_in(source, "resources"))
    yield from listing_routes(path, details, "resources")


async def details(visit: Visit) -> Page:
    """Show a resource, or one version of it, so that a person can read it."""
    type_name, id_ = _named(visit)
    version = whole(visit.request.query_params.get("version", ""))
    if version is None:
        stored = await visit.someone.read(type_name, id_)
    else:
        stored = await visit.someone.read_version(type_name, id_, version)
    resource = decode(stored.body)
    rows = [{"path": path, "value": value} for path, value in flat(resource)]
    head = Head(type_name, id_, caption(resource, visit.language), "details", version, stored)
    return Page("record.html", type_name, Details(head, resource), Table(ELEMENTS, rows))


async def source(visit: Visit) -> Response:
    """Show the resource as JSON."""
    stored = await visit.someone.read(*_named(visit))
    text = msgspec.json.format(stored.body, indent=2).decode()
    said = caption(decode(stored.body), visit.language)
    head = Head(stored.type, stored.id, said, "source", None, stored)
    return visit.show("record-json.html", {"head": head, "text": text})


async def history(visit: Visit) -> Page:
    """List the versions, and show what changed between two of them."""
    type_name, id_ = _named(visit)
    versions = (await visit.someone.history(type_name, id_, count=MOST_VERSIONS)).entries
    bodies = {one.version: decode(one.body) if one.body else {} for one in versions}
    new = _choice(visit, "to", bodies, versions[0].version)
    before = max((number for number in bodies if number < new), default=new)
    old = _choice(visit, "from", bodies, before)
    captions = (caption(one, visit.language) for one in bodies.values())
    context = History(
        head=Head(type_name, id_, next(filter(None, captions), ""), "history"),
        versions=versions,
        old=old,
        new=new,
        changes=list(changes(bodies[old], bodies[new])),
    )
    rows = [{c.name: getattr(one, c.name) for c in VERSIONS} for one in versions]
    return Page("record-history.html", type_name, context, Table(VERSIONS, rows))


async def access(visit: Visit) -> Page:
    """List who saw or changed the resource; the reader of this list needs no sight of it."""
    type_name, id_ = _named(visit)
    before = whole(visit.request.query_params.get("before", ""))
    async with visit.store.read() as connection:
        found, following = await log.of_resource(connection, type_name, id_, before=before)
    await visit.someone.note("audit", type_name, id_)
    context = Accesses(Head(type_name, id_, "", "access"), found, following)
    return Page("record-access.html", type_name, context, as_table(found))


def _named(visit: Visit) -> tuple[str, str]:
    type_name: str = visit.request.path_params["type"]
    if type_name not in RESOURCE_TYPES:
        raise problem("N7501")
    return type_name, visit.request.path_params["id"]


def _choice(visit: Visit, name: str, bodies: dict[int, Any], otherwise: int) -> int:
    """Read the number of a version that exists."""
    asked = whole(visit.request.query_params.get(name, ""))
    return asked if asked in bodies else otherwise
