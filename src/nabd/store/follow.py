"""Follow what is current: a reader's place in the change feed, moved in its own transaction.

Whoever does work for each new version (linking, for instance) reads what changed since its place
and commits its work with the new place: after any crash it goes on where it stopped.  A version
that was superseded meanwhile is left out; the newer one comes in its turn.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.store import settings
from nabd.store.connection import Connection
from nabd.store.feed import Position
from nabd.store.read import COLUMNS, stored
from nabd.store.values import Stored

CURRENT = f"""select r.tx::text::bigint as tx, r.key, {COLUMNS}
  from resource r
  where r.type = any($1) and r.tx < $2::text::xid8 and r.tx >= $3::text::xid8
    and (r.tx > $3::text::xid8 or r.key > $4)
  order by r.tx, r.key limit $5"""
HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text"
WAITING = """select count(*) from resource r where r.type = any($1) and r.tx >= $2::text::xid8
  and (r.tx > $2::text::xid8 or r.key > $3)"""
_PREFIX = "place of "
LAST_KEY = 2**63 - 1
LEAP = 10_000  # transactions without anything to do, after which the place moves all the same


async def follow(
    connection: Connection, reader: str, types: Iterable[str], limit: int
) -> list[Stored]:
    """Return the next current versions of ``types`` and move the reader's place past them.

    Call it inside a transaction, one at a time for each reader.
    """
    place = await _place(connection, reader)
    horizon: str = await connection.fetchval(HORIZON)
    numbers = [TYPE_NUMBER[one] for one in types]
    rows = await connection.fetch(CURRENT, numbers, horizon, str(place.tx), place.key, limit)
    if len(rows) == limit:
        await move(connection, reader, Position(rows[-1]["tx"], rows[-1]["key"]))
    elif rows or place.tx < int(horizon) - LEAP:
        await move(connection, reader, Position(int(horizon) - 1, LAST_KEY))
    return await stored(connection, rows)


async def move(connection: Connection, reader: str, place: Position) -> None:
    """Put a reader at a place: before the beginning, ``Position()`` reads all again."""
    await settings.write(connection, _name(reader), place)


async def begin_again(connection: Connection) -> None:
    """Forget the places of all readers: the transactions that they name are of another cluster."""
    await connection.execute("delete from setting where starts_with(name, $1)", _PREFIX)


async def waiting(connection: Connection, reader: str, types: Iterable[str]) -> int:
    """Count what the reader has not seen yet."""
    place = await _place(connection, reader)
    numbers = [TYPE_NUMBER[one] for one in types]
    count: int = await connection.fetchval(WAITING, numbers, str(place.tx), place.key)
    return count


async def _place(connection: Connection, reader: str) -> Position:
    found = await settings.read(connection, _name(reader))
    return Position(0, -(2**63)) if found is None else msgspec.convert(found, Position)


def _name(reader: str) -> str:
    return f"{_PREFIX}{reader}"
