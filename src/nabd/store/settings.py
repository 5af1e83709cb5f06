"""Values that a deployment keeps in its database, such as the model that judges identities."""

from __future__ import annotations

from typing import Any

import msgspec

from nabd.store.connection import Connection

READ = "select value from setting where name = $1"
WRITE = """insert into setting (name, value) values ($1, $2)
  on conflict (name) do update set value = excluded.value, changed = now()"""


async def read(connection: Connection, name: str) -> Any:
    """Return a value, None when it was never set."""
    found = await connection.fetchval(READ, name)
    return None if found is None else msgspec.json.decode(found)


async def write(connection: Connection, name: str, value: Any) -> None:
    """Set a value: anything that JSON can say."""
    await connection.execute(WRITE, name, msgspec.json.encode(value).decode())
