"""Bulk export: asked once, followed by polling, fetched as NDJSON; it survives its runner."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio
from cast import People, code_of, identified, observation

ASYNC = {"prefer": "respond-async"}


@pytest_asyncio.fixture
async def running(people: People) -> AsyncIterator[People]:
    """The cast, with exports being run."""
    task = asyncio.create_task(people.exports.run())
    yield people
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def finished(who: httpx.AsyncClient, place: str) -> httpx.Response:
    for _ in range(200):
        answer = await who.get(place)
        if answer.status_code != 202:
            return answer
        assert answer.headers["retry-after"]
        assert answer.headers["x-progress"]
        await asyncio.sleep(0.05)
    raise AssertionError("The export did not end.")


async def exported(
    who: httpx.AsyncClient, place: str, *posted: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Run an export to its end, asked for by GET or with parameters; the resources by type."""
    if posted:
        body = {"resourceType": "Parameters", "parameter": list(posted)}
        asked = await who.post(place, json=body, headers=ASYNC)
    else:
        asked = await who.get(place, headers=ASYNC)
    assert (asked.status_code, asked.content) == (202, b"")
    answer = await finished(who, asked.headers["content-location"])
    assert answer.status_code == 200, answer.text
    found = {}
    for one in answer.json()["output"]:
        file = await who.get(one["url"])
        assert file.headers["content-type"] == "application/fhir+ndjson"
        found[one["type"]] = [json.loads(line) for line in file.text.splitlines()]
        assert len(found[one["type"]]) == one["count"]
    return found


async def person(people: People, value: str) -> str:
    made = await people.admin.post("/Patient", json=identified(value))
    place = f"Patient/{made.json()['id']}"
    await people.admin.post("/Observation", json=observation(place))
    return place


async def test_the_system_is_exported_whole(running: People) -> None:
    place = await person(running, "x1")
    found = await exported(running.ilham, "/$export")
    assert place.partition("/")[2] in {r["id"] for r in found["Patient"]}
    assert {"Organization", "Observation"} <= found.keys()


async def test_types_and_time_narrow_it(running: People) -> None:
    await person(running, "x2")
    found = await exported(running.ilham, "/$export?_type=Observation")
    assert found.keys() == {"Observation"}
    late = await exported(running.ilham, "/$export?_since=2999-01-01T00:00:00Z")
    assert late == {}


async def test_patients_are_exported_with_their_records(running: People) -> None:
    place = await person(running, "x3")
    await running.admin.post("/Observation", json=observation("Group/g-without-patients"))
    found = await exported(running.ilham, "/Patient/$export")
    assert found.keys() == {"Patient", "Observation"}
    subjects = {r["subject"]["reference"] for r in found["Observation"]}
    assert place in subjects
    assert "Group/g-without-patients" not in subjects


async def test_a_group_is_exported_and_no_one_else(running: People) -> None:
    inside, _ = await person(running, "x4"), await person(running, "x5")
    group = {
        "resourceType": "Group",
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": inside}}],
    }
    id_ = (await running.admin.post("/Group", json=group)).json()["id"]
    found = await exported(running.ilham, f"/Group/{id_}/$export")
    assert [f"Patient/{r['id']}" for r in found["Patient"]] == [inside]
    assert [r["subject"]["reference"] for r in found["Observation"]] == [inside]


async def test_an_export_survives_the_end_of_its_runner(people: People) -> None:
    for n in range(3):
        await person(people, f"x6-{n}")
    asked = await people.ilham.get("/$export", headers=ASYNC)
    first = asyncio.create_task(people.exports.run())
    await asyncio.sleep(0.05)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    await asyncio.sleep(1.1)  # the lease of the runner that is gone
    second = asyncio.create_task(people.exports.run())
    answer = await finished(people.ilham, asked.headers["content-location"])
    second.cancel()
    ids: list[str] = []
    for one in answer.json()["output"]:
        lines = (await people.ilham.get(one["url"])).text.splitlines()
        ids += [f"{one['type']}/{json.loads(line)['id']}" for line in lines]
    assert len(ids) == len(set(ids)) == sum(one["count"] for one in answer.json()["output"])


async def test_an_ended_export_is_gone_with_its_files(running: People) -> None:
    asked = await running.ilham.get("/$export?_type=Organization", headers=ASYNC)
    place = asked.headers["content-location"]
    url = (await finished(running.ilham, place)).json()["output"][0]["url"]
    assert (await running.ilham.delete(place)).status_code == 202
    for gone in (place, url):
        answer = await running.ilham.get(gone)
        assert (answer.status_code, code_of(answer)) == (404, "N7026")


