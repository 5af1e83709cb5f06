"""Bars by month, kinds stacked from the foot; all places are percentages of the drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from nabd.access.figure import Months
from nabd.web.console.plot.scale import axis

SHADES = (4, 2, 5, 1, 3)  # those beside each other lie apart
WIDTH = 0.76  # of a month's place
MARGIN = 9.0  # percent of the drawing, before the first month: the axis is written there


@dataclass(frozen=True, slots=True)
class Part:
    """One kind in one month: a rectangle, measured from the top."""

    shade: int
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: where its bar starts and ends, and its parts from the foot."""

    month: date
    start: float
    middle: float
    total: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A figure ready for the template; ticks are (value, height from the top)."""

    bars: tuple[Bar, ...]
    width: float
    edge: int
    ticks: tuple[tuple[float, float], ...]
    shades: tuple[tuple[str, int], ...]


def bars(figure: Months, direction: str) -> Bars:
    """Draw the months in the direction of reading: "ltr" or "rtl"."""
    end, ticks = axis(figure.totals, least=1)
    shades = tuple(SHADES[one.place] for one in figure.series)
    place = (100 - MARGIN) / max(len(figure.months), 1)
    drawn = (
        Bar(
            month,
            _at(number, place, direction) + place * (1 - WIDTH) / 2,
            _at(number, place, direction) + place / 2,
            total,
            tuple(_parts([one.counts[number] for one in figure.series], shades, end)),
        )
        for number, (month, total) in enumerate(zip(figure.months, figure.totals, strict=True))
    )
    return Bars(
        bars=tuple(drawn),
        width=place * WIDTH,
        edge=100 if direction == "rtl" else 0,
        ticks=tuple((tick, 100 - tick / end * 100) for tick in ticks),
        shades=tuple((one.title, shade) for one, shade in zip(figure.series, shades, strict=True)),
    )


def _at(number: int, place: float, direction: str) -> float:
    start = MARGIN + number * place
    return 100 - start - place if direction == "rtl" else start


def _parts(counts: list[int], shades: tuple[int, ...], end: float) -> Iterator[Part]:
    below = 0.0
    for count, shade in zip(counts, shades, strict=True):
        height = count / end * 100
        yield Part(shade, 100 - below - height, height)
        below += height
