"""Write docs/reference/*.md from the code, so that they cannot disagree with it: make docs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from nabd import cli
from nabd.access.custody import CUSTODIAN, PAYER
from nabd.access.rules import NATIONAL, OPEN_TYPES, PERMISSIONS, PURPOSES, ROLES
from nabd.config import settings_table
from nabd.errors import catalogue
from nabd.fhir.definitions import RESOURCE_TYPES
from nabd.fhir.search.comparing import operators
from nabd.fhir.search.criteria import MODIFIERS
from nabd.fhir.search.kin import parts
from nabd.fhir.search.parameters import Parameter, parameters
from nabd.fhir.search.sorting import is_sortable
from nabd.slices import SLICES

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
ROOMS = {
    "N1": "Any room",
    "N20": "JSON and structure",
    "N21": "Bindings and invariants",
    "N22": "FHIRPath",
    "N23": "Views",
    "N24": "Patch",
    "N25": "Search",
    "N3": "Store",
    "N4": "Access, settings, command line",
    "N5": "Intake",
    "N6": "Registry",
    "N70": "FHIR API",
    "N75": "Console",
}


def pages() -> dict[str, str]:
    """Return every generated page by its file name."""
    made = {
        "cli.md": _cli(),
        "settings.md": _settings(),
        "errors.md": _errors(),
        "tables.md": _tables(),
        "search.md": _search(),
        "access.md": _access(),
    }
    note = "<!-- Written by tools/reference.py: change the code, then `make docs`. -->\n"
    return {name: note + "\n".join(lines).rstrip() + "\n" for name, lines in made.items()}


def _cli() -> Iterator[str]:
    yield "# The command line\n"
    yield "Every command also takes `--json` (answer for programs) and `--lang en|fr|ar`.\n"
    yield "Exit codes: 0 done · 1 problems in the data · 2 usage · 10 settings · 11 database ·"
    yield "12 access · 13 not found · 14 conflict · 15 limit · 19 unexpected fault · 130 stopped.\n"
    root = cli.parser("en", "*")
    subs = next(a for a in root._actions if isinstance(a, argparse._SubParsersAction))
    for name, parser in subs.choices.items():
        yield f"## nabd {name}\n\n{_sentence(parser.description or '')}\n"
        shown = [a for a in parser._actions if a.dest not in ("help", "json", "lang")]
        if shown:
            yield from _table(("argument", "meaning"), ((_usage(a), a.help or "") for a in shown))
        yield f"```\n{_dedented(cli.command_named(name).examples)}\n```\n"


def _usage(action: argparse.Action) -> str:
    choices = "|".join(map(str, action.choices)) if action.choices else ""
    value = str(action.metavar or choices or action.dest.upper())
    if action.nargs == 0:
        return f"`{action.option_strings[-1]}`"
    if action.option_strings:
        return f"`{action.option_strings[-1]} {value}`"
    return f"`{choices or value}`"


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield "Read from the environment. A name that starts with `NABD_` and is not here is refused.\n"
    rows = (
        (f"`{one.key}`", one.description, one.expected, f"`{one.default}`" if one.default else "")
        for one in settings_table()
    )
    yield from _table(("setting", "meaning", "expected", "default"), rows)


def _errors() -> Iterator[str]:
    yield "# Problems\n"
    yield "Codes are stable. A problem is an OperationOutcome in the API, a sentence elsewhere, in"
    yield "English, French or Arabic; its text never holds a patient's value.\n"
    for prefix, room in ROOMS.items():
        found = [code for code in sorted(catalogue()) if code.startswith(prefix)]
        if found:
            yield f"## {room}\n"
            rows = (
                (
                    code,
                    str(catalogue()[code].status),
                    f"`{catalogue()[code].issue}`",
                    catalogue()[code].en,
                    catalogue()[code].hint_en,
                )
                for code in found
            )
            yield from _table(("code", "HTTP", "FHIR issue", "text", "what to do"), rows)


def _tables() -> Iterator[str]:
    yield "# Live tables\n"
    yield "Each is a view on one resource type, kept current in the transaction of every write, in"
    yield "the schema `live`. All have `key` (of the resource) and `row` (its place among the"
    yield "resource's rows) before these columns.\n"
    for one in SLICES:
        for view in one.views:
            title = view.definition.get("title", "")
            yield f"## live.{view.name}\n\n{title} — `{view.resource}`.\n"
            told = _descriptions(view.definition.get("select", []))
            rows = ((f"`{name}`", kind, told.get(name, "")) for name, kind in view.columns)
            yield from _table(("column", "type", "meaning"), rows)


def _descriptions(selects: Iterable[dict[str, object]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for select in selects:
        for column in select.get("column", []):  # type: ignore[attr-defined]
            found[column["name"]] = column.get("description", "")
        found |= _descriptions(select.get("select", []))  # type: ignore[arg-type]
        found |= _descriptions(select.get("unionAll", []))  # type: ignore[arg-type]
    return found


def _search() -> Iterator[str]:
    yield "# Search\n"
    yield "Every official parameter of R4 that a path expresses. What a parameter's type allows:\n"
    rows = (
        (
            kind,
            " ".join(f"`:{one}`" for one in allowed),
            " ".join(f"`{o}`" for o in _compared(kind)),
        )
        for kind, allowed in MODIFIERS.items()
    )
    yield from _table(("type", "modifiers", "operators of `_filter`"), rows)
    prose = Path(__file__).with_name("search.md").read_text("utf-8")
    yield prose.format(wholes=", ".join(sorted(parts())))
    yield "## Parameters by type\n"
    yield "One that an answer cannot be ordered by (`_sort`) is marked *.\n"
    rows = (
        (name, ", ".join(_parameter(one) for _, one in sorted(parameters(name).items())))
        for name in RESOURCE_TYPES
    )
    yield from _table(("type", "parameters"), rows)


def _coded(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _parameter(one: Parameter) -> str:
    return f"`{one.code}` {one.type}{'' if is_sortable(one) else '*'}"


def _compared(kind: str) -> list[str]:
    return [*operators(kind), "pr"] if kind not in ("composite", "special") else operators(kind)


def _access() -> Iterator[str]:
    yield "# Access\n"
    yield "A role says what, an account's place says where: the nation, a region, a province, or a"
    yield "facility. Both are part of every query; what is out of sight is answered as absent.\n"
    yield "## Roles\n"
    names = tuple(PERMISSIONS)
    rows = (
        (f"`{role.name}`", *("✓" if name in role.may else "" for name in names), role.purpose)
        for role in ROLES.values()
    )
    yield from _table(("role", *names, "default purpose"), rows)
    told = ((f"`{k}`", v, "the nation" if k in NATIONAL else "") for k, v in PERMISSIONS.items())
    yield from _table(("permission", "lets", "needs"), told)
    yield "## What a role reads and writes\n"
    rows = ((f"`{r.name}`", _types(r.reads), _types(r.writes)) for r in ROLES.values())
    yield from _table(("role", "reads", "writes"), rows)
    yield "*Open types*: " + ", ".join(OPEN_TYPES) + ".\n"
    yield "## Who answers for a resource\n"
    yield "The first reference to an Organization in these elements; else the writer's facility;"
    yield "else the organisation that its batch came from. A payer is named beside the provider.\n"
    found = ((n, ", ".join((*CUSTODIAN.get(n, ()), *PAYER.get(n, ())))) for n in RESOURCE_TYPES)
    yield from _table(("type", "elements"), (one for one in found if one[1]))
    yield "## Purposes of use\n"
    yield "`X-Purpose` gives one; v3-ActReason.\n"
    yield from _table(("code", "meaning"), ((f"`{k}`", v) for k, v in PURPOSES.items()))


def _types(names: frozenset[str]) -> str:
    rest = sorted(names - set(OPEN_TYPES))
    some = "open types" if set(OPEN_TYPES) <= names else ""
    if len(rest) + len(OPEN_TYPES) >= len(RESOURCE_TYPES):
        return "every type" if some else "every type but the open ones"
    return ", ".join([some, *rest] if some else rest) or "none"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _dedented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def main() -> int:
    """Write the pages, or with --check say which are not current."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    print(", ".join(stale) or "all current")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
