"""Write ``src/nabd/store/schema.sql``: the sum of all migrations, as PostgreSQL tells it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from nabd.store import Store
from nabd.store.schema import SNAPSHOT, describe
from nabd.store.server import Server


async def _migrate(dsn: str) -> None:
    store = await Store.open(dsn, size=1)
    await store.close()


def main() -> None:
    """Make an empty database, migrate it, describe it."""
    with tempfile.TemporaryDirectory() as folder, Server.start(Path(folder) / "pg") as server:
        asyncio.run(_migrate(server.dsn()))
        SNAPSHOT.write_text(describe(server.dsn()))


if __name__ == "__main__":
    main()
