"""The order of an answer, and where in it a page begins.

http://hl7.org/fhir/R4/search.html#sort.  What has no value comes last, in both directions; of
several values the first in the direction counts.  Ties, and everything without an order, go by
key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from nabd.errors import problem
from nabd.fhir.search.query import Sort
from nabd.fhir.search.text import is_text
from nabd.store.search import labels
from nabd.store.search.cursor import Cursor, Value
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement

_COLUMNS = {
    "date": ("date_value", "lo"),
    "number": ("number_value", "lo"),
    "string": ("string_value", "folded"),
}
_TYPES = {"id": "text", "updated": "timestamptz", "date": "bigint", "number": "float8"}


def expression(statement: Statement, row: str, sort: Sort, sight: Sight) -> str:
    """Write the value that a row is sorted by."""
    if sort.kind in ("id", "updated"):
        return f"{row}.{sort.kind}"
    if sort.kind == "token":
        return labels.code(statement, row, sort)
    if sort.kind == "reference":
        return labels.target(statement, row, sort, sight)
    table, column = _COLUMNS[sort.kind]
    value = statement.alias("o")
    params = statement.bind(list(sort.params), "int[]")
    first = "max" if sort.descending else "min"
    where = f"{value}.key = {row}.key and {value}.param = any({params})"
    return f"(select {first}({value}.{column}) from {table} {value} where {where})"


def is_indexed(sorts: tuple[Sort, ...], begin: Cursor | None) -> bool:
    """Tell whether the index of dates has the order: by one branch, and not yet at its end."""
    if not sorts or sorts[0].kind != "date" or len(sorts[0].params) != 1:
        return False
    return begin is None or begin.values[0] is not None


def first_dates(statement: Statement, sort: Sort, begin: Cursor | None) -> str:
    """Say which rows ``d`` of ``date_value`` count: of each resource, the first in the order."""
    param = statement.bind(sort.params[0], "int")
    before = ">" if sort.descending else "<"
    other = "e.key = d.key and e.param = d.param"
    sooner = f"(e.lo {before} d.lo or (e.lo = d.lo and e.ctid < d.ctid))"
    found = f"d.param = {param}"
    if begin:
        bound = _bind(statement, sort, begin.values[0])
        found += f" and d.lo {'<=' if sort.descending else '>='} {bound}"
    return f"{found} and not exists (select from date_value e where {other} and {sooner} offset 0)"


def order_by(sorts: tuple[Sort, ...], row: str, walked: bool, indexed: bool = False) -> str:
    """Write the order.

    Where the search begins at terms or keys, ``+ 0`` keeps the planner from walking all keys in
    their order instead, because it cannot know how rare a hash is.
    """
    named = [
        f"{row}.s{place} {'desc' if sort.descending else 'asc'}"
        f"{'' if indexed and place == 0 else _nulls(sort)}"
        for place, sort in enumerate(sorts)
    ]
    return ", ".join([*named, f"{row}.key" if walked else f"{row}.key + 0"])


def _nulls(sort: Sort) -> str:
    return "" if sort.kind in ("id", "updated") else " nulls last"


def after(statement: Statement, sorts: tuple[Sort, ...], cursor: Cursor, row: str) -> str:
    """Write the condition of coming after the end of the page before."""
    ties: list[str] = []
    arms: list[str] = []
    for place, (sort, value) in enumerate(zip(sorts, cursor.values, strict=True)):
        column = f"{row}.s{place}"
        if value is None:  # last in its order: only ties come after it
            ties.append(f"{column} is null")
            continue
        named = _bind(statement, sort, value)
        beyond = f"{column} {'<' if sort.descending else '>'} {named}"
        if sort.kind not in ("id", "updated"):
            beyond = f"({beyond} or {column} is null)"
        arms.append(" and ".join([*ties, beyond]))
        ties.append(f"{column} = {named}")
    arms.append(" and ".join([*ties, f"{row}.key > {statement.bind(cursor.key, 'bigint')}"]))
    return f"({' or '.join(f'({arm})' for arm in arms)})"


def _bind(statement: Statement, sort: Sort, value: Value) -> str:
    kind = _TYPES.get(sort.kind, "text")
    try:
        if kind == "timestamptz":
            return statement.bind(datetime.fromisoformat(str(value)), kind)
        return statement.bind(_PYTHON[kind](value), kind)
    except (ValueError, OverflowError):
        raise problem("N2521", "_cursor") from None


def _bigint(value: Value) -> int:
    number = int(value or 0)
    if not -(1 << 63) <= number < 1 << 63:
        raise OverflowError
    return number


def _text(value: Value) -> str:
    text = str(value)
    if not is_text(text):
        raise ValueError
    return text


_PYTHON: dict[str, Callable[[Value], str | int | float]] = {
    "text": _text,
    "bigint": _bigint,
    "float8": lambda value: float(value or 0),
}
