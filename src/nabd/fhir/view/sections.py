"""The selections of a view, compiled to closures once: an item gives its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, product
from typing import Any, TypeAlias

from nabd.errors import problem
from nabd.fhir.fhirpath.evaluation import Evaluation
from nabd.fhir.fhirpath.model import Collection, Node, plain
from nabd.fhir.view.columns import Convert, converter, sql_type
from nabd.fhir.view.definition import Column, Select
from nabd.fhir.view.paths import NOTHING, Read, loop, reader

Row: TypeAlias = tuple[Any, ...]
#: The rows of one selection on one item; the evaluation carries constants and ``%rowIndex``.
Section: TypeAlias = Callable[[Evaluation, Any], list[Row]]
Cell: TypeAlias = Callable[[Evaluation, Any], Any]


class Builder:
    """Compiles the selections of one view, for SQL values or for plain FHIR values."""

    def __init__(self, constants: Mapping[str, Node], *, sql: bool) -> None:
        self.constants = constants
        self.sql = sql

    def sections(self, selects: tuple[Select, ...], type_name: str, where: str) -> Section:
        """Combine sibling selections: every row of one with every row of the next."""
        return _joined(
            [self.section(one, type_name, f"{where}[{i}]") for i, one in enumerate(selects)]
        )

    def section(self, select: Select, type_name: str, where: str) -> Section:
        """Compile one selection: its columns, its nested selections, its unions — in this order."""
        items, inner = self._loop(select, type_name, where)
        parts: list[Section] = []
        if select.column:
            parts.append(self._cells(select.column, inner, where))
        if select.select:
            parts.append(self.sections(select.select, inner, f"{where}.select"))
        if select.union_all:
            parts.append(
                _united(
                    [
                        self.section(one, inner, f"{where}.unionAll[{i}]")
                        for i, one in enumerate(select.union_all)
                    ]
                )
            )
        body = _joined(parts)
        if items is None:
            return body
        return _each(items, body, or_null=select.for_each_or_null is not None)

    def _loop(self, select: Select, type_name: str, where: str) -> tuple[Read | None, str]:
        """Compile what a selection runs over, and name the type of its items."""
        if select.for_each is not None:
            return loop(select.for_each, type_name, self.constants, f"{where}.forEach")
        if select.for_each_or_null is not None:
            place = f"{where}.forEachOrNull"
            return loop(select.for_each_or_null, type_name, self.constants, place)
        if not select.repeat:
            return None, type_name
        found = [
            reader(path, "", self.constants, f"{where}.repeat[{i}]")
            for i, path in enumerate(select.repeat)
        ]
        return _repeated(found, type_name), ""

    def _cells(self, columns: tuple[Column, ...], type_name: str, where: str) -> Section:
        cells = [
            self._cell(column, type_name, f"{where}.column[{i}].path")
            for i, column in enumerate(columns)
        ]
        return lambda evaluation, item: [tuple([cell(evaluation, item) for cell in cells])]

    def _cell(self, column: Column, type_name: str, where: str) -> Cell:
        read = reader(column.path, type_name, self.constants, where)
        convert = converter(sql_type(column)) if self.sql else lambda value: value
        return (_many if column.collection else _one)(read, convert, column.name)


def _many(read: Read, convert: Convert, _: str) -> Cell:
    def cell(evaluation: Evaluation, item: Any) -> Any:
        found = map(plain, read(evaluation, item))
        return convert([value for value in found if value is not None])

    return cell


def _one(read: Read, convert: Convert, name: str) -> Cell:
    def cell(evaluation: Evaluation, item: Any) -> Any:
        found = read(evaluation, item)
        if not found:
            return None
        if len(found) > 1:
            raise problem("N2310", column=name, count=len(found))
        return convert(plain(found[0]))

    return cell


def _joined(parts: list[Section]) -> Section:
    if len(parts) == 1:
        return parts[0]

    def rows(evaluation: Evaluation, item: Any) -> list[Row]:
        found: list[list[Row]] = []
        for part in parts:
            some = part(evaluation, item)
            if not some:
                return []
            found.append(some)
        return [tuple(chain.from_iterable(row)) for row in product(*found)]

    return rows


def _united(branches: list[Section]) -> Section:
    return lambda evaluation, node: [row for branch in branches for row in branch(evaluation, node)]


def _each(items: Read, body: Section, *, or_null: bool) -> Section:
    """Run the body for each item; ``%rowIndex`` counts them."""

    def rows(evaluation: Evaluation, item: Any) -> list[Row]:
        focus = items(evaluation, item)
        if not focus:
            focus = [NOTHING] if or_null else []
        outer = evaluation.variables["rowIndex"]
        found: list[Row] = []
        for index, one in enumerate(focus):
            evaluation.variables["rowIndex"] = index
            found.extend(body(evaluation, one))
        evaluation.variables["rowIndex"] = outer
        return found

    return rows


def _repeated(paths: list[Read], type_name: str) -> Read:
    """Collect what the paths find, and what they find on that, parents before children."""

    def found(evaluation: Evaluation, item: Any) -> Collection:
        return [one for read in paths for one in read(evaluation, item)]

    def collect(evaluation: Evaluation, item: Any) -> Collection:
        root = item if type(item) is Node else Node(item, type_name)
        out: Collection = []
        todo = [iter(found(evaluation, root))]
        while todo:
            one = next(todo[-1], None)
            if one is None:
                todo.pop()
            else:
                out.append(one)
                todo.append(iter(found(evaluation, one)))
        return out

    return collect
