"""A patch changes what it names and nothing else; its result is checked like any resource."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from cast import People, code_of, patient

from nabd.store import database

JSON_PATCH = {"content-type": "application/json-patch+json"}


async def new(people: People) -> str:
    made = await people.amina.post("/Patient", json=patient())
    return f"/Patient/{made.json()['id']}"


async def json_patch(
    people: People, place: str, *operations: dict[str, Any], **headers: str
) -> httpx.Response:
    body = json.dumps(operations)
    return await people.amina.patch(place, content=body, headers=JSON_PATCH | headers)


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


async def test_json_patch(people: People) -> None:
    place = await new(people)
    answer = await json_patch(people, place, replace("/gender", "male"))
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    assert answer.json()["gender"] == "male"
    assert answer.json()["name"] == patient()["name"]


async def test_fhirpath_patch(people: People) -> None:
    place = await new(people)
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Patient.gender"},
        {"name": "value", "valueCode": "other"},
    ]
    body = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    answer = await people.amina.patch(place, json=body)
    assert (answer.status_code, answer.json()["gender"]) == (200, "other")


@pytest.mark.parametrize(
    "operation",
    [
        replace("/gender", "unknown?"),
        replace("/id", "another"),
        replace("/resourceType", "Group"),
        {"op": "remove", "path": "/resourceType"},
        {"op": "test", "path": "/gender", "value": "male"},
        {"op": "fly", "path": "/gender"},
        {"op": "replace", "path": "/nothing/9", "value": 1},
        {"op": "replace", "path": "", "value": None},
    ],
)
async def test_a_patch_that_breaks_the_resource_changes_nothing(
    people: People, operation: dict[str, Any]
) -> None:
    place = await new(people)
    answer = await json_patch(people, place, operation)
    assert 400 <= answer.status_code < 500
    assert code_of(answer)
    assert (await people.amina.get(place)).headers["etag"] == 'W/"1"'


async def test_patches_at_the_same_time_are_all_kept(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take turns: none has to be tried again."""
    monkeypatch.setattr(database, "ATTEMPTS", 1)
    place = await new(people)
    answers = await asyncio.gather(
        *(
            json_patch(people, place, {"op": "add", "path": "/name/-", "value": {"text": str(n)}})
            for n in range(40)
        )
    )
    assert {a.status_code for a in answers} == {200}
    names = (await people.amina.get(place)).json()["name"]
    assert {n["text"] for n in names if "text" in n} == {str(n) for n in range(40)}


async def test_if_match_holds_for_patches(people: People) -> None:
    place = await new(people)
    await json_patch(people, place, replace("/gender", "male"))
    late = await json_patch(people, place, replace("/gender", "other"), **{"if-match": 'W/"1"'})
    assert (late.status_code, code_of(late)) == (412, "N3010")


async def test_if_match_star_patches_what_there_is(people: People) -> None:
    place = await new(people)
    change, star = replace("/gender", "male"), {"if-match": "*"}
    assert (await json_patch(people, place, change, **star)).status_code == 200
    assert (await json_patch(people, "/Patient/nobody", change, **star)).status_code == 404
    answers = await asyncio.gather(
        *(
            json_patch(
                people, place, {"op": "add", "path": "/name/-", "value": {"text": str(n)}}, **star
            )
            for n in range(8)
        )
    )
    assert {a.status_code for a in answers} == {200}
    assert len((await people.amina.get(place)).json()["name"]) == 9


async def test_a_patch_says_its_format(people: People) -> None:
    place = await new(people)
    answer = await people.amina.patch(
        place, content="<diff/>", headers={"content-type": "application/xml-patch+xml"}
    )
    assert (answer.status_code, code_of(answer)) == (415, "N7005")
