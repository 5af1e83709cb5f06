"""Conversion: http://hl7.org/fhirpath/N1/#conversion.

Each ``toX`` yields nothing where the value has no X; ``convertsToX`` tells whether it has.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from nabd.fhir.fhirpath import quantity, temporal
from nabd.fhir.fhirpath.evaluation import Evaluation, single, string
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.functions.strings import shown
from nabd.fhir.fhirpath.model import Collection
from nabd.fhir.fhirpath.numbers import decimal_of, integer_of, text_of
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal

_TRUE = {"true", "t", "yes", "y", "1", "1.0"}
_FALSE = {"false", "f", "no", "n", "0", "0.0"}


def to_boolean(value: Any) -> bool | None:
    """Read true, t, yes, y, 1 and 1.0, and their opposites."""
    if type(value) is bool:
        return value
    if type(value) is int or type(value) is Decimal:
        return {0: False, 1: True}.get(int(value)) if value in (0, 1) else None
    text = value.lower() if type(value) is str else ""
    return True if text in _TRUE else (False if text in _FALSE else None)


def to_integer(value: Any) -> int | None:
    """Read an integer; a decimal is none."""
    if type(value) is bool or type(value) is int:
        return int(value)
    return integer_of(value) if type(value) is str else None


def to_decimal(value: Any) -> Decimal | None:
    """Read a decimal."""
    if type(value) is bool or type(value) is int or type(value) is Decimal:
        return Decimal(value)
    return decimal_of(value) if type(value) is str else None


def to_string(value: Any) -> str | None:
    """Write any system value; an object has no text."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal:
        return text_of(value)
    return str(value) if type(value) in (str, int, Temporal, Quantity) else None


def to_date(value: Any) -> Temporal | None:
    """Read a date; of a dateTime, its day."""
    if type(value) is Temporal and value.kind != "Time":
        return Temporal("Date", value.parts[:3])
    if type(value) is not str:
        return None
    found = temporal.parse_datetime(value)
    return Temporal("Date", found.parts[:3]) if found else None


def to_datetime(value: Any) -> Temporal | None:
    """Read a dateTime; a date is one without a time."""
    if type(value) is Temporal and value.kind != "Time":
        return Temporal("DateTime", value.parts, value.offset)
    return temporal.parse_datetime(value) if type(value) is str else None


def to_time(value: Any) -> Temporal | None:
    """Read a time."""
    if type(value) is Temporal and value.kind == "Time":
        return value
    return temporal.parse_time(value.removeprefix("T")) if type(value) is str else None


def to_quantity(value: Any) -> Quantity | None:
    """Read a quantity: a number, or a number with a unit."""
    if type(value) is Quantity:
        return value
    if type(value) is str:
        return quantity.from_text(value)
    number = to_decimal(value)
    return None if number is None else Quantity(number)


def _register(name: str, convert: Callable[[Any], Any]) -> None:
    def to(_: Evaluation, focus: Collection) -> Collection:
        found = convert(_value(focus, f"to{name}()"))
        return [] if found is None else [found]

    def converts(_: Evaluation, focus: Collection) -> Collection:
        if not focus:
            return []
        return [convert(_value(focus, f"convertsTo{name}()")) is not None]

    on_values(f"to{name}")(to)
    on_values(f"convertsTo{name}")(converts)


def _value(focus: Collection, where: str) -> Any:
    single(focus, where)
    return shown(focus[0]) if focus else None


for _name, _convert in (
    ("Boolean", to_boolean),
    ("Integer", to_integer),
    ("Decimal", to_decimal),
    ("String", to_string),
    ("Date", to_date),
    ("DateTime", to_datetime),
    ("Time", to_time),
):
    _register(_name, _convert)


@on_values("toQuantity", 0, 1)
def as_quantity(_: Evaluation, focus: Collection, unit: Collection | None = None) -> Collection:
    """Convert to a quantity, and to ``unit`` where one is asked for."""
    found = to_quantity(single(focus, "toQuantity()"))
    code = string(unit, "toQuantity()") if unit else None
    if found is not None and code is not None:
        found = quantity.add(Quantity(Decimal(0), code), found)
    return [] if found is None else [found]


@on_values("convertsToQuantity", 0, 1)
def converts_to_quantity(
    evaluation: Evaluation, focus: Collection, unit: Collection | None = None
) -> Collection:
    return [bool(as_quantity(evaluation, focus, unit))] if focus else []
