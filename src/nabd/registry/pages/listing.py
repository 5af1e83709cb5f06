"""Facilities in a list: the rows that the province page and the search share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Table
from nabd.registry.pages.places import Row, name_of


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility with what a list says of it."""

    id: str
    name: Name
    category: str
    commune: Name
    province: str
    beds_existing: int | None
    beds_functional: int | None
    workers: int | None
    active: bool


COLUMNS = (
    Column("id", msgid("Id"), "code"),
    Column("name", msgid("Facility"), "name"),
    Column("category", msgid("Category"), "code"),
    Column("commune", msgid("Commune"), "name"),
    Column("province", msgid("Province"), "code"),
    Column("beds_existing", msgid("Existing beds"), "number"),
    Column("beds_functional", msgid("Functional beds"), "number"),
    Column("workers", msgid("Health workers"), "number"),
)


def facility_rows(rows: Iterable[Row]) -> list[FacilityRow]:
    """Make the rows of a list."""
    return [_row(row) for row in rows]


def _row(row: Row) -> FacilityRow:
    return FacilityRow(
        id=row["id"],
        name=Name(row["name"] or "", row["name_ar"] or ""),
        category=row["category"] or "",
        commune=name_of(row, "commune"),
        province=row["province_code"] or "",
        beds_existing=row["beds_existing"],
        beds_functional=row["beds_functional"],
        workers=row["workers"],
        active=row["active"] is not False,
    )


def facility_table(rows: Iterable[FacilityRow]) -> Table:
    """Make the table of a list and its twins."""
    return Table(COLUMNS, [_cells(row) for row in rows])


def _cells(row: FacilityRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in COLUMNS}
