"""What a page may draw, as plain values: a slice says what, the web says how.

A figure carries numbers and names, never markup; a missing number is ``None`` and is drawn as
"no data", never as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


def msgid(text: str) -> str:
    """Mark a text for the catalogues (``tools/translations.py`` looks for this name)."""
    return text


Box = tuple[int, int, int, int]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name in the country's two languages; English pages show the Latin one."""

    fr: str
    ar: str

    def said(self, language: str) -> str:
        """Choose the name for ``language``; the other script rather than nothing."""
        return (self.ar or self.fr) if language == "ar" else (self.fr or self.ar)


@dataclass(frozen=True, slots=True)
class Outline:
    """One shape of a map: an SVG path, the point for its label, and its bounds."""

    path: str
    middle: tuple[int, int]
    box: Box


@dataclass(frozen=True, slots=True)
class Outlines:
    """The shapes of a map by place code, with whom to name under it."""

    box: Box
    shapes: Mapping[str, Outline]
    attribution: str
    attribution_url: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted: a title and a unit (message ids), and the digits worth showing."""

    code: str
    title: str
    unit: str
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class Datum:
    """The value of one place or one service; ``href`` leads to its page."""

    code: str
    name: Name
    value: float | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Choropleth:
    """A map whose shapes are shaded by a measure."""

    outlines: Outlines
    measure: Measure
    data: tuple[Datum, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Places in the order of a measure, against a reference such as the national value."""

    measure: Measure
    data: tuple[Datum, ...]
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Several places that belong together, such as the provinces of a region."""

    name: Name
    href: str
    data: tuple[Datum, ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """Groups on one axis, a line for each, a dot for each of its places."""

    measure: Measure
    groups: tuple[Group, ...]
    reference: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sum: what it is (a message id, ``detail`` too), and what it adds."""

    title: str
    detail: str
    value: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A value that a sum is held against; ``kind`` chooses how its line is drawn."""

    kind: str
    title: str
    value: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How steps, each up or down from where the last one ended, add up to a total."""

    start: Step
    steps: tuple[Step, ...]
    total: Step
    limits: tuple[Limit, ...]
    decimals: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one kind, one for each month of its figure.

    ``place`` is its place among all kinds, those not drawn included: its shade on every page.
    """

    code: str
    title: str
    place: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Months:
    """Counts by month: a bar for each, its kinds stacked from the foot."""

    title: str
    months: tuple[date, ...]
    series: tuple[Series, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """All kinds together, by month."""
        return tuple(map(sum, zip(*(one.counts for one in self.series), strict=True)))
