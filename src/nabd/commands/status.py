"""``nabd status``: what the database holds, and whether the law of counts is kept."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Any

from nabd import __version__
from nabd.commands import Command, Context
from nabd.commands.house import House, opened
from nabd.fhir.definitions import TYPE_NAME
from nabd.store import Connection, batch, quarantine, tables
from nabd.store.migrate import version

EXAMPLES = """\
  nabd status
  nabd status --json"""

BY_TYPE = "select type, count(*) from resource where not deleted group by type order by 2 desc"
SIZE = "select pg_database_size(current_database())"
SERVER = "select current_setting('server_version')"


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare nothing."""


def run(context: Context, options: Namespace) -> int:
    """Tell versions, sizes, resources by type, batches, quarantine and live tables."""
    found = asyncio.run(_run(context))
    terminal = context.terminal
    if terminal.as_json:
        terminal.json(found)
        return 0
    terminal.record(found["database"])
    for title in ("resources", "batches", "quarantine", "tables"):
        terminal.line()
        terminal.say(f"status.{title}")
        terminal.table(found[title])
    return 0


async def _run(context: Context) -> dict[str, Any]:
    async with opened(context.settings) as house, house.store.snapshot() as connection:
        return {
            "database": await _database(house, connection),
            "resources": [
                {"type": TYPE_NAME[row["type"]], "count": row["count"]}
                for row in await connection.fetch(BY_TYPE)
            ],
            "batches": [_batch(one) for one in await batch.recent(connection, 10)],
            "quarantine": [
                {"state": state, "count": count}
                for state, count in (await quarantine.counts(connection)).items()
            ],
            "tables": [_table(one) for one in await tables.status(connection)],
        }


async def _database(house: House, connection: Connection) -> dict[str, Any]:
    return {
        "nabd": __version__,
        "postgresql": await connection.fetchval(SERVER),
        "schema": await version(connection),
        "bytes": await connection.fetchval(SIZE),
    }


def _batch(one: batch.Batch) -> dict[str, Any]:
    names = ("id", "source", "state", "received", "stored", "unchanged", "quarantined", "started")
    return {name: getattr(one, name) for name in names}


def _table(one: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "state", "done", "total", "estimate")
    return {name: one[name] for name in kept}


COMMAND = Command(arguments, run, EXAMPLES)
