"""Rows of named queries that are kept in memory while nobody writes.

A country's figures are the same for every reader between two writes, and dear to add up.  They are
kept under the newest transaction that wrote a resource; and only when no older transaction was
still running, because one that commits late would not change that number.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nabd.store import Connection

MOST = 512
SECONDS = 60.0  # a live table that is rebuilt writes no resource: it is seen after this long

NEWEST = """select (select tx from resource order by tx desc limit 1)::text::bigint as newest,
  pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest"""

Rows = list[Mapping[str, Any]]


class _Known(NamedTuple):
    newest: int
    until: float
    rows: Rows


class Remembered:
    """What one process has seen, by query and values."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], _Known] = {}

    async def rows(self, connection: Connection, sql: str, values: Sequence[Any]) -> Rows:
        """Return the rows of now: from memory when nothing was written since."""
        newest, oldest = await connection.fetchrow(NEWEST)
        key = (sql, *(tuple(one) if isinstance(one, list) else one for one in values))
        known = self._known.get(key)
        if known and known.newest == newest and time.monotonic() < known.until:
            return known.rows
        rows: Rows = await connection.fetch(sql, *values)
        if newest is not None and newest < oldest:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = _Known(newest, time.monotonic() + SECONDS, rows)
        return rows
