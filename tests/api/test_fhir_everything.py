"""$everything answers the whole record of one person, and nothing of another's."""

from __future__ import annotations

from cast import HOSPITAL, People, code_of, identified, link, observation, resources


async def record(people: People, value: str, observations: int) -> str:
    made = await people.amina.post("/Patient", json=identified(value))
    place = f"Patient/{made.json()['id']}"
    for _ in range(observations):
        await people.amina.post("/Observation", json=observation(place))
    return place


async def test_the_record_is_complete_and_of_one_person(people: People) -> None:
    place = await record(people, "e1", 3)
    await record(people, "e2", 2)
    answer = await people.amina.get(f"/{place}/$everything")
    found = resources(answer)
    assert sorted(r["resourceType"] for r in found) == ["Observation"] * 3 + ["Patient"]
    posted = await people.amina.post(f"/{place}/$everything")
    assert len(resources(posted)) == 4


async def test_who_and_where_come_along(people: People) -> None:
    place = await record(people, "e0", 0)
    about = observation(place, performer=[{"reference": f"Organization/{HOSPITAL}"}])
    assert (await people.amina.post("/Observation", json=about)).status_code == 201
    answer = await people.amina.get(f"/{place}/$everything")
    modes = {e["resource"]["resourceType"]: e["search"]["mode"] for e in answer.json()["entry"]}
    assert modes == {"Patient": "match", "Observation": "match", "Organization": "include"}
    mine = await people.bachir.get(f"/{place}/$everything")
    assert {r["resourceType"] for r in resources(mine)} == {"Patient"}


async def test_it_comes_in_pages(people: People) -> None:
    place = await record(people, "e3", 5)
    seen: list[str] = []
    following = f"/{place}/$everything?_count=2"
    while following:
        answer = await people.amina.get(following)
        assert len(resources(answer)) <= 2
        seen += [r["id"] for r in resources(answer)]
        following = link(answer, "next")
    assert len(seen) == len(set(seen)) == 6


async def test_types_and_time_narrow_it(people: People) -> None:
    place = await record(people, "e4", 2)
    typed = await people.amina.get(f"/{place}/$everything", params={"_type": "Patient"})
    assert [r["resourceType"] for r in resources(typed)] == ["Patient"]
    late = {"_since": "2999-01-01T00:00:00Z"}
    assert resources(await people.amina.get(f"/{place}/$everything", params=late)) == []
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueCode": "Observation"}],
    }
    posted = await people.amina.post(f"/{place}/$everything", json=body)
    assert {r["resourceType"] for r in resources(posted)} == {"Observation"}


async def test_an_encounter_has_a_record_too(people: People) -> None:
    place = await record(people, "e5", 0)
    encounter = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": place},
    }
    visit = f"Encounter/{(await people.amina.post('/Encounter', json=encounter)).json()['id']}"
    about = observation(place, encounter={"reference": visit})
    await people.amina.post("/Observation", json=about)
    answer = await people.amina.get(f"/{visit}/$everything")
    assert {r["resourceType"] for r in resources(answer)} == {"Encounter", "Observation"}


async def test_only_those_who_see_the_person_get_it(people: People) -> None:
    place = await record(people, "e6", 1)
    for who in (people.chahra, people.amina):
        absent = "Patient/never-was" if who is people.amina else place
        answer = await who.get(f"/{absent}/$everything")
        assert (answer.status_code, code_of(answer)) == (404, "N1001")
    other = await people.amina.get("/Observation/x/$everything")
    assert (other.status_code, code_of(other)) == (404, "N7001")
