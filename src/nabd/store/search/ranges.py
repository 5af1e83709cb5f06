"""The three narrow tables, asked in two ways: for the keys in a range, or about one resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from nabd.fhir.search.near import RADIUS
from nabd.fhir.search.query import Any, Dates, Near, Node, Numbers, Paired, Strings
from nabd.store.search.statement import Statement

Ranged: TypeAlias = Dates | Numbers | Strings
_DAY = 86_400_000_000
_LEFT = 64  # as the index string_value_folded
_LAST = "\U0010ffff"


def family(node: Node) -> tuple[object, ...] | None:
    """Tell which ranges can be asked together, as alternatives about one row."""
    match node:
        case Dates(params):
            return ("date_value", params)
        case Numbers(params, unit=unit, code=code, contexts=contexts):
            return ("number_value", params, unit, code, contexts)
        case Strings(params):
            return ("string_value", params)
        case _:
            return None


def table(node: Ranged) -> str:
    """Name the table that holds the values a node asks about."""
    return {Dates: "date_value", Numbers: "number_value", Strings: "string_value"}[type(node)]


def keys(statement: Statement, nodes: Sequence[Ranged]) -> str:
    """Select the keys of which one value is in one of the ranges, to begin a search with."""
    row = statement.alias("v")
    arms = [f"({' and '.join(_driving(statement, row, node))})" for node in nodes]
    return f"select {row}.key from {table(nodes[0])} {row} where {' or '.join(arms)}"


def about(statement: Statement, key: str, nodes: Sequence[Ranged]) -> str:
    """Test one resource; ``offset 0`` keeps the planner from turning the test into a join."""
    row = statement.alias("v")
    arms = [f"({' and '.join(_bounds(statement, row, node))})" for node in nodes]
    where = f"{row}.key = {key} and ({' or '.join(arms)})"
    return f"exists (select from {table(nodes[0])} {row} where {where} offset 0)"


def paired(statement: Statement, key: str, node: Paired) -> str:
    """Test that one repetition of an element has both numbers."""
    one, other = statement.alias("v"), statement.alias("v")
    where = [f"{one}.key = {key}", f"{other}.key = {key}", f"{one}.context = {other}.context"]
    for row, numbers in ((one, node.first), (other, node.second)):
        alternatives = numbers.of if isinstance(numbers, Any) else (numbers,)
        arms = [
            f"({' and '.join(_bounds(statement, row, n))})"
            for n in alternatives
            if isinstance(n, Numbers)
        ]
        where.append(f"({' or '.join(arms)})")
    tables = f"number_value {one}, number_value {other}"
    return f"exists (select from {tables} where {' and '.join(where)} offset 0)"


def near(statement: Statement, key: str, node: Near) -> str:
    """Test the distance from a position, by the haversine formula."""
    lat, lon = statement.alias("v"), statement.alias("v")
    of_lat, of_lon = (statement.bind(n, "int") for n in (node.of_latitude, node.of_longitude))
    here, there = (statement.bind(n, "float8") for n in (node.latitude, node.longitude))
    across = f"power(sin(radians({_degrees(lat, 90)} - {here}) / 2), 2)"
    along = f"power(sin(radians({_degrees(lon, 180)} - {there}) / 2), 2)"
    half = f"{across} + cos(radians({_degrees(lat, 90)})) * cos(radians({here})) * {along}"
    metres = f"{2 * RADIUS} * asin(least(1, sqrt({half})))"
    where = [f"{lat}.key = {key}", f"{lat}.param = {of_lat}", f"abs({lat}.lo) <= 90"]
    where += [f"{lon}.key = {key}", f"{lon}.param = {of_lon}", f"abs({lon}.lo) <= 180"]
    where.append(f"{metres} <= {statement.bind(node.metres, 'float8')}")
    tables = f"number_value {lat}, number_value {lon}"
    return f"exists (select from {tables} where {' and '.join(where)} offset 0)"


def _degrees(row: str, most: int) -> str:
    """Round a coordinate to a centimetre: PostgreSQL refuses to compute what is nearly nothing."""
    return f"round(least(greatest({row}.lo, -{most}), {most}) * 1e7) / 1e7"


def _params(statement: Statement, row: str, params: tuple[int, ...]) -> str:
    if len(params) == 1:
        return f"{row}.param = {statement.bind(params[0], 'int')}"
    return f"{row}.param = any({statement.bind(list(params), 'int[]')})"


def _bounds(statement: Statement, row: str, node: Ranged) -> list[str]:
    found = [_params(statement, row, node.params)]
    if isinstance(node, Strings):
        return found + _string(statement, row, node)
    kind = "bigint" if isinstance(node, Dates) else "float8"
    for column, operator, value in (
        ("lo", ">=", node.lo_min),
        ("lo", "<=", node.lo_max),
        ("hi", ">=", node.hi_min),
        ("hi", "<=", node.hi_max),
    ):
        if value is not None:
            found.append(f"{row}.{column} {operator} {statement.bind(value, kind)}")
    if isinstance(node, Numbers):
        found += _unit(statement, row, node)
    return found


def _unit(statement: Statement, row: str, node: Numbers) -> list[str]:
    found = []
    if node.unit is not None:
        found.append(f"{row}.unit = {statement.bind(node.unit, 'int')}")
    if node.code is not None:
        found.append(f"{row}.code = {statement.bind(node.code, 'int')}")
    if node.contexts:
        found.append(f"{row}.context = any({statement.bind(list(node.contexts), 'int[]')})")
    return found


def _string(statement: Statement, row: str, node: Strings) -> list[str]:
    text = statement.bind(node.folded, "text")
    match node.mode:
        case "contains":
            return [f"strpos({row}.folded, {text}) > 0"]
        case "exact":
            exact = statement.bind(node.exact, "text")
            return [
                f"left({row}.folded, {_LEFT}) = left({text}, {_LEFT})",
                f'coalesce({row}.exact, {row}.folded) = {exact} collate "C"',
            ]
        case "whole":
            begins = f"left({row}.folded, {_LEFT}) = left({text}, {_LEFT})"
            return [begins, f"{row}.folded = {text}"]
        case _:
            begin = node.folded[:_LEFT]
            least, most = statement.bind(begin, "text"), statement.bind(begin + _LAST, "text")
            return [
                f"left({row}.folded, {_LEFT}) >= {least}",
                f"left({row}.folded, {_LEFT}) < {most}",
                f"starts_with({row}.folded, {text})",
            ]


def _driving(statement: Statement, row: str, node: Ranged) -> list[str]:
    """Add what lets an index on the lower end find a bound of the upper end.

    Few dates are longer than a day and few numbers are ranges: those have an index of their own
    (``date_value_long``, ``number_value_range``), of all others the lower end is near the upper.
    """
    found = _bounds(statement, row, node)
    if isinstance(node, Strings):
        return found
    if node.hi_max is not None and node.lo_max is None:
        kind = "bigint" if isinstance(node, Dates) else "float8"
        found.append(f"{row}.lo <= {statement.bind(node.hi_max, kind)}")
    if node.hi_min is None or node.lo_min is not None:
        return found
    params = _params(statement, row, node.params)
    if isinstance(node, Dates):
        near = statement.bind(node.hi_min - _DAY, "bigint")
        long, end = f"{row}.hi - {row}.lo >= {_DAY}", statement.bind(node.hi_min, "bigint")
    else:
        near = end = statement.bind(node.hi_min, "float8")
        long = f"{row}.hi > {row}.lo"
    found.append(
        f"(({params} and {row}.lo >= {near}) or ({params} and {long} and {row}.hi >= {end}))"
    )
    return found
