"""Run searches on PostgreSQL: exact answers, stable pages, nothing the reader may not see."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from nabd.errors import problem
from nabd.fhir.search.query import Query
from nabd.store.connection import Connection
from nabd.store.read import stored
from nabd.store.search import chains, cursor, includes, page
from nabd.store.search.conditions import Conditions
from nabd.store.search.cursor import Cursor
from nabd.store.search.sight import Scope, Sight
from nabd.store.search.statement import Statement
from nabd.store.values import Stored

__all__ = ["Result", "Scope", "Sight", "search"]

#: Entries on a page, where the search does not say.
COUNT = 20
#: What takes longer would keep a connection from many who wait for it.
SECONDS = 60


class Result(msgspec.Struct):
    """One page: ``total`` is None when it was not asked for and one page does not tell it."""

    matches: list[Stored]
    included: list[Stored]
    total: int | None = None
    #: the cursor of the next page, "" on the last
    next: str = ""


async def search(
    connection: Connection,
    query: Query,
    scope: Scope,
    *,
    open_types: tuple[str, ...] = (),
    readable: frozenset[str] | None = None,
) -> Result:
    """Answer a search with one page.

    ``scope``, ``open_types`` and ``readable`` hold for the matches, for everything that chains
    touch, and for what is included.  Raises Problem N2521 for a strange cursor, N2522 for too many
    includes, N2525 for a hierarchy too large, and N2529 for what takes longer than ``SECONDS``.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _answer(connection, query, Sight(scope, open_types, readable))
    except TimeoutError:
        raise problem("N2529", "", seconds=SECONDS) from None


async def _answer(connection: Connection, query: Query, sight: Sight) -> Result:
    where = [await chains.resolve(connection, sight, node) for node in query.where]
    query = msgspec.structs.replace(query, where=tuple(where))
    if query.summary == "count":
        return Result([], [], await _total(connection, query, sight))
    count = query.count or COUNT
    rows = await page.fetch(connection, query, sight, count)
    more, rows = len(rows) > count, rows[:count]
    included = await includes.follow(connection, query, sight, rows)
    return Result(
        await stored(connection, rows),
        await stored(connection, included),
        await _told(connection, query, sight, rows, more),
        _next(query, rows[-1]) if more else "",
    )


async def _told(
    connection: Connection, query: Query, sight: Sight, rows: list[Any], more: bool
) -> int | None:
    """Tell the total: it costs nothing when all matches are on the page."""
    if not more and not query.cursor:
        return len(rows)
    return None if query.total == "none" else await _total(connection, query, sight)


async def _total(connection: Connection, query: Query, sight: Sight) -> int:
    statement = Statement()
    where = Conditions(statement, sight).rows("r", query.types, query.where)
    text = f"select count(*) from resource r where {where}"
    found: int = await connection.fetchval(text, *statement.values)
    return found


def _next(query: Query, last: Any) -> str:
    values = tuple(cursor.plain(last[f"s{place}"]) for place in range(len(query.sort)))
    return cursor.write(Cursor(last["snapshot"], last["key"], values))
