"""Scales and maps: what a figure draws is true to its numbers."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.access.figure import (
    Choropleth,
    Datum,
    Group,
    Limit,
    Measure,
    Name,
    Ranking,
    Step,
    Strips,
    Waterfall,
)
from nabd.registry.boundaries import outlines, within
from nabd.registry.territory import places
from nabd.web.console.plot.choropleth import drawn
from nabd.web.console.plot.dots import dots, strips
from nabd.web.console.plot.scale import axis, limits, shade
from nabd.web.console.plot.spark import polylines
from nabd.web.console.plot.waterfall import waterfall

MEASURE = Measure("beds", "Beds", "per 10,000 inhabitants")
VALUES = st.lists(st.floats(0, 1e6, allow_nan=False), max_size=80)
bounded = settings(max_examples=200, deadline=None)


def datum(code: str, value: float | None) -> Datum:
    return Datum(code, Name(code, code), value)


@bounded
@given(VALUES)
def test_limits_rise_and_part_the_values(values: list[float]) -> None:
    between = limits(values)
    assert between == sorted(set(between))
    assert len(between) <= 4
    if between:
        assert min(values) < between[0] and between[-1] <= max(values)
        assert {shade(value, between) for value in values} <= set(range(1, len(between) + 2))


@bounded
@given(VALUES, st.floats(0, 1e6))
def test_shades_keep_the_order_of_the_values(values: list[float], other: float) -> None:
    between = limits(values)
    shades = [shade(value, between) for value in sorted([*values, other])]
    assert shades == sorted(shades)


@bounded
@given(VALUES)
def test_an_axis_begins_at_zero_and_holds_every_value(values: list[float]) -> None:
    end, ticks = axis(values)
    assert ticks[0] == 0 and abs(ticks[-1] - end) < 1e-6 * max(end, 1)
    assert end >= max(values, default=0) * 0.99999


def test_equal_values_are_one_class() -> None:
    assert limits([3.0] * 12) == []
    assert limits([]) == []


def test_a_place_without_value_is_drawn_apart() -> None:
    figure = Choropleth(outlines("region"), MEASURE, (datum("01", 1.0), datum("02", None)))
    shown = drawn(figure)
    assert [one.shade for one in shown.shapes] == [1, 0]
    assert shown.gaps


def test_every_region_and_province_has_its_outline() -> None:
    for level, count in (("region", 12), ("province", 75)):
        codes = {place.code for place in places().values() if place.level == level}
        assert outlines(level).shapes.keys() == codes
        assert len(codes) == count


def test_provinces_lie_within_the_bounds_of_their_region() -> None:
    for code, region in outlines("region").shapes.items():
        inside = frozenset(
            place.code
            for place in places().values()
            if place.level == "province" and place.region == code
        )
        assert within(inside).box == region.box, code


def test_a_label_stands_inside_its_bounds() -> None:
    for level in ("region", "province"):
        for code, one in outlines(level).shapes.items():
            x, y, width, height = one.box
            assert x <= one.middle[0] <= x + width, code
            assert y <= one.middle[1] <= y + height, code


def test_outlines_name_whom_to_thank() -> None:
    assert outlines("region").attribution == "© OpenStreetMap contributors"


def test_a_ranking_begins_with_the_largest_and_ends_with_the_unknown() -> None:
    data = (datum("a", 1.0), datum("b", None), datum("c", 4.0))
    shown = dots(Ranking(MEASURE, data, reference=2.0))
    assert [row.datum.code for row in shown.rows] == ["c", "a", "b"]
    assert [row.at for row in shown.rows] == [100.0, 25.0, None]
    assert shown.reference == 50.0


def test_strips_share_one_axis() -> None:
    groups = (
        Group(Name("A", "أ"), "/a", (datum("a1", 1.0), datum("a2", 2.0))),
        Group(Name("B", "ب"), "/b", (datum("b1", 4.0), datum("b2", None))),
    )
    first, second = strips(Strips(MEASURE, groups)).lines
    assert [one.at for one in first.dots] == [50.0, 25.0]
    assert [one.at for one in second.dots] == [100.0]
    assert first.low and first.low.code == "a1"


def test_sparklines_leave_out_what_was_not_counted() -> None:
    since, until = date(2026, 1, 1), date(2026, 1, 11)
    lines = polylines(
        {"beds": [(since, 0), (date(2026, 1, 6), None), (until, 10)]}, 10, since, until
    )
    assert lines == {"beds": "0.0,28.0 100.0,2.0"}


STEPS = st.lists(st.floats(-60, 60, allow_nan=False), max_size=12)


@bounded
@given(st.floats(-60, 60, allow_nan=False), STEPS)
def test_a_waterfall_begins_each_bar_where_the_last_one_ended(
    start: float, values: list[float]
) -> None:
    total = start + sum(values)
    figure = Waterfall(
        Step("start", "", start),
        tuple(Step("step", "", value) for value in values),
        Step("total", "", total),
        (Limit("review", "review", 0.0), Limit("match", "match", 7.0)),
    )
    drawn_ = waterfall(figure)
    assert len(drawn_.bars) == len(values) + 2
    for one in drawn_.bars:
        assert 0 <= one.low <= one.high <= 100
    for before, one in pairwise(drawn_.bars):
        ends = (before.low, before.high)[before.step.value >= 0]
        assert abs(one.before - ends) <= 0.02
    last = drawn_.bars[-1]
    assert drawn_.zero in (last.low, last.high)
    assert (last.high > drawn_.zero) <= (total > 0)
    lines = dict(zip(("review", "match"), (at for _, at in drawn_.limits), strict=True))
    assert lines["review"] == drawn_.zero < lines["match"]
    assert (last.high >= lines["match"]) or total <= 7.0 + 1e-6
