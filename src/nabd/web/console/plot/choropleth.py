"""Choropleth maps: which shape gets which shade, and what the legend says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from nabd.access.figure import Choropleth, Datum, Outline
from nabd.web.console.plot.scale import limits, shade


@dataclass(frozen=True, slots=True)
class Shape:
    """One drawn place."""

    datum: Datum
    outline: Outline
    shade: int


@dataclass(frozen=True, slots=True)
class Class:
    """One line of the legend: from (inclusive) to (exclusive); ``None`` is open."""

    shade: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map ready for the template."""

    figure: Choropleth
    shapes: tuple[Shape, ...]
    classes: tuple[Class, ...]
    gaps: bool
    type_size: int
    labels: bool


def drawn(figure: Choropleth, labels: int = 15) -> Drawn:
    """Shade the shapes; write the values on them when there are no more than ``labels``."""
    between = limits([one.value for one in figure.data if one.value is not None])
    shapes = tuple(
        Shape(datum, figure.outlines.shapes[datum.code], shade(datum.value, between))
        for datum in figure.data
        if datum.code in figure.outlines.shapes
    )
    known = any(one.shade for one in shapes)
    return Drawn(
        figure=figure,
        shapes=shapes,
        classes=_classes(between) if known else (),
        gaps=any(not one.shade for one in shapes),
        type_size=round(max(figure.outlines.box[2:]) * 0.028),
        labels=len(shapes) <= labels,
    )


def _classes(between: list[float]) -> tuple[Class, ...]:
    edges = [None, *between, None]
    pairs = pairwise(edges)
    return tuple(Class(n, low, high) for n, (low, high) in enumerate(pairs, 1))
