"""``nabd load``: take files in through the one path."""

from __future__ import annotations

import asyncio
from argparse import Action, ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from nabd import intake, registry
from nabd.access.accounts import check_facility
from nabd.access.custodians import batch_scope
from nabd.commands import Command, Context, territory
from nabd.commands.house import House, catch_up, opened
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.slices import laws, queries

EXAMPLES = """\
  nabd load --territory
  nabd load patients.ndjson.gz more/
  nabd load --mapping morocco-hospitals-2024 hospitals-2024.csv
  zcat export.ndjson.gz | nabd load -
  nabd load --custodian chu-rabat --json bundle.json"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    path = parser.add_argument(
        "path", nargs="+", default=[], metavar="PATH", help=text("load.path", language)
    )
    parser.add_argument(
        "--territory",
        action=_Alone,
        nargs=0,
        default=False,
        spares=path,
        help=text("load.territory", language),
    )
    parser.add_argument("--mapping", metavar="NAME|FILE", help=text("load.mapping", language))
    parser.add_argument("--name", default="", help=text("load.name", language))
    parser.add_argument(
        "--custodian", default="", metavar="ID", help=text("load.custodian", language)
    )
    parser.add_argument(
        "--workers", type=at_least(0), metavar="N", help=text("load.workers", language)
    )


def run(context: Context, options: Namespace) -> int:
    """Load, and tell the batch; 1 when something went to quarantine."""
    check_paths(options.path)
    return asyncio.run(_run(context, options))


def check_paths(paths: list[str]) -> None:
    """Raise Problem N4031 for a path where nothing is; "-" is standard input."""
    for path in paths:
        if path != "-" and not Path(path).exists():
            raise problem("N4031", path, file=path)


async def _run(context: Context, options: Namespace) -> int:
    mapping = registry.mapping(options.mapping) if options.mapping else None
    async with opened(context.settings) as house:
        if options.territory:
            context.terminal.record(told(await territory.load(house)))
        elif mapping and mapping.lookups and await territory.ensure(house):
            context.terminal.say("load.places")
        return await _load(context, options, house, mapping) if options.path else 0


async def _load(
    context: Context, options: Namespace, house: House, mapping: intake.Mapping | None
) -> int:
    if options.custodian:
        await check_facility(house.door.system(), options.custodian)
    async with house.store.read() as connection:
        scope = await batch_scope(connection, queries(), options.custodian)
    with context.terminal.progress(options.name or options.path[0]) as bar:
        batch = await intake.load(
            house.store,
            options.path,
            stamp=house.stamp,
            mapping=mapping,
            name=options.name,
            laws=laws,
            scope=scope,
            workers=options.workers,
            progress=lambda batch: bar(batch.received),
        )
    with context.terminal.progress(text("link.linking", context.terminal.language)) as bar:
        await catch_up(house, bar)
    context.terminal.record(told(batch))
    if batch.quarantined:
        context.terminal.say("load.quarantined", batch=batch.id)
    return 1 if batch.quarantined else 0


def told(batch: intake.Batch) -> dict[str, object]:
    """Tell a batch in words of its law: received = stored + unchanged + quarantined."""
    names = ("id", "source", "state", "received", "stored", "unchanged", "quarantined")
    return {
        **{name: getattr(batch, name) for name in names},
        "rows": batch.rows,
        "duplicates": len(batch.duplicates),
    }


class _Alone(Action):
    """An option that makes sense alone: it spares the user the argument ``spares``."""

    def __init__(self, *, spares: Action, **given: Any) -> None:
        super().__init__(**given)
        self._spares = spares

    def __call__(self, _: ArgumentParser, options: Namespace, *__: object) -> None:
        """Take note."""
        setattr(options, self.dest, True)
        self._spares.required = False


COMMAND = Command(arguments, run, EXAMPLES)
