"""The history shows every version, newest first, page by page."""

from __future__ import annotations

from cast import People, code_of, link, patient, resources


async def three_versions(people: People) -> str:
    id_: str = (await people.admin.post("/Patient", json=patient())).json()["id"]
    await people.admin.put(f"/Patient/{id_}", json=patient(id=id_, gender="male"))
    await people.admin.delete(f"/Patient/{id_}")
    return id_


async def test_the_history_of_a_resource_has_every_version(people: People) -> None:
    id_ = await three_versions(people)
    answer = await people.admin.get(f"/Patient/{id_}/_history")
    bundle = answer.json()
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    assert [e["request"]["method"] for e in bundle["entry"]] == ["DELETE", "PUT", "POST"]
    assert [e["response"]["etag"] for e in bundle["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert "resource" not in bundle["entry"][0]
    assert [r["gender"] for r in resources(answer)] == ["male", "female"]


async def test_pages_follow_each_other_without_gap_or_repetition(people: People) -> None:
    for _ in range(3):
        await three_versions(people)
    seen: list[tuple[str, str]] = []
    place = "/Patient/_history?_count=2"
    while place:
        answer = await people.admin.get(place)
        entries = answer.json().get("entry", [])
        assert len(entries) <= 2
        seen += [(e["fullUrl"], e["response"]["etag"]) for e in entries]
        place = link(answer, "next")
    assert len(seen) == len(set(seen)) >= 9


async def test_since_and_at_choose_versions_by_time(people: People) -> None:
    id_: str = (await people.admin.post("/Patient", json=patient())).json()["id"]
    changed = await people.admin.put(f"/Patient/{id_}", json=patient(id=id_, gender="male"))
    moment = changed.json()["meta"]["lastUpdated"]
    place = f"/Patient/{id_}/_history"
    since = await people.admin.get(place, params={"_since": moment})
    assert [r["meta"]["versionId"] for r in resources(since)] == ["2"]
    at = await people.admin.get(place, params={"_at": moment})
    assert [r["meta"]["versionId"] for r in resources(at)] == ["2"]
    for some in (since, at):
        assert some.json().get("total", len(resources(some))) == len(resources(some))
    never = await people.admin.get(place, params={"_at": "1999"})
    assert not never.json().get("total")
    assert resources(never) == []


async def test_the_history_of_the_system_has_every_type(people: People) -> None:
    answer = await people.admin.get("/_history", params={"_count": "1000"})
    assert {r["resourceType"] for r in resources(answer)} >= {"Patient", "Organization"}


async def test_wrong_parameters_are_refused(people: People) -> None:
    for params in ({"_since": "soon"}, {"_count": "-1"}, {"_count": "0"}, {"_at": "2026-13"}):
        answer = await people.admin.get("/_history", params=params)
        assert (answer.status_code, code_of(answer)) == (400, "N7009")
    unknown = await people.admin.get("/_history", params={"_list": "x"})
    assert (unknown.status_code, code_of(unknown)) == (400, "N7010")
    cursor = await people.admin.get("/_history", params={"_cursor": "nonsense"})
    assert 400 <= cursor.status_code < 500


async def test_what_never_was_has_no_history(people: People) -> None:
    answer = await people.admin.get("/Patient/never-was/_history")
    assert (answer.status_code, code_of(answer)) == (404, "N1001")


async def test_the_ends_of_time_are_times(people: People) -> None:
    for at in ("9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59.999999Z", "0001"):
        for name in ("_at", "_since"):
            answer = await people.admin.get("/_history", params={name: at})
            assert answer.status_code == 200, (name, at)
