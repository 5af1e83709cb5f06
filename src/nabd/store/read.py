"""Read a resource, or one of its versions: one row by its key, and no JSON is parsed."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from nabd.fhir.definitions import TYPE_NAME, TYPE_NUMBER
from nabd.fhir.search import key as key_of
from nabd.store.connection import Connection
from nabd.store.values import Stored

_COLUMNS = itemgetter("type", "id", "version", "updated", "deleted", "dictionary", "body")
COLUMNS = "type, id, version, updated, deleted, dictionary, body"
"""What ``stored`` needs of a row of ``resource``, or of ``history`` joined with it for the id."""

CURRENT = f"select {COLUMNS} from resource where key = $1 and id = $2 and type = $3"
MANY = f"select {COLUMNS} from resource where key = any($1)"
SUPERSEDED = """select h.type, r.id, h.version, h.updated, h.deleted, h.dictionary, h.body
  from history h join resource r using (key)
  where h.key = $1 and r.id = $2 and h.version = $3"""


async def read(connection: Connection, type_name: str, id_: str) -> Stored | None:
    """Return the current version, which may be a tombstone; ``None`` if there never was one."""
    row = await connection.fetchrow(
        CURRENT, key_of(type_name, id_), id_, TYPE_NUMBER.get(type_name, 0)
    )
    return None if row is None else (await stored(connection, [row]))[0]


async def read_many(
    connection: Connection, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Stored]:
    """Return what exists of ``wanted`` (type, id), in one round trip."""
    pairs = set(wanted)
    rows = await connection.fetch(MANY, [key_of(*pair) for pair in pairs])
    found = {(one.type, one.id): one for one in await stored(connection, rows)}
    return {pair: found[pair] for pair in pairs if pair in found}


async def read_version(
    connection: Connection, type_name: str, id_: str, version: int
) -> Stored | None:
    """Return one version, current or superseded; ``None`` if there never was one."""
    current = await read(connection, type_name, id_)
    if current is None or current.version == version:
        return current
    row = await connection.fetchrow(SUPERSEDED, key_of(type_name, id_), id_, version)
    return None if row is None else (await stored(connection, [row]))[0]


async def stored(connection: Connection, rows: list[Any]) -> list[Stored]:
    """Open the bodies of rows with ``COLUMNS``; a dictionary not yet known is read once."""
    await learn(connection, rows)
    opened = connection.bodies.open
    return [
        Stored(TYPE_NAME[type_], id_, version, updated, deleted, opened(dictionary, body))
        for type_, id_, version, updated, deleted, dictionary, body in map(_COLUMNS, rows)
    ]


async def learn(connection: Connection, rows: list[Any]) -> None:
    """Make sure that the bodies of ``rows`` can be opened: another process may have trained."""
    bodies = connection.bodies
    if not all(bodies.knows(row["dictionary"]) for row in rows):
        await bodies.refresh(connection)
