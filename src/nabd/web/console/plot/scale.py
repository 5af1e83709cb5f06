"""Scales: how values become classes of shade and places on a line."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

CLASSES = 5
LEAST = 1e-6  # what is smaller than this is nothing, on a page


def limits(values: Sequence[float], classes: int = CLASSES) -> list[float]:
    """Return the inner limits of equally filled classes, rounded so that a legend can be read.

    Fewer values than classes, or values that are all alike, give fewer limits.
    """
    ordered = sorted(values)
    span = ordered[-1] - ordered[0] if ordered else 0.0
    if span < LEAST:
        return []
    inner = (ordered[n * len(ordered) // classes] for n in range(1, classes))
    rounded = sorted({rounded_to(value, span) for value in inner})
    return [value for value in rounded if ordered[0] < value <= ordered[-1]]


def rounded_to(value: float, span: float) -> float:
    """Round to a hundredth of the span, in steps of 1, 2 or 5 of a power of ten."""
    step = nice(span / 100)
    return round(round(value / step) * step, 10)


def nice(step: float) -> float:
    """Return the smallest of 1, 2, 5 × 10ⁿ that is not below ``step``."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step * 0.999999)


def shade(value: float | None, between: Sequence[float]) -> int:
    """Return the class of a value, from 1; 0 where there is none."""
    return 0 if value is None else bisect_right(between, value) + 1


def axis(values: Sequence[float], least: float = 0.0) -> tuple[float, list[float]]:
    """Return where an axis from zero ends, and its ticks, about four, ``least`` apart or more."""
    top = max([*values, 0.0])
    if top < LEAST:
        return 1.0, [0.0, 1.0]
    step = max(nice(top / 4), least)
    count = math.ceil(top / step * 0.999999)
    return step * count, [round(n * step, 10) for n in range(count + 1)]
