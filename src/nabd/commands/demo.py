"""``nabd demo``: load the synthetic country, and make the accounts to look at it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from nabd.commands import Command, Context, cast, territory
from nabd.commands.house import House, catch_up, opened
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.demo import PEOPLE, SEED, load_demo
from nabd.demo.cases import waiting
from nabd.errors import problem
from nabd.identity.force import in_force
from nabd.identity.linking import link_all
from nabd.store import batch

EXAMPLES = """\
  nabd demo
  nabd demo --people 3600 --seed 7"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    people = text("demo.people", language, default=PEOPLE)
    parser.add_argument("--people", type=at_least(1), default=PEOPLE, metavar="N", help=people)
    parser.add_argument(
        "--seed", type=int, default=SEED, metavar="N", help=text("demo.seed", language)
    )


def run(context: Context, options: Namespace) -> int:
    """Load into an empty database, or go on with a demo that was interrupted."""
    return asyncio.run(_run(context, options))


async def _run(context: Context, options: Namespace) -> int:
    async with opened(context.settings) as house:
        rows = await load(context, house, options.people, options.seed)
    context.terminal.table(rows)
    return 0


async def load(
    context: Context, house: House, people: int = PEOPLE, seed: int = SEED
) -> list[dict[str, str]]:
    """Load the country and make its accounts; N4032 where other data are already."""
    if count := await foreign(house):
        raise problem("N4032", count=count)
    context.terminal.say("demo.wait", people=people)
    with context.terminal.progress(text("demo.loading", context.terminal.language)) as bar:
        await load_demo(house.store, people, lambda _, done, total: bar(done, total), seed)
    with context.terminal.progress(text("link.linking", context.terminal.language)) as bar:
        session = house.door.system("HOPERAT")
        await link_all(session, await in_force(session), bar, waiting)
        await catch_up(house, bar)
    return await cast.prepare(house.store, context.settings.home)


async def is_empty(house: House) -> bool:
    """Say whether nothing was ever loaded, or a demo did not come to its end."""
    async with house.store.read() as connection:
        running = [one for one in await batch.recent(connection, 1) if one.state == "running"]
    return bool(running) or not await _count(house, ())


async def foreign(house: House) -> int:
    """Count the resources that no demo has loaded."""
    return await _count(house, ("demo",))


async def _count(house: House, actors: tuple[str, ...]) -> int:
    """Count the resources that came otherwise than with these actors or with the territory."""
    query = """select count(*) from resource r
      where not exists (select from batch b where b.id = r.batch and b.actor = any($1))"""
    async with house.store.read() as connection:
        count: int = await connection.fetchval(query, [*actors, territory.ACTOR])
    return count


COMMAND = Command(arguments, run, EXAMPLES)
