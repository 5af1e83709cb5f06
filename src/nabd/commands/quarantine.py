"""``nabd quarantine``: look at what could not be stored, correct it, resubmit it, or discard it."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from base64 import b64encode
from pathlib import Path
from typing import Any

from nabd import intake
from nabd.access.custodians import batch_scope
from nabd.commands import Command, Context
from nabd.commands.house import House, opened
from nabd.commands.load import check_paths
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.slices import queries
from nabd.store import quarantine

EXAMPLES = """\
  nabd quarantine list --batch 12
  nabd quarantine show 431
  nabd quarantine correct 431 --file corrected.json --reason "date of birth was misread"
  nabd quarantine resubmit 431
  nabd quarantine discard 431 --reason "test record of the vendor\""""

ACTIONS = ("list", "show", "correct", "resubmit", "discard")


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=ACTIONS, help=text("quarantine.action", language))
    parser.add_argument(
        "number", nargs="?", type=at_least(1), help=text("quarantine.number", language)
    )
    parser.add_argument(
        "--state",
        choices=quarantine.STATES,
        default="open",
        help=text("quarantine.state", language),
    )
    parser.add_argument(
        "--batch", type=at_least(1), metavar="N", help=text("quarantine.batch", language)
    )
    parser.add_argument(
        "--after", type=at_least(0), default=0, help=text("quarantine.after", language)
    )
    parser.add_argument(
        "--count", type=at_least(1), default=50, help=text("quarantine.count", language)
    )
    parser.add_argument("--file", metavar="FILE", help=text("quarantine.file", language))
    parser.add_argument("--reason", default="", help=text("quarantine.reason", language))


def run(context: Context, options: Namespace) -> int:
    """Do one thing with one entry, or list them; 1 when a resubmitted one is still wrong."""
    if options.action != "list" and options.number is None:
        raise problem("N4030", expected="NUMBER", command="quarantine")
    if options.action == "correct" and not options.file:
        raise problem("N4030", expected="--file", command="quarantine")
    return asyncio.run(_run(context, options))


async def _run(context: Context, options: Namespace) -> int:
    async with opened(context.settings) as house:
        if options.action == "list":
            return await _list(house, context, options)
        session = house.door.system()
        await session.note(f"quarantine-{options.action}", shape=str(options.number))
        if options.action == "correct":
            await _correct(house, options)
        elif options.action == "discard":
            async with house.store.transaction() as connection:
                await quarantine.discard(connection, options.number, "system", options.reason)
        elif options.action == "resubmit":
            return await _resubmit(house, context, options)
        return await _show(house, context, options)


async def _list(house: House, context: Context, options: Namespace) -> int:
    async with house.store.read() as connection:
        found = await quarantine.entries(
            connection, options.state, options.batch, None, options.after, options.count
        )
    context.terminal.table([_row(one) for one in found])
    return 0


async def _correct(house: House, options: Namespace) -> None:
    check_paths([options.file])
    raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    async with house.store.transaction() as connection:
        await quarantine.correct(connection, options.number, raw, "system", options.reason)


async def _resubmit(house: House, context: Context, options: Namespace) -> int:
    async with house.store.read() as connection:
        scope = await batch_scope(connection, queries())
    issues = await intake.resubmit(house.store, options.number, house.stamp, scope)
    context.terminal.issues(issues)
    await _show(house, context, options)
    return 1 if issues else 0


async def _show(house: House, context: Context, options: Namespace) -> int:
    async with house.store.read() as connection:
        entry = await quarantine.show(connection, options.number)
        past = await quarantine.events(connection, options.number)
    language = context.terminal.language
    issues = [
        {"code": one.code, "path": one.path, "text": one.text(language)} for one in entry.issues
    ]
    if context.terminal.as_json:
        context.terminal.json(_row(entry) | {"issues": issues, **_whole(entry.record)})
        return 0
    context.terminal.record(_row(entry))
    context.terminal.table(issues)
    context.terminal.table(
        [{"at": one.at, "who": one.actor, "did": one.action, "why": one.reason} for one in past]
    )
    context.terminal.line(entry.record.decode("utf-8", "backslashreplace"))
    return 0


def _whole(record: bytes) -> dict[str, str]:
    """Give a record to a program as it came: what is no UTF-8 in base64."""
    try:
        return {"record": record.decode(), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"record": b64encode(record).decode(), "encoding": "base64"}


def _row(one: quarantine.Entry) -> dict[str, Any]:
    names = ("id", "batch", "source", "row", "type", "state", "created")
    shown = {name: getattr(one, name) for name in names}
    return {**shown, "codes": " ".join(dict.fromkeys(issue.code for issue in one.issues))}


COMMAND = Command(arguments, run, EXAMPLES)
