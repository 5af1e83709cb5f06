"""``nabd identity``: the model that weighs who is who: show it, train another, approve it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Any

from nabd.access.session import Session
from nabd.commands import Command, Context
from nabd.commands.house import opened
from nabd.commands.texts import text
from nabd.identity.force import approve, in_force, proposed
from nabd.identity.learning import learn
from nabd.identity.model import Model

EXAMPLES = """\
  nabd identity show
  nabd identity train
  nabd identity approve 2026-11-26T08:30"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    actions = ("show", "train", "approve")
    parser.add_argument("action", choices=actions, help=text("identity.action", language))
    parser.add_argument(
        "version", nargs="?", default="", metavar="VERSION", help=text("identity.version", language)
    )


def run(context: Context, options: Namespace) -> int:
    """Show, train or approve."""
    return asyncio.run(_run(context, options))


async def _run(context: Context, options: Namespace) -> int:
    async with opened(context.settings) as house:
        session = house.door.system()
        if options.action == "train":
            context.terminal.record(await _trained(session))
        elif options.action == "approve":
            context.terminal.record(_told(await approve(session, options.version)))
        else:
            waiting = await proposed(session)
            shown = {"in_force": _told(await in_force(session))}
            shown |= {"proposed": _told(waiting)} if waiting else {}
            context.terminal.table([{"is": name, **told} for name, told in shown.items()])
    return 0


async def _trained(session: Session) -> dict[str, Any]:
    """Tell the proposal, and what it changes on the fixed evaluation."""
    found = await learn(session)
    before = {f"before_{name}": value for name, value in found.before._asdict().items()}
    after = {f"after_{name}": value for name, value in found.after._asdict().items()}
    return {"proposed": found.model.version, **before, **after}


def _told(model: Model) -> dict[str, Any]:
    thresholds = model.thresholds
    return {
        "version": model.version,
        "source": model.source,
        "match": thresholds.match,
        "review": thresholds.review,
        "margin": thresholds.margin,
    }


COMMAND = Command(arguments, run, EXAMPLES)
