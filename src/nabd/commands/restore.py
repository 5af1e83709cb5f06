"""``nabd restore``: fill an empty database from a backup, on this or another machine."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path

from nabd.commands import Command, Context
from nabd.commands.backup import told
from nabd.commands.house import opened
from nabd.commands.load import check_paths
from nabd.commands.texts import text
from nabd.store.backup import Manifest, restore

EXAMPLES = """\
  nabd restore nabd-2026-11-23.backup
  NABD_HOME=/srv/nabd nabd restore nabd.backup"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help=text("restore.file", language))


def run(context: Context, options: Namespace) -> int:
    """Restore all or nothing, and compare rows and checksums."""
    check_paths([str(options.file)])
    told(context, asyncio.run(_run(context, options.file)))
    return 0


async def _run(context: Context, path: Path) -> Manifest:
    async with opened(context.settings) as house:
        with context.terminal.progress(path.name) as bar:
            return await restore(house.store, path, lambda _, rows: bar(rows))


COMMAND = Command(arguments, run, EXAMPLES)