async def test_an_export_belongs_to_who_asked_for_it(running: People) -> None:
    asked = await running.ilham.get("/$export?_type=Organization", headers=ASYNC)
    place = asked.headers["content-location"]
    for answer in (await running.admin.get(place), await running.admin.delete(place)):
        assert (answer.status_code, code_of(answer)) == (404, "N7026")
    assert (await finished(running.ilham, place)).status_code == 200


@pytest.mark.parametrize(
    ("place", "headers", "code"),
    [
        ("/$export", {}, "N7025"),
        ("/$export?_outputFormat=text/csv", ASYNC, "N7009"),
        ("/$export?_type=Nothing", ASYNC, "N7009"),
        ("/$export?_since=soon", ASYNC, "N7009"),
        ("/$export?_elements=id", ASYNC, "N7010"),
        ("/$export?_typeFilter=x", ASYNC, "N7009"),
        ("/$export?_typeFilter=Observation?", ASYNC, "N7009"),
        ("/$export?_typeFilter=Observation?_sort=date", ASYNC, "N7009"),
        ("/$export?_typeFilter=Observation?code=x%26_include=Observation:subject", ASYNC, "N7009"),
        ("/$export?_typeFilter=Observation?colour=red", ASYNC, "N2501"),
        ("/$export?_type=Patient&_typeFilter=Observation?code=x", ASYNC, "N7009"),
        ("/Patient/$export?patient=Patient/1", ASYNC, "N7010"),
        ("/Patient/$export?_type=Organization", ASYNC, "N7009"),
        ("/Observation/$export", ASYNC, "N7001"),
        ("/Group/never-was/$export", ASYNC, "N1001"),
        ("/$export/nonsense", {}, "N7026"),
        ("/$export/999999", {}, "N7026"),
    ],
)
async def test_a_wrong_request_is_refused(
    people: People, place: str, headers: dict[str, str], code: str
) -> None:
    answer = await people.ilham.get(place, headers=headers)
    assert (answer.status_code in (400, 404), code_of(answer)) == (True, code)


async def test_not_everybody_may_export(people: People) -> None:
    answer = await people.amina.get("/$export", headers=ASYNC)
    assert answer.status_code == 403


def filtered(*searches: str) -> list[dict[str, Any]]:
    return [{"name": "_typeFilter", "valueString": one} for one in searches]


async def test_filters_narrow_their_type_and_only_that(running: People) -> None:
    place = await person(running, "x7")
    other = await running.admin.post("/Observation", json=observation(place, status="amended"))
    assert other.status_code == 201
    types = "_type=Patient,Observation"
    found = await exported(
        running.ilham, f"/$export?{types}&_typeFilter=Observation?status=amended"
    )
    assert {r["status"] for r in found["Observation"]} == {"amended"}
    assert place.partition("/")[2] in {r["id"] for r in found["Patient"]}
    either = "Observation?status=amended,Observation?subject=" + place
    found = await exported(running.ilham, f"/$export?{types}&_typeFilter={either}")
    assert {r["status"] for r in found["Observation"]} == {"amended", "final"}
    listed = await exported(
        running.ilham, "/$export?_typeFilter=Observation?status=amended,final%26subject=" + place
    )
    assert {r["subject"]["reference"] for r in listed["Observation"]} == {place}


async def test_an_export_is_asked_for_by_post_too(running: People) -> None:
    place, other = await person(running, "x8"), await person(running, "x9")
    asked = [
        {"name": "_type", "valueString": "Observation"},
        {"name": "_type", "valueString": "Patient"},
        *filtered("Observation?status=final", "Observation?status=amended"),
        {"name": "_since", "valueInstant": "2020-01-01T00:00:00Z"},
    ]
    found = await exported(running.ilham, "/$export", *asked)
    assert found.keys() == {"Patient", "Observation"}
    named = {"name": "patient", "valueReference": {"reference": place}}
    found = await exported(running.ilham, "/Patient/$export", named)
    assert [f"Patient/{r['id']}" for r in found["Patient"]] == [place]
    assert {r["subject"]["reference"] for r in found["Observation"]} == {place}
    group = {
        "resourceType": "Group",
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": place}}],
    }
    id_ = (await running.admin.post("/Group", json=group)).json()["id"]
    found = await exported(running.ilham, f"/Group/{id_}/$export", named)
    assert [f"Patient/{r['id']}" for r in found["Patient"]] == [place]
    stranger = {"name": "patient", "valueReference": {"reference": other}}
    body = {"resourceType": "Parameters", "parameter": [stranger]}
    refused = await running.ilham.post(f"/Group/{id_}/$export", json=body, headers=ASYNC)
    assert (refused.status_code, code_of(refused)) == (400, "N7009")
