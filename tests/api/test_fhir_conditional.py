"""Conditional interactions act on the one resource that criteria name, and never make two."""

from __future__ import annotations

import asyncio
import json

from cast import People, code_of, identified, resources


def named(value: str) -> dict[str, str]:
    return {"identifier": f"urn:example:nid|{value}"}


async def count(people: People, value: str) -> int:
    return len(resources(await people.amina.get("/Patient", params=named(value))))


async def test_conditional_create_makes_a_resource_once(people: People) -> None:
    header = {"if-none-exist": "identifier=urn:example:nid|cc1"}
    first = await people.amina.post("/Patient", json=identified("cc1"), headers=header)
    again = await people.amina.post("/Patient", json=identified("cc1"), headers=header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["location"] == first.headers["location"]


async def test_conditional_creates_at_the_same_time_make_one(people: People) -> None:
    header = {"if-none-exist": "identifier=urn:example:nid|cc2"}
    answers = await asyncio.gather(
        *(people.amina.post("/Patient", json=identified("cc2"), headers=header) for _ in range(12))
    )
    assert sorted(a.status_code for a in answers) == [200] * 11 + [201]
    assert await count(people, "cc2") == 1


async def test_criteria_that_match_several_are_refused(people: People) -> None:
    for _ in range(2):
        await people.amina.post("/Patient", json=identified("cc3"))
    header = {"if-none-exist": "identifier=urn:example:nid|cc3"}
    for answer in (
        await people.amina.post("/Patient", json=identified("cc3"), headers=header),
        await people.amina.put("/Patient", params=named("cc3"), json=identified("cc3")),
        await people.amina.delete("/Patient", params=named("cc3")),
    ):
        assert (answer.status_code, code_of(answer)) == (412, "N7013")
    assert await count(people, "cc3") == 2


async def test_conditional_update_creates_then_updates(people: People) -> None:
    first = await people.amina.put("/Patient", params=named("cu1"), json=identified("cu1"))
    assert first.status_code == 201
    body = identified("cu1", gender="male")
    second = await people.amina.put("/Patient", params=named("cu1"), json=body)
    assert (second.status_code, second.headers["etag"]) == (200, 'W/"2"')
    assert second.json()["id"] == first.json()["id"]
    other = identified("cu1", id="somebody-else")
    refused = await people.amina.put("/Patient", params=named("cu1"), json=other)
    assert (refused.status_code, code_of(refused)) == (400, "N7011")


async def test_conditional_update_honours_the_id_of_a_new_resource(people: People) -> None:
    body = identified("cu2", id="cu2")
    made = await people.amina.put("/Patient", params=named("cu2"), json=body)
    assert (made.status_code, made.json()["id"]) == (201, "cu2")


async def test_conditional_update_never_replaces_what_does_not_match(people: People) -> None:
    """The id is another patient's, whom the criteria do not name."""
    other = identified("cu3", id="cu3", birthDate="1950-01-01")
    assert (await people.amina.put("/Patient/cu3", json=other)).status_code == 201
    body = identified("cu4", id="cu3")
    refused = await people.amina.put("/Patient", params=named("cu4"), json=body)
    assert (refused.status_code, code_of(refused)) == (409, "N3012")
    assert (await people.amina.get("/Patient/cu3")).json()["birthDate"] == "1950-01-01"


async def test_conditional_delete_deletes_the_one(people: People) -> None:
    await people.amina.post("/Patient", json=identified("cd1"))
    assert (await people.amina.delete("/Patient", params=named("cd1"))).status_code == 204
    assert await count(people, "cd1") == 0
    assert (await people.amina.delete("/Patient", params=named("cd1"))).status_code == 204


async def test_conditional_patch_changes_the_one(people: People) -> None:
    await people.amina.post("/Patient", json=identified("cp1"))
    operations = json.dumps([{"op": "replace", "path": "/gender", "value": "male"}])
    header = {"content-type": "application/json-patch+json"}
    patched = await people.amina.patch(
        "/Patient", params=named("cp1"), content=operations, headers=header
    )
    assert (patched.status_code, patched.json()["gender"]) == (200, "male")
    none = await people.amina.patch(
        "/Patient", params=named("nobody"), content=operations, headers=header
    )
    assert (none.status_code, code_of(none)) == (404, "N1001")


async def test_a_conditional_interaction_needs_criteria(people: People) -> None:
    for answer in (
        await people.amina.delete("/Patient"),
        await people.amina.put("/Patient", json=identified("cx")),
        await people.amina.post("/Patient", json=identified("cx"), headers={"if-none-exist": ""}),
        await people.amina.delete("/Patient", params={"_count": "1"}),
    ):
        assert (answer.status_code, code_of(answer)) == (412, "N7015")


async def test_unknown_criteria_are_never_ignored(people: People) -> None:
    header = {"prefer": "handling=lenient"}
    answer = await people.amina.delete("/Patient", params={"colour": "red"}, headers=header)
    assert (answer.status_code, code_of(answer)) == (400, "N2501")
