"""Rows of named queries that are kept in memory while nobody writes.

A country's figures are the same for every reader between two writes, and dear to add up.  They are
kept under the newest transaction that wrote a resource; and only when no older transaction was
still running, because one that commits late would not change that number.

Counts over everything may be asked to be a little old instead: a country writes at all hours, and
a page that says when it counted need not count again for each reader.
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
    newest: int | None
    since: float
    rows: Rows


class Remembered:
    """What one process has seen, by query and values."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], _Known] = {}

    async def rows(
        self, connection: Connection, sql: str, values: Sequence[Any], old: float = 0.0
    ) -> Rows:
        """Return the rows of now, or of ``old`` seconds ago: from memory when that is true."""
        newest, oldest = await connection.fetchrow(NEWEST)
        key = (sql, *(tuple(one) if isinstance(one, list) else one for one in values))
        known = self._known.get(key)
        if known and time.monotonic() - known.since < _lasts(known, newest, old):
            return known.rows
        rows: Rows = await connection.fetch(sql, *values)
        settled = newest is not None and newest < oldest
        if settled or old:
            self._keep(key, _Known(newest if settled else None, time.monotonic(), rows))
        return rows

    def _keep(self, key: tuple[Any, ...], known: _Known) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = known


def _lasts(known: _Known, newest: int | None, old: float) -> float:
    """Say for how many seconds something known may be told: longer while nobody wrote since."""
    unchanged = known.newest is not None and known.newest == newest
    return max(SECONDS, old) if unchanged else old
