"""Run a mapping: a row's cells become a Bundle of resources, or the reasons that they cannot.

A plan is made once per load; a row costs a few dictionary look-ups. Every reason that a row
cannot be read is told, not only the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any

from nabd.errors import Issue, Problem, issue
from nabd.fhir import fhirpath
from nabd.fhir.json import Json
from nabd.intake.mapping import clean, target
from nabd.intake.mapping.finders import offered
from nabd.intake.mapping.model import Column, Key, LookupTable, Mapping, ResourceTable
from nabd.intake.mapping.verify import PLACEHOLDER

Values = dict[str, Any]
ID_BYTES = 10


class Plan:
    """What to do with each row of a mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._columns = [
            (name, column, _cleaner(column)) for name, column in mapping.columns.items()
        ]
        self._tests = [(fhirpath.compile(test.expression), test) for test in mapping.tests]
        self._resources = [_Template(table) for table in mapping.resources]

    def values(self, cells: dict[str, Any]) -> tuple[Values, list[Issue]]:
        """Clean the cells of one row (by column name), ask the lookups, run the tests."""
        values: Values = {}
        found: list[Issue] = []
        for name, column, cleaner in self._columns:
            value = self._cell(name, column, cleaner(cells.get(name)))
            if isinstance(value, Issue):
                found.append(value)
            elif value is not None:
                values[name] = value
        found += self._ask(values, found)
        return values, found or self._test(values)

    def key(self, values: Values) -> str:
        """Make the part of the ids that this row's key columns decide."""
        return _key(self.mapping.key, values)

    def bundle(self, values: Values, key: str) -> Json:
        """Make the resources of a cleaned row: a transaction, so that they go in together.

        https://hl7.org/fhir/R4/http.html#transaction
        """
        named = {**values, "key": key}
        made = [one.resource(named) for one in self._resources if one.wanted(named)]
        return {"resourceType": "Bundle", "type": "transaction", "entry": list(map(_entry, made))}

    def same(self, values: Values) -> list[tuple[Any, ...]]:
        """Return, for each ``[[duplicates]]``, what is compared."""
        lists = (one.columns for one in self.mapping.duplicates)
        return [tuple(values.get(name) for name in columns) for columns in lists]

    def _cell(self, name: str, column: Column, value: Any) -> Any:
        if isinstance(value, Issue):
            return Issue(value.code, name, value.params | {"column": column.header})
        if value is None:
            return issue("N5020", name, column=column.header) if column.required else None
        if not column.codes:
            return value
        codes = self.mapping.codes[column.codes]
        if str(value) in codes:
            return codes[str(value)]
        return issue("N5021", name, column=column.header, value=value, codes=", ".join(codes))

    def _ask(self, values: Values, found: list[Issue]) -> list[Issue]:
        """Ask every lookup whose questions are answered; add its answers to ``values``."""
        failed = {one.path for one in found}
        answers: list[Issue] = []
        for name, table in self.mapping.lookups.items():
            if failed.intersection(word.partition(".")[0] for word in table.by):
                failed.add(name)
                continue
            answer = self._lookup(table, values)
            if isinstance(answer, Issue):
                failed.add(name)
                answers.append(Issue(answer.code, name, answer.params))
            else:
                values |= {f"{name}.{part}": value for part, value in answer.items()}
        return answers

    def _lookup(self, table: LookupTable, values: Values) -> dict[str, str] | Issue:
        asked = [str(values.get(word, "")) for word in table.by]
        return offered()[table.find](asked)

    def _test(self, values: Values) -> list[Issue]:
        row = {name: value for name, value in values.items() if "." not in name}
        wrong = (test for path, test in self._tests if not _holds(path, row))
        return [issue("N5026", test.expression, says=test.says) for test in wrong]


def _holds(path: fhirpath.Path, row: Values) -> bool:
    try:
        return path(row) == [True]
    except Problem:  # the values have no such comparison: then it does not hold
        return False


class _Template:
    """One ``[[resources]]`` table, its paths and values read once."""

    def __init__(self, table: ResourceTable) -> None:
        self._table = table
        self._id = _writer(table.id)
        self._slots = [_Slot(path, value) for path, value in table.set.items()]

    def wanted(self, values: Values) -> bool:
        """Say whether the row has what this resource is about."""
        return not self._table.when or self._table.when in values

    def resource(self, values: Values) -> Json:
        """Fill in the resource; constants beside nothing but empty columns are left out."""
        made: Json = {"resourceType": self._table.type, "id": self._id(values)}
        said = [(slot, slot.value(values)) for slot in self._slots]
        filled = {slot.parent for slot, value in said if slot.variable and value is not None}
        empty = {slot.parent for slot, value in said if slot.variable and value is None} - filled
        for slot, value in said:
            if value is not None and (slot.variable or not slot.parent or slot.parent not in empty):
                target.put(made, slot.path, value)
        return made


class _Slot:
    """One line of ``[resources.set]``."""

    def __init__(self, path: str, value: Any) -> None:
        self.path = target.parse(path) or ()
        self.parent = target.parent(path)
        self.variable = isinstance(value, str) and bool(PLACEHOLDER.search(value))
        self.value: Callable[[Values], Any] = (
            _writer(value) if isinstance(value, str) else lambda _: value
        )


def _writer(template: str) -> Callable[[Values], Any]:
    """Compile a template; a lone placeholder keeps the type of its value."""
    parts = PLACEHOLDER.split(template)
    names = parts[1::2]
    if not names:
        return lambda _: template
    if len(names) == 1 and template == f"{{{names[0]}}}":
        return lambda values: values.get(names[0])

    def write(values: Values) -> Any:
        if any(values.get(name) is None for name in names):
            return None
        filled = [str(values[part]) if i % 2 else part for i, part in enumerate(parts)]
        return "".join(filled)

    return write


def _cleaner(column: Column) -> Callable[[Any], Any]:
    steps = [step for step in map(clean.step, column.clean) if step]

    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return clean.text(value)

    return run


def _key(key: Key, values: Values) -> str:
    """Hash the key columns, spelled alike whatever their case and spaces."""
    said = [_plain(str(values.get(name, ""))) for name in key.columns]
    text = "\x1f".join([key.prefix, *said])
    return hashlib.blake2b(text.encode(), digest_size=ID_BYTES).hexdigest()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _entry(resource: Json) -> Json:
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}


def named(headers: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """Pair cells with their columns; what a row lacks at its end is empty."""
    return dict(zip(headers, cells, strict=False))
