"""The dictionaries of a database: those of the release first, better ones when trained."""

from __future__ import annotations

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.store.body import dictionary_id, shipped
from nabd.store.connection import Connection

INSERT = """insert into dictionary (id, type, version, data)
  select $1, $2, coalesce(max(version), 0) + 1, $3 from dictionary where type = $2
  on conflict do nothing"""


async def ensure(connection: Connection) -> None:
    """Give a new database the dictionaries of this release, then learn all it has."""
    have = {row[0] for row in await connection.fetch("select distinct type from dictionary")}
    missing = {n: d for n, d in shipped().items() if TYPE_NUMBER[n] not in have}
    for name, data in missing.items():
        await add(connection, TYPE_NUMBER[name], data)
    await connection.bodies.refresh(connection)


async def add(connection: Connection, type_number: int, data: bytes) -> None:
    """Keep a packed dictionary; from now on new bodies of the type use it."""
    await connection.execute(INSERT, dictionary_id(data), type_number, data)
