"""Create, update, delete: versions, preferences, and what two writers do to each other."""

from __future__ import annotations

import asyncio

import pytest
from cast import CLINIC, People, code_of, identified, patient, resources


async def test_an_update_makes_a_version_and_equal_content_makes_none(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    body = patient(id=id_, gender="other")
    changed = await people.amina.put(f"/Patient/{id_}", json=body)
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    assert changed.headers["location"].endswith(f"/Patient/{id_}/_history/2")
    same = await people.amina.put(f"/Patient/{id_}", json=body)
    assert (same.status_code, same.headers["etag"]) == (200, 'W/"2"')


async def test_the_client_may_choose_the_id(people: People) -> None:
    made = await people.amina.put("/Patient/chosen.by-1", json=patient(id="chosen.by-1"))
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    assert (await people.amina.get("/Patient/chosen.by-1")).status_code == 200


@pytest.mark.parametrize(
    ("place", "body", "code"),
    [
        ("/Patient/one", patient(id="two"), "N7011"),
        ("/Patient/one", patient(), "N7011"),
        ("/Patient/under_score", patient(id="under_score"), "N7012"),
        ("/Patient/" + "x" * 65, patient(id="x" * 65), "N7012"),
    ],
)
async def test_body_and_address_must_agree(
    people: People, place: str, body: dict[str, object], code: str
) -> None:
    answer = await people.amina.put(place, json=body)
    assert (answer.status_code, code_of(answer)) == (400, code)


async def test_the_resource_must_be_of_the_type_in_the_address(people: People) -> None:
    answer = await people.amina.post("/Observation", json=patient())
    assert 400 <= answer.status_code < 500


async def test_every_problem_of_a_resource_is_told_at_once(people: People) -> None:
    body = patient(gender="unknown?", birthDate="yesterday", shoeSize=43)
    answer = await people.amina.post("/Patient", json=body)
    assert answer.status_code in (400, 422)
    places = {issue["expression"][0] for issue in answer.json()["issue"]}
    assert {"Patient.gender", "Patient.birthDate", "Patient.shoeSize"} <= places


async def test_if_match_refuses_to_overwrite_what_the_client_has_not_seen(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    put = people.amina.put
    first = await put(
        f"/Patient/{id_}", json=patient(id=id_, active=True), headers={"if-match": 'W/"1"'}
    )
    assert first.status_code == 200
    late = await put(
        f"/Patient/{id_}", json=patient(id=id_, active=False), headers={"if-match": 'W/"1"'}
    )
    assert (late.status_code, code_of(late)) == (412, "N3010")
    assert (await people.amina.get(f"/Patient/{id_}")).json()["active"] is True


async def test_if_match_star_replaces_what_there_is_and_creates_nothing(people: People) -> None:
    body, header = patient(id="there-already"), {"if-match": "*"}
    place = "/Patient/there-already"
    for _ in ("before it was made", "after it was deleted"):
        answer = await people.amina.put(place, json=body, headers=header)
        assert (answer.status_code, code_of(answer)) == (412, "N3029")
        assert (await people.amina.put(place, json=body)).status_code == 201
        changed = await people.amina.put(place, json={**body, "active": True}, headers=header)
        assert changed.status_code == 200
        assert (await people.amina.delete(place, headers=header)).status_code in (200, 204)
        again = await people.amina.delete(place, headers=header)
        assert (again.status_code, code_of(again)) == (412, "N3029")


async def test_if_match_star_holds_for_criteria_and_in_a_transaction(people: People) -> None:
    one = identified("star-1")
    query = "identifier=urn:example:nid|star-1"
    conditional = await people.amina.put(f"/Patient?{query}", json=one, headers={"if-match": "*"})
    assert (conditional.status_code, code_of(conditional)) == (412, "N3029")
    request = {"method": "PUT", "url": "Patient/star-1", "ifMatch": "*"}
    entry = {"resource": {**one, "id": "star-1"}, "request": request}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    refused = await people.admin.post("/", json=bundle)
    assert (refused.status_code, code_of(refused)) == (412, "N3029")
    assert (await people.amina.get("/Patient/star-1")).status_code == 404
    assert (await people.amina.put(f"/Patient?{query}", json=one)).status_code == 201
    known = await people.amina.put(f"/Patient?{query}", json=one, headers={"if-match": "*"})
    assert known.status_code == 200


@pytest.mark.parametrize("version", ["*", 'W/"1"'])
async def test_a_condition_tells_nothing_of_what_is_out_of_sight(
    people: People, version: str
) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    answers = [
        await people.chahra.delete(f"/Patient/{one}", headers={"if-match": version})
        for one in (id_, "nobody-at-all")
    ]
    hidden, absent = [(a.status_code, a.text.replace(id_, "nobody-at-all")) for a in answers]
    assert hidden == absent and hidden[0] == 412
    assert (await people.amina.get(f"/Patient/{id_}")).status_code == 200


async def test_of_many_writers_with_the_same_version_one_wins(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    answers = await asyncio.gather(
        *(
            people.amina.put(
                f"/Patient/{id_}",
                json=patient(id=id_, name=[{"family": f"Alami {n}"}]),
                headers={"if-match": 'W/"1"'},
            )
            for n in range(8)
        )
    )
    assert sorted(a.status_code for a in answers) == [200] + [412] * 7


async def test_if_none_match_star_creates_but_never_replaces(people: People) -> None:
    body, header = patient(id="only-once"), {"if-none-match": "*"}
    made = await people.amina.put("/Patient/only-once", json=body, headers=header)
    again = await people.amina.put("/Patient/only-once", json=body, headers=header)
    assert made.status_code == 201
    assert (again.status_code, code_of(again)) == (412, "N7014")


async def test_the_client_chooses_what_it_gets_back(people: People) -> None:
    async def create(wish: str) -> object:
        answer = await people.amina.post("/Patient", json=patient(), headers={"prefer": wish})
        assert answer.status_code == 201
        assert "/Patient/" in answer.headers["location"]
        return answer.json()["resourceType"] if answer.content else None

    assert await create("return=minimal") is None
    assert await create("return=representation") == "Patient"
    assert await create("return=OperationOutcome") == "OperationOutcome"


async def test_deleting_twice_is_as_good_as_once(people: People) -> None:
    id_ = (await people.admin.post("/Patient", json=patient())).json()["id"]
    for _ in range(2):
        assert (await people.admin.delete(f"/Patient/{id_}")).status_code == 204
    assert (await people.admin.delete("/Patient/never-was")).status_code == 204


async def test_a_deleted_resource_can_be_brought_back(people: People) -> None:
    id_ = (await people.admin.post("/Patient", json=patient())).json()["id"]
    await people.admin.delete(f"/Patient/{id_}")
    back = await people.admin.put(f"/Patient/{id_}", json=patient(id=id_))
    assert (back.status_code, back.headers["etag"]) == (201, 'W/"3"')


async def test_nothing_is_stored_of_a_refused_resource(people: People) -> None:
    body = patient(id="refused", gender="unknown?")
    assert (await people.amina.put("/Patient/refused", json=body)).status_code >= 400
    found = await people.amina.get("/Patient", params={"_id": "refused"})
    assert resources(found) == []


async def test_who_is_refused_harms_nobody_who_asks_at_the_same_time(people: People) -> None:
    foreign = patient(managingOrganization={"reference": f"Organization/{CLINIC}"})
    bodies = [foreign if n % 4 == 0 else patient() for n in range(24)]
    answers = await asyncio.gather(*(people.amina.post("/Patient", json=b) for b in bodies))
    assert [a.status_code for a in answers] == [403 if n % 4 == 0 else 201 for n in range(24)]
    ids = {a.json()["id"] for a in answers if a.status_code == 201}
    assert len(ids) == 18


async def test_creates_of_several_people_at_once_stay_theirs(people: People) -> None:
    who = [people.amina, people.chahra] * 8
    answers = await asyncio.gather(*(one.post("/Patient", json=patient()) for one in who))
    for one, other, answer in zip(who, who[1:] + who[:1], answers, strict=True):
        place = f"/Patient/{answer.json()['id']}"
        assert (await one.get(place)).status_code == 200
        assert (await other.get(place)).status_code == 404


async def test_a_body_must_say_that_it_is_json(people: People) -> None:
    answer = await people.amina.post(
        "/Patient", content=b"<Patient/>", headers={"content-type": "application/fhir+xml"}
    )
    assert (answer.status_code, code_of(answer)) == (415, "N7005")


async def test_two_hundred_clients_get_answers_from_a_small_pool(people: People) -> None:
    answers = await asyncio.gather(
        *(people.amina.post("/Patient", json=patient()) for _ in range(200))
    )
    assert {a.status_code for a in answers} == {201}
