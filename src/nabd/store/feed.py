"""The change feed: every version ever written, in an order in which nothing comes late.

It is the union of ``resource`` and ``history`` by (transaction, key, version), read up to the
oldest transaction that is still open: whoever follows the feed misses no late commit, and
nothing is written twice for it.
https://www.postgresql.org/docs/16/functions-info.html#FUNCTIONS-PG-SNAPSHOT
"""

from __future__ import annotations

from typing import NamedTuple

from nabd.store.connection import Connection
from nabd.store.read import stored
from nabd.store.values import Stored


class Position(NamedTuple):
    """A place in the feed: all up to and including it has been seen."""

    tx: int = 0
    key: int = 0
    version: int = 0


class Change(NamedTuple):
    """One version, and the position to continue from after it."""

    position: Position
    stored: Stored


CHANGES = """
  with bound as (select pg_snapshot_xmin(pg_current_snapshot()) as xmin)
  select * from (
    (select r.tx::text::bigint as tx, r.key, r.version, r.type, r.id, r.updated, r.deleted,
            r.dictionary, r.body
     from resource r, bound where r.tx < bound.xmin and r.tx >= $1::text::xid8
       and (r.tx > $1::text::xid8 or (r.key, r.version) > ($2, $3))
     order by r.tx, r.key, r.version limit $4)
    union all
    (select h.tx::text::bigint, h.key, h.version, h.type, r.id, h.updated, h.deleted,
            h.dictionary, h.body
     from history h join resource r using (key), bound
     where h.tx < bound.xmin and h.tx >= $1::text::xid8
       and (h.tx > $1::text::xid8 or (h.key, h.version) > ($2, $3))
     order by h.tx, h.key, h.version limit $4)
  ) c order by tx, key, version limit $4"""


async def changes(
    connection: Connection, after: Position | None = None, limit: int = 1_000
) -> list[Change]:
    """Return what follows ``after``; an empty list says that nothing new is certain yet."""
    start = after or Position(0, -(2**63), 0)
    rows = await connection.fetch(CHANGES, str(start.tx), start.key, start.version, limit)
    values = await stored(connection, rows)
    return [
        Change(Position(row["tx"], row["key"], row["version"]), one)
        for row, one in zip(rows, values, strict=True)
    ]
