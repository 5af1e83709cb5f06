"""``nabd link``: find which records are one person."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from nabd.commands import Command, Context
from nabd.commands.house import House, catch_up, opened
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.identity.linking import READER
from nabd.identity.register import link_register
from nabd.store import Connection
from nabd.store.feed import Position
from nabd.store.follow import move, waiting

EXAMPLES = """\
  nabd link
  nabd link --all --json
  nabd link --register"""

COUNTS = """select count(distinct person_id) as identities, count(*) as records,
    (select count(*) from live.identity_case where outcome = 'linked') as linked,
    (select count(*) from live.identity_case where outcome = 'open') as open_cases
  from live.identity_link"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("--all", action="store_true", help=text("link.all", language))
    parser.add_argument("--register", action="store_true", help=text("link.register", language))


def run(context: Context, options: Namespace) -> int:
    """Link, and tell how many records, identities and open cases there are."""
    context.terminal.record(asyncio.run(_run(context, options)))
    return 0


async def _run(context: Context, options: Namespace) -> dict[str, object]:
    async with opened(context.settings) as house:
        if options.all:
            async with house.store.transaction() as connection:
                await move(connection, READER, Position(0, -(2**63)))
        report = await _register(context, house) if options.register else {}
        return {"linked_now": await _linked(context, house), **report, **await _counts(house)}


async def _register(context: Context, house: House) -> dict[str, object]:
    """Link the whole register with Splink; Problem N6117 where it is not installed."""
    session = house.door.system("HOPERAT")
    with context.terminal.progress(text("link.linking", context.terminal.language)) as bar:
        try:
            found = await link_register(session, lambda _, share: bar(round(share * 100), 100))
        except ModuleNotFoundError as error:
            raise problem("N6117") from error
    return found.report._asdict()


async def _linked(context: Context, house: House) -> int:
    async with house.store.read() as connection:
        total = await _waiting(connection)
    with context.terminal.progress(text("link.linking", context.terminal.language)) as bar:
        return await catch_up(house, lambda done: bar(done, total))


async def _waiting(connection: Connection) -> int:
    return await waiting(connection, READER, ("Patient",))


async def _counts(house: House) -> dict[str, int]:
    async with house.store.read() as connection:
        return dict(await connection.fetchrow(COUNTS))


COMMAND = Command(arguments, run, EXAMPLES)
