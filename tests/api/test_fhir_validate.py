"""$validate says everything that is wrong with a resource, and stores nothing."""

from __future__ import annotations

from typing import Any

import pytest
from cast import People, code_of, patient, resources


def parameters(**parts: Any) -> dict[str, Any]:
    listed = [{"name": name, **value} for name, value in parts.items()]
    return {"resourceType": "Parameters", "parameter": listed}


async def test_a_valid_resource_is_called_valid(people: People) -> None:
    for place, body in (
        ("/Patient/$validate", patient()),
        ("/$validate", patient()),
        ("/Patient/$validate", parameters(resource={"resource": patient()})),
        ("/Patient/x1/$validate", patient(id="x1")),
    ):
        answer = await people.amina.post(place, json=body)
        assert (answer.status_code, code_of(answer)) == (200, "N7027")
        assert answer.json()["issue"][0]["severity"] == "information"


async def test_every_problem_is_told_with_its_place(people: People) -> None:
    wrong = patient(gender="unknown?", shoeSize=43)
    for body in (wrong, parameters(resource={"resource": wrong})):
        answer = await people.amina.post("/Patient/$validate", json=body)
        assert answer.status_code == 200
        places = [issue["expression"][0] for issue in answer.json()["issue"]]
        assert any(place.endswith("gender") for place in places)
        assert any(place.endswith("shoeSize") for place in places)


@pytest.mark.parametrize("place", ["/Observation/$validate", "/Patient/another/$validate"])
async def test_the_resource_must_fit_the_address(people: People, place: str) -> None:
    answer = await people.amina.post(place, json=patient(id="x1"))
    assert answer.status_code == 200
    assert answer.json()["issue"][0]["severity"] == "error"


async def test_a_deletion_needs_no_resource(people: People) -> None:
    body = parameters(mode={"valueCode": "delete"})
    answer = await people.amina.post("/Patient/x1/$validate", json=body)
    assert (answer.status_code, code_of(answer)) == (200, "N7027")


async def test_what_is_not_json_cannot_be_validated(people: People) -> None:
    header = {"content-type": "application/fhir+json"}
    answer = await people.amina.post("/$validate", content="{", headers=header)
    assert answer.status_code == 400


async def test_nothing_is_stored(people: People) -> None:
    await people.amina.post("/Patient/$validate", json=patient(id="not-stored"))
    found = await people.amina.get("/Patient", params={"_id": "not-stored"})
    assert resources(found) == []


async def test_what_cannot_be_validated_against_is_not_passed_over(people: People) -> None:
    profile = {"valueUri": "http://example.org/StructureDefinition/strict"}
    body = parameters(resource={"resource": patient()}, profile=profile)
    answer = await people.amina.post("/Patient/$validate", json=body)
    assert (answer.status_code, code_of(answer)) == (400, "N7010")
    named = await people.amina.post("/Patient/$validate?profile=x", json=patient())
    assert (named.status_code, code_of(named)) == (400, "N7010")
