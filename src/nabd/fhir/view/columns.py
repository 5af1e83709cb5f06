"""The columns of a view: their SQL types, and how FHIR values become SQL values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from nabd.errors import problem
from nabd.fhir import json
from nabd.fhir.fhirpath.temporal import parse_datetime
from nabd.fhir.view.definition import Column

#: Makes the SQL value of one FHIR value.
Convert: TypeAlias = Callable[[Any], Any]

_SQL = {
    "boolean": "boolean",
    "integer": "integer",
    "positiveInt": "integer",
    "unsignedInt": "integer",
    "integer64": "bigint",
    "decimal": "numeric",
    "date": "date",
    "dateTime": "timestamptz",
    "instant": "timestamptz",
}
_ANSI = {
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "INT": "integer",
    "BIGINT": "bigint",
    "NUMERIC": "numeric",
    "DECIMAL": "numeric",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "CHARACTER VARYING": "text",
    "VARCHAR": "text",
    "TEXT": "text",
}


def sql_type(column: Column) -> str:
    """Choose the SQL type: the tag ``ansi/type``, else the FHIR type; an array of a collection."""
    tagged = next((_ANSI.get(t.value.upper()) for t in column.tag if t.name == "ansi/type"), None)
    name = column.type.rpartition("/")[2]
    primitive = name == "" or name[:1].islower()
    kind = tagged or _SQL.get(name) or ("text" if primitive else "json")
    return kind + "[]" if column.collection else kind


def _wrong(expected: str) -> Exception:
    return problem("N2311", expected=expected)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, dict | list):
        return _json(value)
    return str(value).lower() if type(value) is bool else str(value)


def _json(value: Any) -> str:
    return json.encode(value).decode()


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _wrong("boolean")
    return value


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is Decimal and value == int(value):
        return int(value)
    raise _wrong("integer")


def _numeric(value: Any) -> Decimal:
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise _wrong("decimal")


def _date(value: Any) -> date:
    """Take the first day that a date may mean: 2014 is 2014-01-01."""
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        return _first(value).date()


def _instant(value: Any) -> datetime:
    """Take the first instant that a dateTime may mean; UTC where it has no time zone."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        found = _first(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _first(value: Any) -> datetime:
    """Fill up a year or a month; what is no date is refused (N2311)."""
    found = parse_datetime(value) if type(value) is str else None
    if found is None or len(found.parts) > 2:
        raise _wrong("date")
    year, month = (*map(int, found.parts), 1)[:2]
    return datetime(year, month, 1, tzinfo=UTC)


_CONVERT: dict[str, Convert] = {
    "text": _text,
    "json": _json,
    "boolean": _boolean,
    "integer": _integer,
    "bigint": _integer,
    "numeric": _numeric,
    "date": _date,
    "timestamptz": _instant,
}


def converter(kind: str) -> Convert:
    """Return what makes SQL values of an SQL type; arrays keep lists.

    Raises (when run):
        Problem: N2311 when a value is not of the type that the column declares.
    """
    one = _CONVERT[kind.removesuffix("[]")]
    if kind.endswith("[]"):
        return lambda values: [one(value) for value in values]
    return lambda value: None if value is None else one(value)
