"""The outlines of regions and provinces, ready to be drawn.

``data/boundaries.json`` is data of the deployment (``tools/boundaries.py`` wrote it): what it
draws is no claim of the code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any

from nabd.access.figure import Box, Outline, Outlines
from nabd.registry.territory import DATA

Point = tuple[int, int]


@cache
def outlines(level: str) -> Outlines:
    """Return every shape of a level: "region" or "province"."""
    data = _data()
    arcs = [_arc(flat) for flat in data["arcs"]]
    shapes = {code: _outline(rings, arcs) for code, rings in data[level].items()}
    return _outlines(shapes)


@cache
def within(codes: frozenset[str]) -> Outlines:
    """Return the shapes of some provinces, such as those of one region, cut to their bounds."""
    shapes = outlines("province").shapes
    return _outlines({code: shapes[code] for code in sorted(codes & shapes.keys())})


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "boundaries.json").read_text("utf-8"))
    return found


def _outlines(shapes: dict[str, Outline]) -> Outlines:
    data = _data()
    bounds = _bounds(_corners(shape.box) for shape in shapes.values())
    return Outlines(bounds, shapes, data["attribution"], data["attribution_url"])


def _arc(flat: list[int]) -> list[Point]:
    """Walk the steps of a delta-coded arc."""
    x, y = flat[0], flat[1]
    points = [(x, y)]
    for dx, dy in zip(flat[2::2], flat[3::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x, y))
    return points


def _outline(rings: list[list[int]], arcs: list[list[Point]]) -> Outline:
    walked = [_ring(ring, arcs) for ring in rings]
    largest = max(walked, key=lambda ring: abs(_twice_area(ring)))
    path = "".join(_path(ring) for ring in walked)
    return Outline(path, _centroid(largest), _bounds(walked))


def _ring(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for number in ring:
        points += (arcs[number] if number >= 0 else arcs[~number][::-1])[bool(points) :]
    return points


def _path(points: list[Point]) -> str:
    """Write a closed SVG path of relative steps: half the bytes of absolute ones."""
    steps = (f"{b[0] - a[0]},{b[1] - a[1]}" for a, b in pairwise(points[:-1]) if a != b)
    return f"M{points[0][0]},{points[0][1]}l{' '.join(steps)}z"


def _bounds(groups: Iterable[list[Point]]) -> Box:
    points = [point for group in groups for point in group]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    north, south = min(y for _, y in points), max(y for _, y in points)
    return west, north, east - west, south - north


def _corners(box: Box) -> list[Point]:
    x, y, width, height = box
    return [(x, y), (x + width, y + height)]


def _twice_area(ring: list[Point]) -> int:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def _centroid(ring: list[Point]) -> Point:
    """Give the centre of mass of a closed ring (shoelace)."""
    total = 3 * _twice_area(ring)
    x = y = 0
    for a, b in pairwise(ring):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    return x // total, y // total
