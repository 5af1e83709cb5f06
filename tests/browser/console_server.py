"""A console for the browser tests: a small synthetic country, served on a free port.

Run as ``python console_server.py DSN FOLDER``; prints the address on a line of its own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import asyncpg
import uvicorn

from nabd import slices
from nabd.access import Door, accounts
from nabd.access.custodians import batch_scope
from nabd.access.rules import Place
from nabd.config import Settings
from nabd.demo.cases import waiting
from nabd.demo.country import SEED, Part, parts
from nabd.identity.linking import link_all
from nabd.identity.model import load
from nabd.intake import Report, keep
from nabd.store import Stamp, Store
from nabd.web.app import Application

PASSWORD = "olive-tree-27"
PEOPLE = 60
MOST_RECORDS = 16_000  # of one source: the facility register fits, the workforce is cut


async def main(dsn: str, folder: Path) -> None:
    """Fill a database of its own and serve it until the process is told to end."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("create database console")
    await connection.close()
    own = dsn.replace("/postgres?", "/console?")
    store = await Store.open(own, slices.laws(), size=4)
    for part in _small():
        await _load(store, part)
    await link_all(Door(store, slices.queries()).system(), load(), opening=waiting)
    await _people(store)
    await store.close()
    await _serve(Application(Settings(home=folder), own))


def _small() -> Iterator[Part]:
    for part in parts(PEOPLE, SEED):
        limit = 1_500 if "Workforce" in part.name else MOST_RECORDS
        yield Part(part.name, islice(part.records, limit), 0)


async def _load(store: Store, part: Part) -> None:
    async with store.connection() as connection:
        scope = await batch_scope(connection, slices.queries())
    await keep(
        store,
        part.records,
        source=part.name,
        mark="browser",
        report=Report(),
        stamp=Stamp("demo", "browser tests"),
        laws=slices.laws,
        scope=scope,
        workers=0,
    )


async def _people(store: Store) -> None:
    for name, role, place in (
        ("admin", "admin", Place()),
        ("djamel", "planner", Place()),
        ("salma", "steward", Place("region", "06")),
    ):
        await accounts.create(store, name, role, place, PASSWORD, name.title())
    facility = (
        await Door(store, slices.queries())
        .system()
        .patch("Organization", "demo-0257", lambda old: {**old, "alias": ["Old name"]})
    )
    assert facility.stored.version == 2


async def _serve(app: Application) -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await task


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
