"""The measures of a place: what a map, a ranking and a table can show. Pure.

Densities follow WHO's Global Health Observatory: a count × 10,000 ÷ the census population.
A place without population, or of which nothing was counted, has no value rather than zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nabd.access.figure import Measure, msgid

PER = 10_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """A measure with its parts: the names of counted columns, and how they divide."""

    measure: Measure
    part: str
    whole: str = "population"
    factor: int = PER

    def of(self, row: Mapping[str, Any]) -> float | None:
        """Compute the measure of one place."""
        part, whole = row.get(self.part), row.get(self.whole)
        if part is None or not whole:
            return None
        return float(part) * self.factor / float(whole)


def _density(code: str, title: str, part: str, decimals: int = 2) -> Ratio:
    return Ratio(Measure(code, title, msgid("per 10,000 inhabitants"), decimals), part)


_RATIOS = (
    _density("beds-existing", msgid("Existing beds per 10,000 inhabitants"), "beds_existing"),
    _density("beds-functional", msgid("Functional beds per 10,000 inhabitants"), "beds_functional"),
    Ratio(
        Measure(
            "beds-in-use",
            msgid("Functional beds per 100 existing beds"),
            msgid("per 100 existing beds"),
            1,
        ),
        "beds_functional",
        "beds_existing",
        100,
    ),
    _density("facilities", msgid("Facilities per 10,000 inhabitants"), "facilities"),
    _density("hospitals", msgid("Hospitals per 10,000 inhabitants"), "hospitals", 3),
    Ratio(
        Measure(
            "inhabitants-per-centre",
            msgid("Inhabitants per primary-care facility"),
            msgid("inhabitants"),
            0,
        ),
        "population",
        "primary_care",
        1,
    ),
    _density("workers", msgid("Health workers per 10,000 inhabitants"), "workers"),
    _density("physicians", msgid("Physicians per 10,000 inhabitants"), "physicians"),
    _density("nurses", msgid("Nurses and midwives per 10,000 inhabitants"), "nurses"),
)
RATIOS = {one.measure.code: one for one in _RATIOS}
FIRST = "beds-existing"


def chosen(code: str | None) -> Ratio:
    """Return the measure of this code; the first one for an unknown code."""
    return RATIOS.get(code or "", RATIOS[FIRST])
