"""Read searches of what has an order: dates, numbers and quantities, with their prefixes.

http://hl7.org/fhir/R4/search.html#prefix.  Each prefix becomes bounds of the two ends of a value's
interval, exactly as the standard's table of prefixes says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from nabd.errors import problem
from nabd.fhir.search import dates
from nabd.fhir.search.hashing import short
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.numbers import rounding
from nabd.fhir.search.query import Dates, Node, Numbers, Updated
from nabd.fhir.search.text import split, unescape

_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])")
#: ``ap``: within 10 % of the value, of the distance from now for a date.
_ABOUT = 10
_MICRO = 1_000_000


def _prefix(text: str) -> tuple[str, str]:
    match = _PREFIX.match(text)
    return (match[1], text[2:]) if match else ("eq", text)


def _interval(parameter: str, text: str) -> tuple[str, int, int]:
    prefix, rest = _prefix(text)
    try:
        return prefix, *dates.interval(rest.replace(" ", "+"))
    except ValueError:
        raise problem("N2504", parameter) from None


def date(parameter: str, params: tuple[int, ...], text: str) -> Node:
    """Read a date with its prefix."""
    prefix, lo, hi = _interval(parameter, text)
    match prefix:
        case "eq":
            return Dates(params, lo_min=lo, hi_max=hi)
        case "ne":
            return any_of([Dates(params, lo_max=lo - 1), Dates(params, hi_min=hi + 1)])
        case "gt":
            return Dates(params, hi_min=hi + 1)
        case "lt":
            return Dates(params, lo_max=lo - 1)
        case "ge":
            return any_of([Dates(params, lo_min=lo), Dates(params, hi_min=hi + 1)])
        case "le":
            return any_of([Dates(params, hi_max=hi), Dates(params, lo_max=lo - 1)])
        case "sa":
            return Dates(params, lo_min=hi + 1)
        case "eb":
            return Dates(params, hi_max=lo - 1)
        case _:
            near_lo, near_hi = _around(lo, hi)
            return Dates(params, lo_max=near_hi, hi_min=near_lo)


def overlapping(parameter: str, params: tuple[int, ...], text: str) -> Node:
    """Read a date that shares a moment with the value's interval: ``po`` of ``_filter``."""
    try:
        lo, hi = dates.interval(text)
    except ValueError:
        raise problem("N2504", parameter) from None
    return Dates(params, lo_max=hi, hi_min=lo)


def _around(lo: int, hi: int) -> tuple[int, int]:
    now = int(datetime.now(UTC).timestamp()) * _MICRO
    gap = abs(now - (lo + hi) // 2) // _ABOUT
    return lo - gap, hi + gap


def updated(parameter: str, text: str) -> Node:
    """Read ``_lastUpdated``: an instant in the resource, so both its ends are the same."""
    prefix, lo, hi = _interval(parameter, text)
    match prefix:
        case "eq":
            return Updated(lo, hi)
        case "ne":
            return any_of([Updated(max=lo - 1), Updated(min=hi + 1)])
        case "gt" | "sa":
            return Updated(min=hi + 1)
        case "lt" | "eb":
            return Updated(max=lo - 1)
        case "ge":
            return Updated(min=lo)
        case "le":
            return Updated(max=hi)
        case _:
            near_lo, near_hi = _around(lo, hi)
            return Updated(near_lo, near_hi)


def number(parameter: str, params: tuple[int, ...], text: str) -> Node:
    """Read a number with its prefix."""
    return _compared(parameter, params, text, None, None, ())


def quantity(
    parameter: str, params: tuple[int, ...], text: str, contexts: tuple[int, ...] = ()
) -> Node:
    """Read ``[prefix][number]|[system]|[code]``; the code alone also means the written unit."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) > 3 or len(parts) == 2:
        raise problem("N2506", parameter)
    system, code = parts[1:] if len(parts) == 3 else ("", "")
    if system and not code:
        raise problem("N2506", parameter)
    coded = short(f"{system}|{code}") if system else None
    unit = short(code) if code and not system else None
    return _compared(parameter, params, parts[0], unit, coded, contexts)


def _compared(
    parameter: str,
    params: tuple[int, ...],
    text: str,
    unit: int | None,
    code: int | None,
    contexts: tuple[int, ...],
) -> Node:
    prefix, rest = _prefix(text)
    try:
        exact, low, high = rounding(rest)
    except (ArithmeticError, ValueError):
        raise problem("N2505", parameter) from None

    def numbers(
        lo_min: float | None = None,
        lo_max: float | None = None,
        hi_min: float | None = None,
        hi_max: float | None = None,
    ) -> Node:
        return Numbers(params, lo_min, lo_max, hi_min, hi_max, unit, code, contexts)

    margin = abs(exact) / Decimal(_ABOUT)
    bounds = _BOUNDS[prefix](_Sought(float(exact), float(low), _before(float(high)), float(margin)))
    return any_of(
        Numbers(params, lo_min, lo_max, hi_min, hi_max, unit, code, contexts)
        for lo_min, lo_max, hi_min, hi_max in bounds
    )


class _Sought(NamedTuple):
    """A number that is searched for, and what rounds to it."""

    value: float
    lo: float
    hi: float
    margin: float


def _after(value: float) -> float:
    return math.nextafter(value, math.inf)


def _before(value: float) -> float:
    return math.nextafter(value, -math.inf)


#: Least and greatest lower end, least and greatest upper end; each line is an alternative.
_Ends = tuple[float | None, float | None, float | None, float | None]
_BOUNDS: dict[str, Callable[[_Sought], tuple[_Ends, ...]]] = {
    "eq": lambda s: ((s.lo, None, None, s.hi),),
    "ne": lambda s: ((None, _before(s.lo), None, None), (None, None, _after(s.hi), None)),
    "gt": lambda s: ((None, None, _after(s.value), None),),
    "lt": lambda s: ((None, _before(s.value), None, None),),
    "ge": lambda s: ((None, None, s.value, None),),
    "le": lambda s: ((None, s.value, None, None),),
    "sa": lambda s: ((_after(s.value), None, None, None),),
    "eb": lambda s: ((None, None, None, _before(s.value)),),
    "ap": lambda s: ((None, s.value + s.margin, s.value - s.margin, None),),
}
