"""What the pages of places share: rows with their measures, figures and tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nabd.access.figure import Choropleth, Datum, Measure, Name, Outlines, Ranking, msgid
from nabd.access.page import Column, Table
from nabd.registry.measures import RATIOS, Ratio

Row = Mapping[str, Any]
COUNTS = (
    "population",
    "facilities",
    "primary_care",
    "hospitals",
    "beds_existing",
    "beds_functional",
    "workers",
    "physicians",
    "nurses",
)
TITLES = {
    "population": msgid("Inhabitants"),
    "facilities": msgid("Facilities"),
    "primary_care": msgid("Primary care"),
    "hospitals": msgid("Hospitals"),
    "beds_existing": msgid("Existing beds"),
    "beds_functional": msgid("Functional beds"),
    "workers": msgid("Health workers"),
    "physicians": msgid("Physicians"),
    "nurses": msgid("Nurses and midwives"),
}
MEASURES = tuple(ratio.measure for ratio in RATIOS.values())


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place with its counts, the chosen measure, and where its page is."""

    code: str
    name: Name
    region: str
    href: str
    counts: Mapping[str, int | None]
    value: float | None


def place_rows(rows: Iterable[Row], level: str, ratio: Ratio) -> list[PlaceRow]:
    """Make rows of a level, in the order of their codes."""
    return [_place_row(row, level, ratio) for row in sorted(rows, key=lambda row: row["code"])]


def _place_row(row: Row, level: str, ratio: Ratio) -> PlaceRow:
    return PlaceRow(
        code=row["code"],
        name=name_of(row),
        region=row["region_code"],
        href=f"/{level}s/{row['code']}?measure={ratio.measure.code}",
        counts={count: row[count] for count in COUNTS},
        value=ratio.of(row),
    )


def name_of(row: Row, prefix: str = "name") -> Name:
    """Take a place's two names out of a row."""
    return Name(row[f"{prefix}_fr"] or "", row[f"{prefix}_ar"] or "")


def total(rows: Iterable[Row]) -> dict[str, int]:
    """Add up the counts of several places."""
    found = dict.fromkeys(COUNTS, 0)
    for row in rows:
        for count in COUNTS:
            found[count] += row[count] or 0
    return found


def data(rows: Iterable[PlaceRow]) -> tuple[Datum, ...]:
    """Make the data of a figure."""
    return tuple(Datum(row.code, row.name, row.value, row.href) for row in rows)


def choropleth(rows: Iterable[PlaceRow], measure: Measure, outlines: Outlines) -> Choropleth:
    """Make the map of some places."""
    return Choropleth(outlines, measure, data(rows))


def ranking(rows: Iterable[PlaceRow], measure: Measure, reference: float | None) -> Ranking:
    """Make the ranking of some places against a reference."""
    return Ranking(measure, data(rows), reference)


def table(rows: Sequence[PlaceRow], measure: Measure) -> Table:
    """Make the table of the page and its twins."""
    columns = (
        Column("code", msgid("Code"), "code"),
        Column("name", msgid("Place"), "name"),
        Column("measure", msgid("Measure"), "code"),
        Column("value", msgid("Value"), "number"),
        *(Column(count, TITLES[count], "number") for count in COUNTS),
    )
    return Table(columns, [_cells(row, measure) for row in rows])


def _cells(row: PlaceRow, measure: Measure) -> dict[str, Any]:
    value = None if row.value is None else round(row.value, 4)
    own = {"code": row.code, "name": row.name, "measure": measure.code, "value": value}
    return own | dict(row.counts)
