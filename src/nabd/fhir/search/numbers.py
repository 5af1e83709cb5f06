"""Numbers and quantities as closed intervals of floats.

http://hl7.org/fhir/R4/search.html#number: a number that is searched for stands for all numbers
that round to it (``5.40`` for 5.395 up to 5.405); a number in a resource is the point it says.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from nabd.fhir.search.hashing import short

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d{1,3})?", re.ASCII)

#: lo, hi, unit, code
Span = tuple[float, float, int, int]
_CACHE_SIZE = 10_000
_units: dict[tuple[str | None, str | None, str | None], tuple[int, int]] = {}


def point(value: Any) -> float | None:
    """Read a number of a resource; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def units(unit: str | None, system: str | None, code: str | None) -> tuple[int, int]:
    """Hash unit and coded unit; the unit is the code where there is a code."""
    known = (unit, system, code)
    found = _units.get(known)
    if found is None:
        if len(_units) >= _CACHE_SIZE:
            _units.clear()
        found = _units[known] = _hash_units(unit, system, code)
    return found


def _hash_units(unit: str | None, system: str | None, code: str | None) -> tuple[int, int]:
    return (
        short(unit) if unit else 0,
        short(f"{system or ''}|{code}") if code else 0,
    )


def quantity(value: dict[str, Any]) -> list[Span]:
    """Index a Quantity once, twice where its unit is written unlike its code.

    A comparator opens the interval: ``< 5`` lies anywhere below 5.
    """
    number = point(value.get("value"))
    if number is None:
        return []
    lo, hi = _compared(number, value.get("comparator"))
    return _spans(lo, hi, value)


def _compared(number: float, comparator: str | None) -> tuple[float, float]:
    match comparator:
        case "<":
            return -math.inf, math.nextafter(number, -math.inf)
        case "<=":
            return -math.inf, number
        case ">":
            return math.nextafter(number, math.inf), math.inf
        case ">=":
            return number, math.inf
        case _:
            return number, number


def span(value: dict[str, Any]) -> list[Span]:
    """Index a Range; a missing end is open."""
    low, high = value.get("low") or {}, value.get("high") or {}
    lo, hi = point(low.get("value")), point(high.get("value"))
    if lo is None and hi is None:
        return []
    lo = -math.inf if lo is None else lo
    hi = math.inf if hi is None else hi
    if lo > hi:
        return []
    return _spans(lo, hi, low if low.get("code") or low.get("unit") else high)


def _spans(lo: float, hi: float, named: dict[str, Any]) -> list[Span]:
    unit, system, code = named.get("unit"), named.get("system"), named.get("code")
    first, coded = units(code or unit, system, code)
    spans = [(lo, hi, first, coded)]
    if unit and code and unit != code:
        spans.append((lo, hi, short(unit), coded))
    return spans


def money(value: dict[str, Any]) -> list[Span]:
    """Index Money; its unit is the currency, of ISO 4217."""
    number, currency = point(value.get("value")), value.get("currency")
    if number is None:
        return []
    return [(number, number, *units(currency, "urn:iso:std:iso:4217", currency))]


def sampled(value: dict[str, Any]) -> list[Span]:
    """Index SampledData by its least and greatest sample."""
    samples = [s for s in map(_sample, str(value.get("data") or "").split()) if s is not None]
    if not samples:
        return []
    origin = value.get("origin") or {}
    base = origin.get("value") or 0
    factor = value.get("factor") or 1
    ends = sorted(float(base + s * factor) for s in (min(samples), max(samples)))
    return _spans(ends[0], ends[1], origin)


def _sample(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def rounding(text: str) -> tuple[Decimal, Decimal, Decimal]:
    """Read a number that is searched for: the number, and the bounds of what rounds to it."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a FHIR number")
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1)
    return number, number - half, number + half
