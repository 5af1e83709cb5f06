"""A search answers a Bundle that says what was searched, what matched, and what comes next."""

from __future__ import annotations

from cast import People, code_of, identified, link, observation, resources


async def record(people: People, value: str, observations: int = 3) -> str:
    made = await people.amina.post("/Patient", json=identified(value))
    place = f"Patient/{made.json()['id']}"
    for _ in range(observations):
        answer = await people.amina.post("/Observation", json=observation(place))
        assert answer.status_code == 201, answer.text
    return place


async def test_get_and_post_find_the_same(people: People) -> None:
    await record(people, "s1", 0)
    got = await people.amina.get("/Patient", params={"identifier": "urn:example:nid|s1"})
    posted = await people.amina.post("/Patient/_search", data={"identifier": "urn:example:nid|s1"})
    assert [r["id"] for r in resources(got)] == [r["id"] for r in resources(posted)]
    bundle = got.json()
    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    entry = bundle["entry"][0]
    assert entry["search"]["mode"] == "match"
    assert entry["fullUrl"] == f"http://nabd.test/fhir/Patient/{entry['resource']['id']}"
    assert link(got, "self").endswith("/Patient?identifier=urn:example:nid|s1")


async def test_pages_hold_every_match_once(people: People) -> None:
    place = await record(people, "s2", 7)
    answer = await people.amina.get("/Observation", params={"subject": place, "_count": "3"})
    seen = [r["id"] for r in resources(answer)]
    assert link(answer, "self")
    while following := link(answer, "next"):
        await people.amina.post("/Observation", json=observation(place))
        answer = await people.amina.get(following)
        assert link(answer, "first")
        seen += [r["id"] for r in resources(answer)]
    assert len(seen) == len(set(seen)) == 7


async def test_included_resources_are_told_apart(people: People) -> None:
    place = await record(people, "s3", 2)
    answer = await people.amina.get(
        "/Observation", params={"subject": place, "_include": "Observation:subject"}
    )
    modes = [(e["resource"]["resourceType"], e["search"]["mode"]) for e in answer.json()["entry"]]
    assert sorted(modes) == [
        ("Observation", "match"),
        ("Observation", "match"),
        ("Patient", "include"),
    ]
    assert answer.json()["total"] == 2


async def test_a_compartment_narrows_the_search(people: People) -> None:
    place = await record(people, "s4", 2)
    await record(people, "s5", 1)
    inside = await people.amina.get(f"/{place}/Observation")
    assert [r["subject"]["reference"] for r in resources(inside)] == [place, place]
    coded = await people.amina.get(f"/{place}/Observation", params={"code": "nothing"})
    assert resources(coded) == []
    whole = await people.amina.get(f"/{place}/*")
    assert {r["resourceType"] for r in resources(whole)} == {"Patient", "Observation"}
    posted = await people.amina.post(f"/{place}/Observation/_search", data={"status": "final"})
    assert len(resources(posted)) == 2


async def test_the_system_is_searched_by_type(people: People) -> None:
    place = await record(people, "s6", 1)
    id_ = place.partition("/")[2]
    answer = await people.amina.get("", params={"_type": "Patient,Observation", "_id": id_})
    assert [r["id"] for r in resources(answer)] == [id_]


async def test_a_count_alone_shows_no_resource(people: People) -> None:
    place = await record(people, "s7", 4)
    for params in ({"_summary": "count"}, {"_count": "0"}):
        bundle = (
            await people.amina.get("/Observation", params={"subject": place, **params})
        ).json()
        assert bundle["total"] == 4
        assert "entry" not in bundle


async def test_a_total_is_exact_when_asked_for(people: People) -> None:
    place = await record(people, "s8", 5)
    asked = {"subject": place, "_count": "2", "_total": "accurate"}
    assert (await people.amina.get("/Observation", params=asked)).json()["total"] == 5


async def test_summaries_are_cut_and_tagged(people: People) -> None:
    place = await record(people, "s9", 0)
    id_ = place.partition("/")[2]
    extension = [{"url": "urn:example:note", "valueString": "x"}]
    body = identified("s9", id=id_, extension=extension)
    await people.amina.put(f"/{place}", json=body)
    for params, absent in (({"_summary": "true"}, "extension"), ({"_elements": "name"}, "gender")):
        answer = await people.amina.get("/Patient", params={"_id": id_, **params})
        found = resources(answer)[0]
        assert absent not in found
        assert found["meta"]["tag"][0]["code"] == "SUBSETTED"
    text = await people.amina.get("/Patient", params={"_id": id_, "_summary": "text"})
    assert set(resources(text)[0]) == {"resourceType", "id", "meta"}


async def test_what_is_not_understood_is_an_error_unless_leniently_asked(people: People) -> None:
    strict = await people.amina.get("/Patient", params={"colour": "red"})
    assert (strict.status_code, code_of(strict)) == (400, "N2501")
    lenient = await people.amina.get(
        "/Patient", params={"colour": "red", "_id": "x"}, headers={"prefer": "handling=lenient"}
    )
    assert lenient.status_code == 200
    assert "colour" not in link(lenient, "self")
    remark = lenient.json()["entry"][-1]
    assert remark["search"]["mode"] == "outcome"
    assert remark["resource"]["issue"][0]["details"]["coding"][0]["code"] == "N7029"


async def test_all_problems_of_a_search_are_told_at_once(people: People) -> None:
    answer = await people.amina.get(
        "/Patient", params={"colour": "red", "birthdate": "tomorrow", "_count": "many"}
    )
    assert answer.status_code == 400
    assert len(answer.json()["issue"]) == 3


async def test_a_form_must_be_a_form(people: People) -> None:
    answer = await people.amina.post("/Patient/_search", json={"name": "x"})
    assert (answer.status_code, code_of(answer)) == (415, "N7005")
