"""Dot plots: a value's place on a common axis; one row for each place, or for each group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nabd.access.figure import Datum, Group, Ranking, Strips
from nabd.web.console.plot.scale import axis


@dataclass(frozen=True, slots=True)
class Dot:
    """A datum and its place on the axis, in percent; ``None`` without a value."""

    datum: Datum
    at: float | None


@dataclass(frozen=True, slots=True)
class Dots:
    """A ranking ready for the template, largest first, the unknown last."""

    rows: tuple[Dot, ...]
    reference: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One group with its dots; ``low`` and ``high`` are the ends of its values."""

    group: Group
    dots: tuple[Dot, ...]
    low: Datum | None
    high: Datum | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Groups ready for the template."""

    lines: tuple[Line, ...]
    reference: float | None


def dots(figure: Ranking) -> Dots:
    """Put each value of a ranking on an axis that starts at zero."""
    at = _axis(figure.data, figure.reference)
    rows = (Dot(one, at(one.value)) for one in sorted(figure.data, key=_order))
    return Dots(tuple(rows), at(figure.reference))


def strips(figure: Strips) -> Lines:
    """Put the values of all groups on one axis."""
    at = _axis((one for group in figure.groups for one in group.data), figure.reference)
    return Lines(tuple(_line(group, at) for group in figure.groups), at(figure.reference))


def _line(group: Group, at: Callable[[float | None], float | None]) -> Line:
    known = sorted((one for one in group.data if one.value is not None), key=_order)
    low, high = (known[-1], known[0]) if known else (None, None)
    return Line(group, tuple(Dot(one, at(one.value)) for one in known), low, high)


def _axis(data: Iterable[Datum], reference: float | None) -> Callable[[float | None], float | None]:
    values = [one.value for one in data if one.value is not None]
    end, _ = axis([*values, reference or 0.0])

    def at(value: float | None) -> float | None:
        return None if value is None else round(value / end * 100, 2)

    return at


def _order(datum: Datum) -> tuple[bool, float, str]:
    return datum.value is None, -(datum.value or 0.0), datum.code
