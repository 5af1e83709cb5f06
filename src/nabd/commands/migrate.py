"""``nabd migrate``: bring the database to this version."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from nabd.commands import Command, Context
from nabd.commands.house import opened
from nabd.commands.texts import text
from nabd.store import reindex
from nabd.store.dictionaries import retrain
from nabd.store.migrate import version

EXAMPLES = """\
  nabd migrate
  nabd migrate --retrain
  nabd migrate --reindex
  NABD_DATABASE_URL=postgresql://nabd@db/nabd nabd migrate --json"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments; there is one direction, forward."""
    parser.add_argument("--retrain", action="store_true", help=text("migrate.retrain", language))
    parser.add_argument("--reindex", action="store_true", help=text("migrate.reindex", language))


def run(context: Context, options: Namespace) -> int:
    """Apply the missing migrations and make the missing live tables."""
    number = asyncio.run(_run(context, options.retrain, options.reindex))
    if context.terminal.as_json:
        context.terminal.json({"version": number})
    context.terminal.say("migrate.done", version=number)
    return 0


async def _run(context: Context, retrained: bool, indexed: bool) -> int:
    async with opened(context.settings) as house:
        if indexed:
            with context.terminal.progress(
                text("migrate.reindex", context.terminal.language)
            ) as bar:
                await reindex.rebuild(house.store, bar)
        async with house.store.connection() as connection:
            if retrained:
                context.terminal.table(await retrain(connection))
            return await version(connection)


COMMAND = Command(arguments, run, EXAMPLES)
