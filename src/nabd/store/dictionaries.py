"""The dictionaries of a database: those of the release first, better ones when trained."""

from __future__ import annotations

from typing import Any

from nabd.fhir.definitions import TYPE_NAME, TYPE_NUMBER
from nabd.store.body import SAMPLES, dictionary_id, pack, shipped, train
from nabd.store.connection import Connection
from nabd.store.read import learn

INSERT = """insert into dictionary (id, type, version, data)
  select $1, $2, coalesce(max(version), 0) + 1, $3 from dictionary where type = $2
  on conflict do nothing"""

TYPES = "select type, count(*) from resource where not deleted group by type order by type"
BODIES = """select dictionary, body from resource where not deleted and type = $1
  order by updated desc limit $2"""


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


async def retrain(connection: Connection) -> list[dict[str, Any]]:
    """Train a dictionary for each type on its latest resources, and tell the types that got one.

    What is stored stays as it is; new versions take the new dictionary. Its bytes hold fragments
    of resources: it is kept where they are, in the database and its backups.
    """
    trained: list[dict[str, Any]] = []
    for number, count in await connection.fetch(TYPES):
        rows = await connection.fetch(BODIES, number, SAMPLES)
        await learn(connection, rows)
        data = train([connection.bodies.open(*row) for row in rows])
        if data:
            await add(connection, number, pack(data))
            trained.append({"type": TYPE_NAME[number], "resources": count, "bytes": len(data)})
    await connection.bodies.refresh(connection)
    return trained
