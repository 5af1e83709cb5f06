"""Decimals that keep their digits: rounding, equivalence, boundaries, conversion."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, DecimalException

#: Digits that a calculation keeps (FHIR asks for 18, the suite writes up to 28), and how large a
#: number may grow: what is larger has no answer, so that no expression can fill the memory.
CONTEXT = Context(prec=34, Emax=400, Emin=-400)
_LARGEST_INTEGER = 2**63
#: More digits than this after the point have no boundary.
_FINEST = 31
_DEFAULT = 8
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")
_MAX_INTEGER = 2**31


def calculated(function: Callable[[], Decimal]) -> Decimal | None:
    """Run a calculation; ``None`` where it has no answer (overflow, division by zero, …)."""
    try:
        result = function()
    except (DecimalException, ValueError, OverflowError):
        return None
    return result if result.is_finite() else None


def whole(value: int) -> int | None:
    """Return an integer of 64 bits; ``None`` for a larger one."""
    return value if -_LARGEST_INTEGER <= value < _LARGEST_INTEGER else None


def digits(value: Decimal | int) -> int:
    """Count the digits after the point, as written."""
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def equivalent_decimals(a: Decimal | int, b: Decimal | int) -> bool:
    """Compare, rounded to the less precise: http://hl7.org/fhirpath/N1/#equivalent."""
    a, b = Decimal(a), Decimal(b)
    places = min(_significant_places(a), _significant_places(b))
    step = Decimal(1).scaleb(-places)
    try:
        return a.quantize(step, ROUND_HALF_UP, CONTEXT) == b.quantize(step, ROUND_HALF_UP, CONTEXT)
    except DecimalException:
        return a == b


def _significant_places(value: Decimal) -> int:
    """Count the places after the point; trailing zeroes say nothing."""
    return digits(value.normalize(CONTEXT))


def boundary(value: Decimal, places: int | None, *, high: bool) -> Decimal | None:
    """Return the least or greatest number that ``value`` may be rounded from.

    ``1.587`` stands for 1.5865 to 1.5875; cut to ``places`` toward the number itself as the R4
    suite does: the boundary nearer to zero is truncated, the one farther from it rounded half up.
    """
    places = _DEFAULT if places is None else places
    if not 0 <= places <= _FINEST:
        return None
    half = Decimal(5).scaleb(-digits(value) - 1)
    exact = CONTEXT.add(value, half) if high else CONTEXT.subtract(value, half)
    outward = (exact >= 0) == high
    try:
        rounding = ROUND_HALF_UP if outward else ROUND_DOWN
        return exact.quantize(Decimal(1).scaleb(-places), rounding, Context(prec=60))
    except DecimalException:
        return None


def integer_of(text: str) -> int | None:
    """Read an integer of 32 bits; ``None`` when the text is none."""
    if len(text) > 12 or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -_MAX_INTEGER <= number < _MAX_INTEGER else None


def decimal_of(text: str) -> Decimal | None:
    """Read a decimal; ``None`` when the text is none."""
    return Decimal(text) if len(text) <= 100 and _NUMBER.fullmatch(text) else None


def text_of(value: Decimal) -> str:
    """Write a decimal without an exponent."""
    return format(value, "f")
