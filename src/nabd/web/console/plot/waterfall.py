"""Waterfalls: a sum as bars, each beginning where the last one ended, on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from nabd.access.figure import Limit, Step, Waterfall

MARGIN = 0.03  # of the axis, at both ends
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A step with its place on the axis in percent: ``before`` is where the last bar ended."""

    step: Step
    kind: str  # start, up, down, total
    before: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """The length of the bar, in percent."""
        return round(self.high - self.low, 2)


@dataclass(frozen=True, slots=True)
class Falls:
    """A waterfall ready for the template; ``zero`` and the limits are places in percent."""

    bars: tuple[Bar, ...]
    zero: float
    limits: tuple[tuple[Limit, float], ...]


def waterfall(figure: Waterfall) -> Falls:
    """Put the bars of a waterfall on an axis that holds them, zero and all limits."""
    levels = list(accumulate((one.value for one in figure.steps), initial=figure.start.value))
    at = _Axis([0.0, figure.total.value, *levels, *(one.value for one in figure.limits)])
    zero = at(0.0)
    bars = [_bar(figure.start, "start", zero, zero, at(figure.start.value))]
    for one, begin, end in zip(figure.steps, levels[:-1], levels[1:], strict=True):
        kind = "up" if one.value >= 0 else "down"
        bars.append(_bar(one, kind, at(begin), at(begin), at(end)))
    bars.append(_bar(figure.total, "total", at(levels[-1]), zero, at(figure.total.value)))
    return Falls(tuple(bars), zero, tuple((one, at(one.value)) for one in figure.limits))


class _Axis:
    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        room = (high - low or 1.0) * MARGIN
        self._low, self._span = low - room, (high - low or 1.0) + 2 * room

    def __call__(self, value: float) -> float:
        return round((value - self._low) / self._span * WHOLE, 2)


def _bar(step: Step, kind: str, before: float, begin: float, end: float) -> Bar:
    return Bar(step, kind, before, min(begin, end), max(begin, end))
