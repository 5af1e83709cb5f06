"""What must hold when a resource of the registry is written."""

from __future__ import annotations

from typing import Any

import pytest

from nabd.fhir.json import Json
from nabd.registry import guards, names
from nabd.registry.territory import location, places
from nabd.store import Stamp

STAMP = Stamp("test")


def facility(category: str, level: str = "") -> Json:
    """Make a facility of a category."""
    types = [names.concept(names.CATEGORY, category)]
    if level:
        types.append(names.concept(names.CARE_LEVEL, level))
    return {"resourceType": "Organization", "name": "x", "type": types}


def beds(existing: Any, functional: Any, day: str = "2026-01-31") -> Json:
    """Make a count of beds."""
    measures = {"existing": existing, "functional": functional}
    return {
        "resourceType": "Observation",
        "category": [names.concept(names.OBSERVATION_KIND, "bed-count")],
        "effectiveDateTime": day,
        "component": [
            {"code": names.concept(names.BED_MEASURE, code), "valueInteger": value}
            for code, value in measures.items()
            if value is not None
        ],
    }


def found(guard: Any, resource: Json | None) -> list[str]:
    """Run a guard; return the codes that it raises."""
    return [issue.code for issue in guard(resource, None, STAMP)]


@pytest.mark.parametrize(
    ("resource", "codes"),
    [
        (facility("HP"), []),
        (facility("HP", "secondary"), []),
        (facility("HP", "primary"), ["N6016"]),
        (facility("CHU"), ["N6015"]),
        ({"resourceType": "Organization", "name": "an insurer"}, []),
        (None, []),
    ],
)
def test_a_facility_has_a_category_of_the_list(resource: Json | None, codes: list[str]) -> None:
    assert found(guards.organization, resource) == codes


@pytest.mark.parametrize(
    ("resource", "codes"),
    [
        (beds(10, 10), []),
        (beds(10, 11), ["N6012"]),
        (beds(10, None), ["N6010"]),
        (beds(-1, -1), ["N6011"]),
        (beds(10, 9, "2999-01-01"), ["N6013"]),
        (beds(9, 10, "1066-01-01"), ["N6012", "N6013"]),
        ({"resourceType": "Observation", "status": "final"}, []),
        (None, []),
    ],
)
def test_a_count_of_beds_can_be_true(resource: Json | None, codes: list[str]) -> None:
    assert found(guards.observation, resource) == codes


def test_a_place_stands_where_its_level_says() -> None:
    province = location(places()["01.511"])
    assert found(guards.location, province) == []
    assert found(guards.location, {**province, "partOf": None}) == ["N6020"]
    itself = {**province, "partOf": {"reference": "Location/ma-01.511"}}
    assert found(guards.location, itself) == ["N6022"]
    country = location(places()["MA"])
    assert found(guards.location, {**country, "partOf": province["partOf"]}) == ["N6021"]
    elsewhere = [names.within(region="02", province="02.411")]
    assert found(guards.location, {**province, "extension": elsewhere}) == ["N6023"]


def test_a_site_lies_in_a_place() -> None:
    site = {
        "resourceType": "Location",
        "physicalType": names.concept(names.PHYSICAL, "si"),
        "managingOrganization": {"reference": "Organization/x"},
    }
    assert found(guards.location, site) == ["N6017"]
    assert found(guards.location, {**site, "partOf": {"reference": "Location/ma-01.511"}}) == []
    assert found(guards.location, None) == []


def test_periods_do_not_end_before_they_start() -> None:
    wrong = {"period": {"start": "2026-02-01", "end": "2026-01-01"}}
    assert found(guards.affiliation, wrong) == ["N6014"]
    assert found(guards.practitioner_role, wrong) == ["N6014"]
    assert found(guards.practitioner_role, {"period": {"start": "2026-02-01"}}) == []
    assert found(guards.affiliation, None) == []
