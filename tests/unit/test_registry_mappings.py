"""The ministry's two lists, through the shipped mappings, row by row."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nabd import registry
from nabd.errors import Problem
from nabd.intake.mapping import Mapping
from nabd.intake.readers import mapped
from nabd.intake.readers.mapped import Report
from nabd.intake.sources import Source
from nabd.registry.territory import places

PRIMARY = {
    "CSR-1": 893,
    "DR": 859,
    "CSU-1": 692,
    "CSR-2": 431,
    "CSU-2": 190,
    "CDTMR": 71,
    "CRSR": 53,
    "LSP": 35,
}
HOSPITALS = {"HP": 75, "HPr": 43, "HIR": 25, "HR": 18, "CRO": 5, "CPU": 5, "HPsyP": 4, "HPsyR": 2}
BY_REGION = {
    "01": (282, 24),
    "02": (240, 20),
    "03": (426, 21),
    "04": (269, 21),
    "05": (289, 12),
    "06": (373, 27),
    "07": (454, 20),
    "08": (259, 12),
    "09": (313, 9),
    "10": (100, 5),
    "11": (44, 5),
    "12": (16, 1),
}
NOT_ESSP = ("CDTMR", "CRSR", "LSP")


class Listed:
    """A list of the ministry as resources."""

    def __init__(self, path: Path, mapping: str) -> None:
        self.report = Report()
        source = Source(path.name, path)
        self.records = list(mapped.records(source, registry.mapping(mapping), self.report))
        self.entries = [self._pair(json.loads(one.raw)["entry"]) for one in self.records]

    def _pair(self, entries: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        organization, site = (entry["resource"] for entry in entries)
        return organization, site

    def categories(self) -> Counter[str]:
        """Count the facilities by category."""
        return Counter(one["type"][0]["coding"][0]["code"] for one, _ in self.entries)

    def regions(self) -> Counter[str]:
        """Count the facilities by region, without the reference centres and laboratories."""
        return Counter(
            places()[site["partOf"]["reference"].removeprefix("Location/ma-")].region
            for one, site in self.entries
            if one["type"][0]["coding"][0]["code"] not in NOT_ESSP
        )

    def provinces(self) -> set[str]:
        """Return the provinces that have one."""
        return {site["extension"][0]["extension"][1]["valueCode"] for _, site in self.entries}


@pytest.fixture(scope="module")
def primary(shared: Path) -> Listed:
    """The list of primary-care establishments."""
    path = shared / "data/morocco/primary-care-2024.xlsx"
    return Listed(path, "morocco-primary-care-2024")


@pytest.fixture(scope="module")
def hospitals(shared: Path) -> Listed:
    """The list of hospitals."""
    return Listed(shared / "data/morocco/hospitals-2024.csv", "morocco-hospitals-2024")


def test_every_row_becomes_a_facility_with_its_site(primary: Listed, hospitals: Listed) -> None:
    assert [issue.text() for one in primary.records for issue in one.issues] == []
    assert [issue.text() for one in hospitals.records for issue in one.issues] == []
    assert (len(primary.records), len(hospitals.records)) == (3224, 177)
    assert primary.categories() == PRIMARY
    assert hospitals.categories() == HOSPITALS


def test_every_row_is_joined_to_its_province(primary: Listed, hospitals: Listed) -> None:
    assert primary.provinces() | hospitals.provinces() == {
        place.code for place in places().values() if place.level == "province"
    }
    assert {c: (primary.regions()[c], hospitals.regions()[c]) for c in BY_REGION} == BY_REGION


def test_the_facility_that_is_listed_twice_is_reported(primary: Listed, hospitals: Listed) -> None:
    assert [(one.first, one.row) for one in primary.report.duplicates] == [(855, 873)]
    assert hospitals.report.duplicates == []


def test_names_that_the_spreadsheet_took_for_dates_are_names_again(primary: Listed) -> None:
    found = {one["name"] for one, _ in primary.entries}
    assert {"9 juillet", "25 mars"} <= found


def test_ids_are_those_of_the_row_not_of_its_place_in_the_file(primary: Listed) -> None:
    ids = [organization["id"] for organization, _ in primary.entries]
    assert len(set(ids)) == 3224
    again = registry.mapping("morocco-primary-care-2024")
    assert again.key.columns == ("province.code", "place.code", "name", "category")


def test_a_mapping_that_is_not_there_names_the_shipped_ones() -> None:
    with pytest.raises(Problem) as wrong:
        registry.mapping("nowhere.toml")
    assert wrong.value.issues[0].code == "N5017"
    assert "morocco-hospitals-2024" in wrong.value.issues[0].hint()


def test_the_mapping_of_the_guide_works() -> None:
    guide = Path(__file__).parents[2] / "docs/how-to/mapping.md"
    text = guide.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    mapping = Mapping.parse(text.encode(), guide.name)
    table = "x;;;;;\nDélégation;Code;Date;Lits existants;Lits fonctionnels;Service\n"
    row = "Rabat;0012;31/01/2026;20;18;Médecine\n"
    source = Source("beds.csv", content=(table + row).encode("cp1256", "ignore"))
    (record,) = mapped.records(source, mapping, Report())
    assert [issue.text() for issue in record.issues] == []
    (entry,) = json.loads(record.raw)["entry"]
    assert entry["resource"]["subject"] == {"reference": "Location/12"}
