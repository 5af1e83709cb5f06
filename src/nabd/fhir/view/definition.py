"""A ViewDefinition as it is written: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from nabd.errors import Issue, Problem, issue
from nabd.fhir import definitions
from nabd.fhir.fhirpath.model import Node
from nabd.fhir.json import Json

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Tag(msgspec.Struct, frozen=True):
    """A hint for one kind of database; ``ansi/type`` names the SQL type."""

    name: str
    value: str


class Column(msgspec.Struct, frozen=True):
    """A column as it is written."""

    name: str
    path: str
    type: str = ""
    collection: bool = False
    tag: tuple[Tag, ...] = ()


class Select(msgspec.Struct, frozen=True, rename="camel"):
    """Columns, nested selections and unions of one focus, or of each item of one."""

    column: tuple[Column, ...] = ()
    select: tuple[Select, ...] = ()
    union_all: tuple[Select, ...] = ()
    for_each: str | None = None
    for_each_or_null: str | None = None
    repeat: tuple[str, ...] = ()


class Where(msgspec.Struct, frozen=True):
    """A condition that a resource must meet."""

    path: str


class Definition(msgspec.Struct, frozen=True):
    """The parts of a ViewDefinition that decide the rows."""

    resource: str
    select: tuple[Select, ...]
    name: str = ""
    where: tuple[Where, ...] = ()
    constant: tuple[dict[str, Any], ...] = ()


def read(source: Json) -> Definition:
    """Read and check a ViewDefinition.

    Raises:
        Problem: N2301 to N2306 with *every* problem and its path in the definition.
    """
    try:
        found = msgspec.convert(source, Definition)
    except msgspec.ValidationError as error:
        raise _not_a_view(str(error)) from None
    issues = [*_whole(found), *_selects(found.select, "ViewDefinition.select")]
    if issues:
        raise Problem(issues)
    return found


def _not_a_view(message: str) -> Problem:
    """Tell where the structure is wrong; msgspec ends its message with "- at `$.select[0]`"."""
    reason, _, where = message.partition(" - at `$")
    return Problem([issue("N2301", f"ViewDefinition{where.rstrip('`')}", reason=reason)])


def _whole(view: Definition) -> list[Issue]:
    found: list[Issue] = []
    if view.resource not in definitions.RESOURCE_TYPES:
        found.append(issue("N2302", "ViewDefinition.resource", type=view.resource))
    if not view.select:
        found.append(issue("N2301", "ViewDefinition.select", reason="select = []"))
    if view.name and not _NAME.fullmatch(view.name):
        found.append(issue("N2303", "ViewDefinition.name", name=view.name))
    return found


def _selects(selects: tuple[Select, ...], path: str) -> list[Issue]:
    return [found for i, one in enumerate(selects) for found in _select(one, f"{path}[{i}]")]


def _select(select: Select, path: str) -> list[Issue]:
    found = [
        issue("N2303", f"{path}.column[{i}].name", name=column.name)
        for i, column in enumerate(select.column)
        if not _NAME.fullmatch(column.name)
    ]
    loops = [select.for_each is not None, select.for_each_or_null is not None, bool(select.repeat)]
    if sum(loops) > 1:
        found.append(issue("N2304", path))
    if not (select.column or select.select or select.union_all):
        found.append(issue("N2301", path, reason="column | select | unionAll"))
    found += _selects(select.select, f"{path}.select")
    return found + _selects(select.union_all, f"{path}.unionAll")


def constants(view: Definition) -> dict[str, Node]:
    """Read the constants, each with the FHIR type of its ``value[x]``."""
    found: dict[str, Node] = {}
    issues: list[Issue] = []
    for i, row in enumerate(view.constant):
        values = [key for key in row if key.startswith("value") and row[key] is not None]
        name = row.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in found:
            issues.append(issue("N2305", f"ViewDefinition.constant[{i}]"))
            continue
        if len(values) != 1 or isinstance(row[values[0]], dict | list):
            issues.append(issue("N2305", f"ViewDefinition.constant[{i}]"))
            continue
        kind = values[0].removeprefix("value")
        found[name] = Node(row[values[0]], kind[:1].lower() + kind[1:])
    if issues:
        raise Problem(issues)
    return found
