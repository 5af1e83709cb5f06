"""The territory as FHIR Locations: country, regions, provinces, communes, arrondissements.

``data/territory.csv`` is written by ``tools/territory.py`` (HCP, RGPH 2024). HCP codes rule the
hierarchy; ISO 3166-2 codes are aliases.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from nabd.fhir.json import Json
from nabd.registry import names
from nabd.registry.rules import Aliases, Gazetteer

DATA = Path(__file__).parent / "data"
CENSUS_DATE = "2024-09-01"
CENSUS_SOURCE = "HCP, RGPH 2024"
LEVELS = ("country", "region", "province", "commune", "arrondissement")


class Place(msgspec.Struct, frozen=True):
    """One row of the territory; ``region`` and ``province`` are the codes it lies in."""

    code: str
    level: str
    kind: str
    name_fr: str
    name_ar: str
    parent: str
    iso: str
    population: int
    households: int
    region: str
    province: str

    @property
    def id(self) -> str:
        """The id of its Location."""
        return location_id(self.code)


def location_id(code: str) -> str:
    """Return the id of the Location of the place with this HCP code."""
    return "ma" if code == "MA" else f"ma-{code}"


@cache
def places() -> dict[str, Place]:
    """Return every place by its HCP code, a parent before its children."""
    found: dict[str, Place] = {}
    with (DATA / "territory.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["code"]] = _place(row, found.get(row["parent"]))
    return found


def locations() -> Iterator[Json]:
    """Yield every place as a FHIR Location."""
    return map(location, places().values())


def location(place: Place) -> Json:
    """Make the Location of a place.

    https://hl7.org/fhir/R4/location.html
    """
    resource: Json = {
        "resourceType": "Location",
        "id": place.id,
        "extension": [_census(place)],
        "identifier": [{"system": names.HCP, "value": place.code}],
        "status": "active",
        "name": place.name_fr,
        "_name": names.translated("ar", place.name_ar),
        "alias": [place.name_ar],
        "mode": "instance",
        "type": [
            names.concept(names.PLACE_LEVEL, place.level),
            names.concept(names.PLACE_KIND, place.kind),
        ],
        "physicalType": names.concept(names.PHYSICAL, "jdn"),
    }
    if place.region:
        resource["extension"].insert(0, names.within(region=place.region, province=place.province))
    if place.iso:
        resource["identifier"].append({"system": names.ISO, "value": place.iso})
    if place.parent:
        resource["partOf"] = names.reference("Location", location_id(place.parent))
    return resource


def _place(row: dict[str, str], parent: Place | None) -> Place:
    inherited = (parent.region, parent.province) if parent else ("", "")
    region = row["code"] if row["level"] == "region" else inherited[0]
    province = row["code"] if row["level"] == "province" else inherited[1]
    numbers = {name: int(row[name]) for name in ("population", "households")}
    return Place(**(row | numbers), region=region, province=province)  # type: ignore[arg-type]


def _census(place: Place) -> Json:
    parts = [
        {"url": "population", "valueInteger": place.population},
        {"url": "households", "valueInteger": place.households},
        {"url": "date", "valueDate": CENSUS_DATE},
        {"url": "source", "valueString": CENSUS_SOURCE},
    ]
    return {"url": names.POPULATION, "extension": parts}


@cache
def gazetteer() -> Gazetteer:
    """Return the names of the shipped territory, with the aliases that sources use."""
    aliases = tomllib.loads((DATA / "aliases.toml").read_text("utf-8"))
    return Gazetteer(places().values(), msgspec.convert(aliases, Aliases))
