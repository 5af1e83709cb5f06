"""``nabd export``: resources as NDJSON, one file a type, as Bulk Data writes them.

https://hl7.org/fhir/uv/bulkdata/export.html
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from pathlib import Path

from nabd.commands import Command, Context
from nabd.commands.house import opened
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, TYPE_NUMBER
from nabd.store import Connection
from nabd.store.read import COLUMNS, stored

EXAMPLES = """\
  nabd export out/
  nabd export --type Patient --type Encounter out/"""

COUNT = 1_000
CHUNK = f"""select key, {COLUMNS} from resource
  where type = $1 and not deleted and key > $2 order by key limit {COUNT}"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help=text("export.folder", language))
    parser.add_argument(
        "--type",
        action="append",
        choices=RESOURCE_TYPES,
        metavar="TYPE",
        help=text("export.type", language),
    )


def run(context: Context, options: Namespace) -> int:
    """Write the files, all from one moment."""
    if options.folder.exists() and any(options.folder.iterdir()):
        raise problem("N4033", str(options.folder), file=str(options.folder))
    asyncio.run(_run(context, options))
    return 0


async def _run(context: Context, options: Namespace) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    async with opened(context.settings) as house:
        await house.door.system().note("export", shape=",".join(options.type or ()))
        async with house.store.snapshot() as connection:
            for name in dict.fromkeys(options.type or RESOURCE_TYPES):
                path = options.folder / f"{name}.ndjson"
                with context.terminal.progress(name) as bar:
                    count = 0
                    async for lines, number in _lines(connection, name):
                        with path.open("ab") as file:
                            file.write(lines)
                        count += number
                        bar(count)
                if count:
                    rows.append({"type": name, "count": count, "file": str(path)})
    context.terminal.table(rows)


async def _lines(connection: Connection, name: str) -> AsyncIterator[tuple[bytes, int]]:
    last = -(2**63)
    while rows := await connection.fetch(CHUNK, TYPE_NUMBER[name], last):
        bodies = await stored(connection, rows)
        yield b"".join(one.body + b"\n" for one in bodies), len(bodies)
        last = rows[-1]["key"]


COMMAND = Command(arguments, run, EXAMPLES)
