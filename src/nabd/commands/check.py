"""``nabd check``: say what a load would refuse, without a database."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from nabd import intake, registry
from nabd.commands import Command, Context
from nabd.commands.load import check_paths
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.errors import Issue, Problem
from nabd.fhir.check import check
from nabd.slices import laws
from nabd.store import Stamp
from nabd.store.bulk.bundle import Unit, units
from nabd.store.bulk.record import Record

EXAMPLES = """\
  nabd check bundle.json
  nabd check --mapping morocco-primary-care-2024 primary-care-2024.xlsx
  nabd check --json --most 1000 export/"""


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("path", nargs="+", metavar="PATH", help=text("load.path", language))
    parser.add_argument("--mapping", metavar="NAME|FILE", help=text("load.mapping", language))
    parser.add_argument(
        "--most", type=at_least(0), default=50, metavar="N", help=text("check.most", language)
    )


def run(context: Context, options: Namespace) -> int:
    """Check every record; 1 when one is wrong."""
    check_paths(options.path)
    mapping = registry.mapping(options.mapping) if options.mapping else None
    seen = wrong = 0
    rows: list[dict[str, object]] = []
    for record in intake.preview(options.path, mapping):
        count, found = checked(record)
        seen += count
        wrong += bool(found)
        room = options.most - len(rows)
        rows += [_row(record, one, context.terminal.language) for one in found[: max(room, 0)]]
    if context.terminal.as_json:
        context.terminal.json({"resources": seen, "wrong": wrong, "issues": rows})
    else:
        if rows:
            context.terminal.table(rows)
        context.terminal.say("check.done", resources=seen, wrong=wrong)
    return 1 if wrong else 0


def checked(record: Record) -> tuple[int, list[Issue]]:
    """Check one record: how many resources it has, and everything that is wrong."""
    made, rejected = units(record)
    issues = [one for some in rejected for one in some.issues]
    count = sum(some.resources for some in rejected)
    for unit in made:
        count += len(unit.parts)
        issues += _unit(unit)
    return count, issues


def _unit(unit: Unit) -> Iterator[Issue]:
    stamp = Stamp("system")
    for part in unit.parts:
        try:
            resource = check(part.raw)
        except Problem as found:
            yield from found.issues
            continue
        for guard in laws().guards.get(resource["resourceType"], ()):
            yield from guard(resource, None, stamp)


def _row(record: Record, one: Issue, language: str) -> dict[str, object]:
    return {
        "source": record.source,
        "row": record.row,
        "code": one.code,
        "path": one.path,
        "text": one.text(language),
    }


COMMAND = Command(arguments, run, EXAMPLES)
