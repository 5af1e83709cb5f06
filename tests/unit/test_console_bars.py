"""Bars by month: places in the direction of reading, parts stacked to the month's whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nabd.access.figure import Months, Series
from nabd.registry.pages.activity import months
from nabd.web.console.language import tongue
from nabd.web.console.plot.bars import bars

COUNTS = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=24)


def figure(counts: list[tuple[int, int]]) -> Months:
    span = tuple(date(2024 + n // 12, n % 12 + 1, 1) for n in range(len(counts)))
    kinds = zip(*counts, strict=True)
    series = (Series(f"k{n}", f"k{n}", n, tuple(one)) for n, one in enumerate(kinds))
    return Months("title", span, tuple(series))


@given(COUNTS)
def test_parts_stand_on_each_other_and_never_leave_the_drawing(
    counts: list[tuple[int, int]],
) -> None:
    plot = bars(figure(counts), "ltr")
    for one, (first, second) in zip(plot.bars, counts, strict=True):
        low, high = one.parts
        assert one.total == first + second
        assert low.top + low.height == pytest.approx(100)
        assert high.top + high.height == pytest.approx(low.top)
        assert high.top >= -1e-9
    assert plot.ticks[0][1] == 100 and plot.ticks[-1][1] == pytest.approx(0)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 7, 30])
def test_an_axis_of_counts_has_whole_numbers(count: int) -> None:
    ticks = [value for value, _ in bars(figure([(count, 0)]), "ltr").ticks]
    assert ticks == sorted({round(value) for value in ticks})
    assert 2 <= len(ticks) <= 6


@given(COUNTS)
def test_right_to_left_mirrors_left_to_right(counts: list[tuple[int, int]]) -> None:
    there, back = (bars(figure(counts), direction) for direction in ("ltr", "rtl"))
    for one, other in zip(there.bars, back.bars, strict=True):
        assert other.middle == pytest.approx(100 - one.middle)
        assert other.start == pytest.approx(100 - one.start - there.width)


def test_a_month_without_encounters_keeps_its_place() -> None:
    rows = [
        {"month": date(2025, 11, 1), "class": "AMB", "encounters": 2},
        {"month": date(2026, 2, 1), "class": "NONAC", "encounters": 3},
    ]
    found = months(rows)
    assert found is not None
    assert [one.month for one in found.months] == [11, 12, 1, 2]
    assert [(one.code, one.place, one.counts) for one in found.series] == [
        ("ambulatory", 0, (2, 0, 0, 0)),
        ("inpatient", 2, (0, 0, 0, 3)),
    ]
    assert found.totals == (2, 0, 0, 3)
    assert months([]) is None


@pytest.mark.parametrize(
    ("language", "day", "month", "moment"),
    [
        ("fr", "1er juin 2026", "juin 2026", "1er juin 2026, 08:30"),
        ("en", "1 Jun 2026", "June 2026", "1 Jun 2026, 08:30"),
        ("ar", "1 يونيو 2026", "يونيو 2026", "1 يونيو 2026، 08:30"),
    ],
)
def test_dates_are_written_as_each_language_does(
    language: str, day: str, month: str, moment: str
) -> None:
    spoken = tongue(language)
    assert spoken.date(date(2026, 6, 1)) == day
    assert spoken.month(date(2026, 6, 1)) == month
    assert spoken.moment("2026-06-01T08:30:00Z") == moment
