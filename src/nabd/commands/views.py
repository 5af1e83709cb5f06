"""``nabd views``: list the live tables, compare them with their views, fill them anew."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace

from nabd.commands import Command, Context
from nabd.commands.house import House, opened
from nabd.commands.terminal import Bar
from nabd.commands.texts import text
from nabd.fhir.view import View
from nabd.store import tables

EXAMPLES = """\
  nabd views list
  nabd views verify
  nabd views rebuild place bed_count"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    actions = ("list", "verify", "rebuild")
    parser.add_argument("action", choices=actions, help=text("views.action", language))
    parser.add_argument("name", nargs="*", metavar="NAME", help=text("views.name", language))


def run(context: Context, options: Namespace) -> int:
    """List, verify or rebuild; 1 when a table differs from its view."""
    return asyncio.run(_run(context, options))


async def _run(context: Context, options: Namespace) -> int:
    async with opened(context.settings) as house:
        if options.action == "list":
            async with house.store.read() as connection:
                context.terminal.table(await tables.status(connection))
            return 0
        registered = house.store.laws.views
        views = [tables.view_named(registered, name) for name in options.name] or registered
        with context.terminal.progress(options.action) as bar:
            if options.action == "rebuild":
                return await _rebuild(house, context, views, bar)
            return await _verify(house, context, views, bar)


async def _rebuild(
    house: House, context: Context, views: list[View] | tuple[View, ...], bar: Bar
) -> int:
    for view in views:
        async with house.store.connection() as connection:
            await tables.rebuild(connection, view, lambda _, done, total: bar(done, total))
    async with house.store.read() as connection:
        context.terminal.table(await tables.status(connection))
    return 0


async def _verify(
    house: House, context: Context, views: list[View] | tuple[View, ...], bar: Bar
) -> int:
    found = []
    for view in views:
        async with house.store.snapshot() as connection:
            found.append(
                await tables.verify(connection, view, lambda _, done, total: bar(done, total))
            )
    names = ("table", "resources", "wrong", "missing", "clean")
    context.terminal.table([{name: getattr(one, name) for name in names} for one in found])
    return 0 if all(one.clean for one in found) else 1


COMMAND = Command(arguments, run, EXAMPLES)
