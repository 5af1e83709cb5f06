"""Follow references from the matches, and to them: ``_include`` and ``_revinclude``.

A reference's term without its mask is its target's key, so both directions are joins; no body is
opened.  http://hl7.org/fhir/R4/search.html#revinclude
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nabd.errors import problem
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search.query import Include, Query
from nabd.store.connection import Connection
from nabd.store.read import COLUMNS
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement

#: More than this beside one page is a bulk export.
MOST_INCLUDED = 10_000


async def follow(
    connection: Connection, query: Query, sight: Sight, matches: list[Any]
) -> list[Any]:
    """Fetch the rows that the matches include, each once; ``:iterate`` goes on from them."""
    seen = {row["key"] for row in matches}
    included: list[Any] = []
    fresh, repeated = matches, False
    while fresh:
        found: list[Any] = []
        for include, reverse in _all(query):
            if include.iterate or not repeated:
                found += await _fetch(connection, include, reverse, sight, fresh, seen)
        fresh, repeated = found, True
        included += found
    return included


def _all(query: Query) -> list[tuple[Include, bool]]:
    return [(one, False) for one in query.include] + [(one, True) for one in query.revinclude]


async def _fetch(
    connection: Connection,
    include: Include,
    reverse: bool,
    sight: Sight,
    rows: Collection[Any],
    seen: set[int],
) -> list[Any]:
    source = TYPE_NUMBER[include.source]
    if reverse:
        numbers = {TYPE_NUMBER[t] for t in include.targets}
        keys = [row["key"] for row in rows if not numbers or row["type"] in numbers]
    else:
        keys = [row["key"] for row in rows if row["type"] == source]
    if not keys or not include.masks:
        return []
    statement = (_referring if reverse else _referred)(include, sight, keys)
    text, values = statement
    found = [row for row in await connection.fetch(text, *values) if row["key"] not in seen]
    seen.update(row["key"] for row in found)
    if len(seen) > MOST_INCLUDED:
        raise problem("N2522", "_revinclude" if reverse else "_include", most=MOST_INCLUDED)
    return found


def _referred(include: Include, sight: Sight, keys: list[int]) -> tuple[str, list[Any]]:
    """Select what the rows refer to."""
    statement = Statement()
    wanted = statement.bind(keys, "bigint[]")
    masks = statement.bind(list(include.masks), "bigint[]")
    seen = " and ".join(sight.condition(statement, "r", include.targets))
    targets = (
        "select t # m from resource o, unnest(o.terms) t, "
        f"unnest({masks}) m where o.key = any({wanted})"
    )
    limit = f"order by r.key limit {MOST_INCLUDED + 1}"
    text = f"select key, {COLUMNS} from resource r where r.key = any(array({targets})) and {seen}"
    return f"{text} {limit}", statement.values


def _referring(include: Include, sight: Sight, keys: list[int]) -> tuple[str, list[Any]]:
    """Select what refers to the rows."""
    statement = Statement()
    terms = statement.bind([key ^ mask for key in keys for mask in include.masks], "bigint[]")
    seen = " and ".join(sight.condition(statement, "r", (include.source,)))
    limit = f"order by r.key + 0 limit {MOST_INCLUDED + 1}"
    text = f"select key, {COLUMNS} from resource r where r.terms && {terms} and {seen} {limit}"
    return text, statement.values
