"""The shipped territory adds up, and its hierarchy is whole."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from nabd.fhir.check import check_value
from nabd.registry import codes, guards, reference, rules
from nabd.registry.names import CATEGORY
from nabd.registry.territory import gazetteer, location, locations, places
from nabd.store import Stamp

STAMP = Stamp("test")


def test_the_territory_has_the_levels_and_people_of_the_census() -> None:
    levels = Counter(place.level for place in places().values())
    assert levels["country"] == 1
    assert levels["region"] == 12
    assert levels["province"] == 75
    assert levels["commune"] == 1503
    for level in ("country", "region", "province", "commune"):
        inside = [place for place in places().values() if place.level == level]
        assert sum(place.population for place in inside) == 36_828_330
        assert sum(place.households for place in inside) == 9_275_038


def test_every_province_has_an_iso_code_and_hcp_rules_its_parent() -> None:
    provinces = {p.iso: p for p in places().values() if p.level == "province"}
    assert len(provinces) == 75
    assert provinces["MA-NOU"].region == "06"
    assert provinces["MA-CHT"].region == "09"


def test_the_chain_of_parents_ends_at_the_country() -> None:
    assert rules.hierarchy({p.code: p.parent for p in places().values()}) == []


def test_the_territory_agrees_with_the_published_tables(shared: Path) -> None:
    with (shared / "data/morocco/provinces.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = places()[row["code"]]
            # the two publications differ in one French spelling: Mohammadia, Mohammedia
            assert gazetteer().province(row["name_fr"]) == place
            assert place.name_ar == row["name_ar"]
            assert (place.parent, place.iso) == (row["region"], row["iso"])
            assert (place.population, place.households) == (int(row["pop2024"]), int(row["hh2024"]))


def test_places_and_code_systems_are_valid_and_pass_the_guards() -> None:
    for resource in reference.resources():
        check_value(resource)
        if resource["resourceType"] == "Location":
            assert guards.location(resource, None, STAMP) == []


def test_a_location_says_its_names_in_both_languages() -> None:
    rabat = location(places()["04.421"])
    assert rabat["name"] == "Rabat"
    assert "الرباط" in str(rabat["_name"])
    assert rabat["partOf"] == {"reference": "Location/ma-04"}
    assert len(list(locations())) == len(places())


def test_every_code_is_said_in_three_languages() -> None:
    for system in codes.systems().values():
        for code in system.codes.values():
            assert code.en and code.fr and code.ar


def test_categories_carry_their_level_of_care() -> None:
    assert codes.level_of_care("DR") == "primary"
    assert codes.level_of_care("HP") == "secondary"
    assert codes.level_of_care("HIR") == "tertiary"
    assert codes.level_of_care("CHU") == ""
    assert codes.label("facility-category", "HIR", "fr") == "Hôpital interrégional"
    assert codes.label("facility-category", "X", "fr") == "X"
    assert any(system["url"] == CATEGORY for system in codes.code_systems())
