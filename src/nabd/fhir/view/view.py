"""A view, ready to make rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir.fhirpath.evaluation import Evaluation
from nabd.fhir.fhirpath.model import Node, system
from nabd.fhir.json import Json
from nabd.fhir.view import definition as source
from nabd.fhir.view.columns import sql_type
from nabd.fhir.view.definition import Column, Definition, Select
from nabd.fhir.view.paths import Read, loop
from nabd.fhir.view.sections import Builder, Row, Section


class View:
    """A compiled ViewDefinition.  It keeps no state: many threads may share it.

    Attributes:
        name: the name of the table.
        resource: the type of resource it reads.
        columns: name and SQL type of each column; arrays for collections.
        definition: the ViewDefinition, as it was given.
    """

    __slots__ = (
        "_constants",
        "_plain",
        "_sql",
        "_where",
        "columns",
        "definition",
        "name",
        "resource",
    )

    def __init__(self, definition: Json, parsed: Definition, columns: list[Column]) -> None:
        constants = source.constants(parsed)
        place, resource = "ViewDefinition.where", parsed.resource
        self.definition = definition
        self.name = parsed.name
        self.resource = resource
        self.columns = [(column.name, sql_type(column)) for column in columns]
        self._constants = constants
        self._where = [
            _condition(one.path, resource, constants, f"{place}[{i}].path")
            for i, one in enumerate(parsed.where)
        ]
        place = "ViewDefinition.select"
        self._sql = Builder(constants, sql=True).sections(parsed.select, resource, place)
        self._plain = Builder(constants, sql=False).sections(parsed.select, resource, place)

    @classmethod
    def parse(cls, definition: Json) -> View:
        """Check and compile a ViewDefinition.

        Raises:
            Problem: N23xx with the path in the definition; N22xx where a FHIRPath is wrong.
        """
        parsed = source.read(definition)
        return cls(definition, parsed, _columns(parsed))

    def rows(self, resource: Json) -> list[Row]:
        """Return the rows of a resource as SQL values, in the order of the columns.

        A date is a ``datetime.date``, a dateTime an aware ``datetime``, both the first moment that
        a partial one may mean.  A resource of another type has no rows.

        Raises:
            Problem: N2310 when a column that is no collection has several values, N2311 when a
                value is not of the type the column declares.
        """
        return self._rows(self._sql, resource)

    def values(self, resource: Json) -> list[Row]:
        """Return the rows as plain FHIR values: dates and times as they are written."""
        return self._rows(self._plain, resource)

    def _rows(self, section: Section, resource: Json) -> list[Row]:
        if resource.get("resourceType") != self.resource:
            return []
        node = Node(resource, self.resource)
        evaluation = Evaluation(node, node, {**self._constants, "rowIndex": 0}, None)
        for condition in self._where:
            if not _holds(condition(evaluation, resource)):
                return []
        return section(evaluation, resource)


def _condition(path: str, type_name: str, constants: Mapping[str, Node], where: str) -> Read:
    """Compile a where path; one that can find only other types than boolean is refused."""
    read, kind = loop(path, type_name, constants, where, ends=True)
    if kind not in ("", "boolean"):
        raise problem("N2312", where)
    return read


def _holds(found: list[Any]) -> bool:
    """Read the answer of a where path; no answer is no."""
    if not found:
        return False
    value = system(found[0])
    if len(found) > 1 or type(value) is not bool:
        raise problem("N2312")
    return value


def _columns(parsed: Definition) -> list[Column]:
    """List the columns in their order; the branches of a union must agree, and names be unique."""
    issues: list[Issue] = []
    found = [
        column
        for i, one in enumerate(parsed.select)
        for column in _of_select(one, f"ViewDefinition.select[{i}]", issues)
    ]
    names = [column.name.lower() for column in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        issues.append(issue("N2307", "ViewDefinition.select", name=name))
    if issues:
        raise Problem(issues)
    return found


def _of_select(select: Select, path: str, issues: list[Issue]) -> Iterator[Column]:
    yield from select.column
    for i, one in enumerate(select.select):
        yield from _of_select(one, f"{path}.select[{i}]", issues)
    branches = [
        list(_of_select(one, f"{path}.unionAll[{i}]", issues))
        for i, one in enumerate(select.union_all)
    ]
    if not branches:
        return
    first = _shape(branches[0])
    for i, branch in enumerate(branches[1:], 1):
        if _shape(branch) != first:
            where = f"{path}.unionAll[{i}]"
            names = ", ".join(column.name for column in branch)
            expected = ", ".join(column.name for column in branches[0])
            issues.append(issue("N2306", where, expected=expected, found=names))
    yield from branches[0]


def _shape(columns: list[Column]) -> list[tuple[str, str]]:
    return [(column.name, sql_type(column)) for column in columns]
