"""Sparklines: a small line for each series, all on the same axis so that they compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

WIDTH, HEIGHT = 100, 30
MARGIN = 2

Points = Sequence[tuple[date, float | None]]


def polylines(series: Mapping[str, Points], top: float, since: date, until: date) -> dict[str, str]:
    """Give each series' points for an SVG polyline, zero at the foot, ``top`` at the head."""
    days = max((until - since).days, 1)

    def place(when: date, value: float) -> str:
        x = (when - since).days / days * WIDTH
        y = HEIGHT - MARGIN - value / (top or 1) * (HEIGHT - 2 * MARGIN)
        return f"{x:.1f},{y:.1f}"

    return {
        name: " ".join(place(when, value) for when, value in points if value is not None)
        for name, points in series.items()
    }
