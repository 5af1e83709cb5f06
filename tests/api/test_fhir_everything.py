"""$everything answers the whole record of one person, and nothing of another's."""

from __future__ import annotations

import pytest
from cast import HOSPITAL, People, code_of, identified, link, observation, resources

from nabd.fhir.definitions import compartment, search_parameters
from nabd.web.fhir.care import CARE_DATES


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
    timed = await people.amina.get(f"/{visit}/$everything", params={"start": "2020"})
    assert (timed.status_code, code_of(timed)) == (400, "N7010")
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


async def dated(people: People, value: str) -> str:
    """A record over three years: observations, a condition that began early, a coverage."""
    place = await record(people, value, 0)
    for year in (2022, 2023, 2024):
        about = observation(place, effectiveDateTime=f"{year}-06-15")
        assert (await people.amina.post("/Observation", json=about)).status_code == 201
    undated = {k: v for k, v in observation(place).items() if k != "effectiveDateTime"}
    assert (await people.amina.post("/Observation", json=undated)).status_code == 201
    for body in (
        {"resourceType": "Condition", "onsetDateTime": "2010", "recordedDate": "2022-02-01"},
        {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": "IMP"},
            "period": {"start": "2022-12-30", "end": "2023-01-02"},
        },
    ):
        made = await people.amina.post(
            "/" + str(body["resourceType"]), json={**body, "subject": {"reference": place}}
        )
        assert made.status_code == 201, made.text
    return place


@pytest.mark.parametrize(
    ("asked", "years", "others"),
    [
        ({"start": "2023"}, ["2023", "2024"], ["Encounter"]),
        ({"end": "2022"}, ["2022"], ["Condition", "Encounter"]),
        ({"start": "2022-06-16", "end": "2023-06-15"}, ["2023"], ["Encounter"]),
        ({"start": "2023-01-03", "end": "2023-01-03"}, [], []),
        ({"start": "2010", "end": "2010"}, [], ["Condition"]),
    ],
)
async def test_a_time_of_care_narrows_it_and_what_has_no_date_stays(
    people: People, asked: dict[str, str], years: list[str], others: list[str]
) -> None:
    place = await dated(people, "e7" + "".join(asked.values()).replace("-", ""))
    found = resources(await people.amina.get(f"/{place}/$everything", params=asked))
    seen = [r.get("effectiveDateTime", "")[:4] for r in found if r["resourceType"] == "Observation"]
    assert sorted(seen) == ["", *years]
    rest = sorted(r["resourceType"] for r in found if r["resourceType"] != "Observation")
    assert rest == sorted(["Patient", *others])


async def test_several_types_may_be_named_one_by_one(people: People) -> None:
    place = await record(people, "e8", 1)
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueCode": "Observation"},
            {"name": "_type", "valueCode": "Patient"},
            {"name": "start", "valueDate": "2020-01-01"},
        ],
    }
    posted = await people.amina.post(f"/{place}/$everything", json=body)
    assert {r["resourceType"] for r in resources(posted)} == {"Observation", "Patient"}


def test_every_type_of_a_record_says_when_its_care_was() -> None:
    """A type that gains a date has to be thought of; birth and death are no care."""
    undated = {"Patient", "Person", "RelatedPerson"}
    for name in ("Patient", "Encounter"):
        for kind, codes in compartment(name).items():
            declared = search_parameters(kind)
            dates = {c for c, p in declared.items() if p.type == "date"} - {"_lastUpdated"}
            assert set(CARE_DATES.get(kind, ())) <= dates
            assert not codes or not dates or kind in CARE_DATES or kind in undated
