"""Fetch the rows of one page, and one more that tells whether there is another."""

from __future__ import annotations

from typing import Any

from nabd.fhir.search.query import Query
from nabd.store.connection import Connection
from nabd.store.read import COLUMNS
from nabd.store.search import cursor, order
from nabd.store.search.conditions import Conditions
from nabd.store.search.cursor import Cursor
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement


async def fetch(connection: Connection, query: Query, sight: Sight, count: int) -> list[Any]:
    """Fetch up to ``count`` + 1 rows.

    Where nothing narrows the search, an order by date is read from the index of dates, which ends
    after one page.  What has no date comes last and is not in that index: a page that it cannot
    fill is fetched by sorting.
    """
    begin = cursor.read(query.cursor, len(query.sort)) if query.cursor else None
    if order.is_indexed(query.sort, begin) and not Conditions(Statement(), sight).start(
        query.where
    ):
        rows = await _fetch(connection, query, sight, count, begin, True)
        if len(rows) > count:
            return rows
    return await _fetch(connection, query, sight, count, begin, False)


async def _fetch(
    connection: Connection,
    query: Query,
    sight: Sight,
    count: int,
    begin: Cursor | None,
    indexed: bool,
) -> list[Any]:
    statement = Statement()
    conditions = Conditions(statement, sight)
    where = [conditions.rows("r", query.types, query.where)]
    walked = conditions.start(query.where) in ("ranges", "")
    tables, values = "resource r", _values(statement, query, sight, indexed)
    if indexed:
        tables = "resource r join date_value d on d.key = r.key"
        where.append(order.first_dates(statement, query.sort[0], begin))
    if begin:
        where.append(_known(statement, begin))
    columns = ", ".join(["r.key", *(f"r.{c}" for c in COLUMNS.split(", ")), *values])
    snapshot = _snapshot(statement, begin)
    inner = f"select {columns}, {snapshot} from {tables} where {' and '.join(where)}"
    after = f" where {order.after(statement, query.sort, begin, 'r')}" if begin else ""
    ordered = order.order_by(query.sort, "r", walked, indexed)
    limit = statement.bind(count + 1, "int")
    text = f"select * from ({inner}) r{after} order by {ordered} limit {limit}"
    rows: list[Any] = await connection.fetch(text, *statement.values)
    return rows


def _values(statement: Statement, query: Query, sight: Sight, indexed: bool) -> list[str]:
    return [
        "d.lo as s0"
        if indexed and place == 0
        else f"{order.expression(statement, 'r', sort, sight)} as s{place}"
        for place, sort in enumerate(query.sort)
    ]


def _known(statement: Statement, begin: Cursor) -> str:
    """Leave out what is new since the first page; what was only changed stays."""
    snapshot = statement.bind(begin.snapshot, "text")
    return f"(r.version > 1 or pg_visible_in_snapshot(r.tx, {snapshot}::pg_snapshot))"


def _snapshot(statement: Statement, begin: Cursor | None) -> str:
    if begin:
        return f"{statement.bind(begin.snapshot, 'text')} as snapshot"
    return "(select pg_current_snapshot()::text) as snapshot"
