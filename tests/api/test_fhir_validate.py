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
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    for who, place, code in (
        (people.amina, f"/Patient/{id_}", "N7031"),
        (people.amina, "/Patient/never-was", "N1001"),
        (people.chahra, f"/Patient/{id_}", "N1001"),
        (people.bachir, f"/Patient/{id_}", "N4016"),
    ):
        answer = await who.post(f"{place}/$validate", json=body)
        assert (answer.status_code, code_of(answer)) == (200, code)
    assert (await people.amina.get(f"/Patient/{id_}")).status_code == 200
    of_type = await people.amina.post("/Patient/$validate", json=body)
    assert (of_type.status_code, code_of(of_type)) == (400, "N7024")


@pytest.mark.parametrize(
    ("profile", "status", "code"),
    [
        ("http://hl7.org/fhir/StructureDefinition/Patient", 200, "N7027"),
        ("http://hl7.org/fhir/StructureDefinition/Patient|4.0.1", 200, "N7027"),
        ("http://hl7.org/fhir/StructureDefinition/Observation", 400, "N7032"),
        ("http://example.org/profile", 400, "N7032"),
    ],
)
async def test_only_the_definition_of_the_type_is_a_profile(
    people: People, profile: str, status: int, code: str
) -> None:
    body = parameters(resource={"resource": patient()}, profile={"valueUri": profile})
    said = await people.amina.post("/Patient/$validate", json=body)
    asked = await people.amina.post(f"/Patient/$validate?profile={profile}", json=patient())
    for answer in (said, asked):
        assert (answer.status_code, code_of(answer)) == (status, code)


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
    assert (answer.status_code, code_of(answer)) == (400, "N7032")
    named = await people.amina.post("/Patient/$validate?profile=x", json=patient())
    assert (named.status_code, code_of(named)) == (400, "N7032")
