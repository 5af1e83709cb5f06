"""Where facilities lie, for scope terms: asked of a query of the registry, and remembered.

The query is named ``custody``; it takes ``:ids`` (text[]) and gives ``id`` and ``code`` rows: an
organisation and an HCP code of the place that it lies in (province, region).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nabd.access.custody import Places, custodians_named, scope_of_resource
from nabd.access.queries import NamedQuery
from nabd.access.rules import custodian_term
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import Json, decode
from nabd.fhir.search import key
from nabd.store import Connection
from nabd.store.read import COLUMNS, stored
from nabd.store.row import scope_of

QUERY = "custody"
LASTS = 60.0  # seconds: a facility seldom moves
KEPT = f"select {COLUMNS}, terms from resource where key = any($1) and not deleted"
# an organisation carries the term of its own custody, which so leads back to its id
ORGANIZATIONS = "select id from resource where terms && $1::bigint[] and type = $2"


class Custodians:
    """The places of organisations, remembered for a minute."""

    def __init__(self, queries: Mapping[str, NamedQuery]) -> None:
        self._query = queries.get(QUERY)
        self._places: dict[str, tuple[str, ...]] = {}
        self._until = 0.0

    async def places(self, connection: Connection, ids: Iterable[str]) -> Places:
        """Return what is known of these organisations; those without a place are left out."""
        if time.monotonic() > self._until:
            self._places, self._until = {}, time.monotonic() + LASTS
        missing = [one for one in ids if one not in self._places]
        if missing and self._query:
            self._places |= await places(connection, self._query, missing)
        return self._places


async def places(
    connection: Connection, query: NamedQuery, ids: Iterable[str] | None
) -> dict[str, tuple[str, ...]]:
    """Ask for the places of organisations, of all when ``ids`` is ``None``."""
    found: dict[str, tuple[str, ...]] = {}
    wanted = None if ids is None else list(ids)
    for row in await connection.fetch(query.sql, *query.arrange({"ids": wanted})):
        found[row["id"]] = (*found.get(row["id"], ()), row["code"])
    return found


async def keepers(
    connection: Connection, type_name: str, ids: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return by id who answers for resources: the Organizations each of which sees the resource.

    What names none was kept for its writer's facility, or its batch's: that the store knows, from
    the first of its scope terms. One that nobody answers for is left out.
    """
    rows = await connection.fetch(KEPT, [key(type_name, one) for one in ids])
    found: dict[str, tuple[str, ...]] = {}
    first: dict[str, int] = {}
    for row, one in zip(rows, await stored(connection, rows), strict=True):
        if named := custodians_named(decode(one.body)):
            found[one.id] = named
        elif scope := scope_of(row["terms"]):
            first[one.id] = scope[0]
    known = await _organizations(connection, {*first.values()})
    return found | {id_: (known[term],) for id_, term in first.items() if term in known}


async def _organizations(connection: Connection, terms: set[int]) -> dict[int, str]:
    """Return by their terms the custodians that these are; a place's term is nobody's."""
    if not terms:
        return {}
    rows = await connection.fetch(ORGANIZATIONS, [*terms], TYPE_NUMBER["Organization"])
    return {custodian_term(row["id"]): row["id"] for row in rows}


@dataclass(frozen=True)
class BatchScope:
    """The scope terms of a batch's resources: a value that worker processes can be given."""

    source: str = ""
    places: Places = field(default_factory=dict)

    def __call__(self, resource: Json) -> tuple[int, ...]:
        """Return the scope terms of one resource."""
        return scope_of_resource(resource, self.places, source=self.source)


async def batch_scope(
    connection: Connection, queries: Mapping[str, NamedQuery], source: str = ""
) -> BatchScope:
    """Prepare the scope of a batch whose resources come from the organisation ``source``."""
    query = queries.get(QUERY)
    return BatchScope(source, await places(connection, query, None) if query else {})
