"""Quantities: a value and a UCUM unit or a calendar unit (http://hl7.org/fhirpath/N1/#quantity)."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from typing import Any

import msgspec

from nabd.fhir.fhirpath import ucum
from nabd.fhir.fhirpath.numbers import equivalent_decimals

UCUM = "http://unitsofmeasure.org"

#: The words of the calendar, singular and plural.
CALENDAR = {
    word: one
    for one in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for word in (one, one + "s")
}
#: What a calendar unit is in UCUM; a year and a month have no fixed length there.
_DEFINITE = {
    "week": "wk",
    "day": "d",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
}
_CALENDAR_OF = {code: word for word, code in _DEFINITE.items()}
_TEXT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|([a-zA-Z]+))?")


class Quantity(msgspec.Struct, frozen=True):
    """A number with its unit; ``calendar`` tells ``1 month`` from ``1 'mo'``."""

    value: Decimal
    unit: str = "1"
    calendar: bool = False

    def __str__(self) -> str:
        if not self.calendar:
            return f"{self.value} '{self.unit}'"
        return f"{self.value} {self.unit}{'' if self.value == 1 else 's'}"

    def json(self) -> dict[str, Any]:
        """Write it as a FHIR Quantity."""
        number = self.value if self.value.as_tuple().exponent else int(self.value)
        if self.calendar and self.unit not in _DEFINITE:
            return {"value": number, "unit": self.unit}
        code = _DEFINITE.get(self.unit, self.unit) if self.calendar else self.unit
        return {"value": number, "unit": self.unit, "system": UCUM, "code": code}


def from_text(text: str) -> Quantity | None:
    """Read ``5``, ``5 'mg'`` or ``5 days``; ``None`` when it is none of them."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    number, code, word = match.groups()
    if word:
        calendar = CALENDAR.get(word)
        return Quantity(Decimal(number), calendar, calendar=True) if calendar else None
    return Quantity(Decimal(number), code or "1")


def from_json(value: Any) -> Quantity | None:
    """Read a FHIR Quantity; ``None`` without a value, or with a comparator."""
    if not isinstance(value, dict) or value.get("value") is None or "comparator" in value:
        return None
    unit = value.get("code") if value.get("system") == UCUM else None
    return Quantity(Decimal(value["value"]), unit or value.get("code") or value.get("unit") or "1")


def calendar_unit(quantity: Quantity) -> str | None:
    """Name the calendar unit by which a date can be moved; ``None`` when it has none.

    ``'mo'`` and ``'a'`` are not among them: they have a fixed length, a calendar month has not.
    """
    if quantity.calendar:
        return quantity.unit
    return _CALENDAR_OF.get(quantity.unit) or CALENDAR.get(quantity.unit)


def _in_base(quantity: Quantity) -> tuple[Decimal, object]:
    """Express in base units; the second value says what can be compared with what."""
    if quantity.calendar and quantity.unit not in _DEFINITE:
        months = 12 if quantity.unit == "year" else 1
        return quantity.value * months, "calendar"
    code = _DEFINITE[quantity.unit] if quantity.calendar else quantity.unit
    found = ucum.unit(code)
    if found is None:
        return quantity.value, code
    with localcontext(prec=50):
        return quantity.value * found.factor, found.dimensions


def in_common(a: Quantity, b: Quantity) -> tuple[Decimal, Decimal] | None:
    """Express both in one unit; ``None`` when their units do not convert."""
    if a.unit == b.unit and a.calendar == b.calendar:
        return a.value, b.value
    (left, scale), (right, other) = _in_base(a), _in_base(b)
    return (left, right) if scale == other else None


def equivalent(a: Quantity, b: Quantity) -> bool:
    """Compare at the precision of the less precise one; ``1 year ~ 1 'a'``."""
    if a.calendar != b.calendar:
        a, b = _definite(a), _definite(b)
    both = in_common(a, b)
    if both is None:
        return False
    if a.unit == b.unit:
        return equivalent_decimals(*both)
    factor = _in_base(Quantity(Decimal(1), a.unit))[0]
    other = _in_base(Quantity(Decimal(1), b.unit))[0]
    return equivalent_decimals(*_at_precision(both, factor, other, a, b))


def _definite(quantity: Quantity) -> Quantity:
    code = {**_DEFINITE, "year": "a", "month": "mo"}.get(quantity.unit, quantity.unit)
    return Quantity(quantity.value, code) if quantity.calendar else quantity


def _at_precision(
    both: tuple[Decimal, Decimal], factor: Decimal, other: Decimal, a: Quantity, b: Quantity
) -> tuple[Decimal, Decimal]:
    """Write both in the unit of the coarser one, so that its digits decide."""
    step_a = factor.scaleb(int(a.value.as_tuple().exponent))
    step_b = other.scaleb(int(b.value.as_tuple().exponent))
    if step_a >= step_b:
        return a.value, (both[1] / factor).normalize()
    return (both[0] / other).normalize(), b.value


def multiply(a: Quantity, b: Quantity) -> Quantity | None:
    """Multiply; the unit of the result is in base units unless one has none."""
    return _combine(a, b, 1)


def divide(a: Quantity, b: Quantity) -> Quantity | None:
    """Divide; ``None`` by zero."""
    return None if b.value == 0 else _combine(a, b, -1)


def _combine(a: Quantity, b: Quantity, sign: int) -> Quantity | None:
    if b.unit == "1":
        return Quantity(a.value * b.value if sign > 0 else a.value / b.value, a.unit, a.calendar)
    if a.unit == "1" and sign > 0:
        return Quantity(a.value * b.value, b.unit, b.calendar)
    left, right = ucum.unit(_definite(a).unit), ucum.unit(_definite(b).unit)
    if left is None or right is None:
        return None
    value = a.value * left.factor
    other = b.value * right.factor
    value = value * other if sign > 0 else value / other
    powers = dict(left.dimensions)
    for base, power in right.dimensions:
        powers[base] = powers.get(base, 0) + sign * power
    dimensions = tuple(sorted((base, power) for base, power in powers.items() if power))
    return Quantity(value, ucum.canonical(dimensions))


def add(a: Quantity, b: Quantity, sign: int = 1) -> Quantity | None:
    """Add (or subtract, with ``sign`` -1) in the unit of ``a``; ``None`` where units differ."""
    if a.unit == b.unit and a.calendar == b.calendar:
        return Quantity(a.value + sign * b.value, a.unit, a.calendar)
    both = in_common(a, b)
    if both is None:
        return None
    one = _in_base(Quantity(Decimal(1), a.unit, a.calendar))[0]
    return Quantity((both[0] + sign * both[1]) / one, a.unit, a.calendar)
