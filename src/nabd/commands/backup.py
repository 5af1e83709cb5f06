"""``nabd backup``: the whole database into one file, while others go on writing."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path

from nabd.commands import Command, Context
from nabd.commands.house import opened
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.store.backup import Manifest, backup

EXAMPLES = """\
  nabd backup nabd-2026-11-23.backup
  nabd backup --json /mnt/safe/nabd.backup"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help=text("backup.file", language))


def run(context: Context, options: Namespace) -> int:
    """Write the file; a file that stands there is never overwritten (N4033)."""
    if options.file.exists():
        raise problem("N4033", str(options.file), file=str(options.file))
    manifest = asyncio.run(_run(context, options.file))
    told(context, manifest)
    return 0


async def _run(context: Context, path: Path) -> Manifest:
    async with opened(context.settings) as house:
        with context.terminal.progress(path.name) as bar:
            return await backup(house.store, path, lambda _, rows: bar(rows))


def told(context: Context, manifest: Manifest) -> None:
    """Tell what a backup holds, table by table."""
    rows = [{"table": one.name, "rows": one.rows} for one in manifest.tables]
    context.terminal.table(rows)


COMMAND = Command(arguments, run, EXAMPLES)
