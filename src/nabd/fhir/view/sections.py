"""The selections of a view, compiled to closures once: a node gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, TypeAlias

from nabd.errors import Problem, issue, problem
from nabd.fhir.fhirpath import syntax
from nabd.fhir.fhirpath.compiler import build, constant_of
from nabd.fhir.fhirpath.evaluation import Evaluation, Run
from nabd.fhir.fhirpath.model import Collection, Node, plain
from nabd.fhir.fhirpath.parser import parse
from nabd.fhir.view.definition import Column, Select

Row: TypeAlias = tuple[Any, ...]
#: The rows of one selection on one node; the evaluation carries constants and ``%rowIndex``.
Section: TypeAlias = Callable[[Evaluation, Node], list[Row]]
Cell: TypeAlias = Callable[[Evaluation, Node], Any]

_BUILT_IN = frozenset({"resource", "rootResource", "context", "rowIndex"})
_NOTHING = Node({}, "")


class Builder:
    """Compiles the paths of one view; knows the names of its constants."""

    def __init__(self, constants: frozenset[str]) -> None:
        self.known = constants | _BUILT_IN

    def path(self, expression: str, where: str) -> Run:
        """Compile a path; a problem is told with its place in the definition."""
        try:
            tree = parse(expression)
            self._variables(tree)
            return build(tree)
        except Problem as error:
            found = [issue(one.code, where, **one.params) for one in error.issues]
            raise Problem(found) from None

    def _variables(self, tree: syntax.Expression) -> None:
        todo = [tree]
        while todo:
            one = todo.pop()
            if type(one) is syntax.Variable and not self._is_known(one.name):
                raise problem("N2212", name=one.name)
            todo.extend(syntax.children(one))

    def _is_known(self, name: str) -> bool:
        return name in self.known or constant_of(name) is not None

    def sections(self, selects: tuple[Select, ...], where: str) -> Section:
        """Combine sibling selections: every row of one with every row of the next."""
        parts = [self.section(one, f"{where}[{i}]") for i, one in enumerate(selects)]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def section(self, select: Select, where: str) -> Section:
        """Compile one selection: its columns, its nested selections, its unions — in this order."""
        parts: list[Section] = []
        if select.column:
            parts.append(self._cells(select.column, where))
        if select.select:
            parts.append(self.sections(select.select, f"{where}.select"))
        if select.union_all:
            branches = [
                self.section(one, f"{where}.unionAll[{i}]")
                for i, one in enumerate(select.union_all)
            ]
            parts.append(_united(branches))
        body = parts[0] if len(parts) == 1 else _joined(parts)
        return self._loop(select, body, where)

    def _cells(self, columns: tuple[Column, ...], where: str) -> Section:
        cells = [
            _cell(self.path(one.path, f"{where}.column[{i}].path"), one)
            for i, one in enumerate(columns)
        ]
        return lambda evaluation, node: [tuple([cell(evaluation, node) for cell in cells])]

    def _loop(self, select: Select, body: Section, where: str) -> Section:
        if select.for_each is not None:
            return _each(self.path(select.for_each, f"{where}.forEach"), body)
        if select.for_each_or_null is not None:
            items = self.path(select.for_each_or_null, f"{where}.forEachOrNull")
            return _each(items, body, or_null=True)
        if select.repeat:
            paths = [self.path(p, f"{where}.repeat[{i}]") for i, p in enumerate(select.repeat)]
            return _each(_repeated(paths), body)
        return body


def run(path: Run, evaluation: Evaluation, node: Node) -> Collection:
    """Evaluate a path on a node."""
    evaluation.this = [node]
    return path(evaluation, evaluation.this)


def _cell(path: Run, column: Column) -> Cell:
    name = column.name

    def many(evaluation: Evaluation, node: Node) -> Any:
        return [v for v in map(plain, run(path, evaluation, node)) if v is not None]

    def one(evaluation: Evaluation, node: Node) -> Any:
        found = run(path, evaluation, node)
        if not found:
            return None
        if len(found) > 1:
            raise problem("N2310", column=name, count=len(found))
        return plain(found[0])

    return many if column.collection else one


def _joined(parts: list[Section]) -> Section:
    def rows(evaluation: Evaluation, node: Node) -> list[Row]:
        found = [part(evaluation, node) for part in parts]
        return [sum(row, ()) for row in product(*found)]

    return rows


def _united(branches: list[Section]) -> Section:
    return lambda evaluation, node: [row for branch in branches for row in branch(evaluation, node)]


def _each(items: Run, body: Section, *, or_null: bool = False) -> Section:
    """Run the body for each item; ``%rowIndex`` counts them."""

    def rows(evaluation: Evaluation, node: Node) -> list[Row]:
        focus = run(items, evaluation, node)
        if not focus:
            focus = [_NOTHING] if or_null else []
        outer = evaluation.variables["rowIndex"]
        found: list[Row] = []
        for index, item in enumerate(focus):
            evaluation.variables["rowIndex"] = index
            found.extend(body(evaluation, item))
        evaluation.variables["rowIndex"] = outer
        return found

    return rows


def _repeated(paths: list[Run]) -> Run:
    """Collect what the paths find, and what they find on that, parents before children."""

    def collect(evaluation: Evaluation, focus: Collection) -> Collection:
        out: Collection = []
        todo = [iter(focus)]
        while todo:
            item = next(todo[-1], None)
            if item is None:
                todo.pop()
                continue
            if len(todo) > 1:
                out.append(item)
            todo.append(iter([one for path in paths for one in run(path, evaluation, item)]))
        return out

    return collect
