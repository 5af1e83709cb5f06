"""$match: candidates with grade and reasons, for persons, facilities and professionals.

Amina's hospital is in Rabat; the clinic, whose records she may not see, in Oujda.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from cast import CLINIC, People, code_of
from identities import again, cnie, person, written


async def asked(
    client: httpx.AsyncClient, record: dict[str, Any], **parameters: Any
) -> httpx.Response:
    """Call $match as a registration desk does: the Patient has no id yet."""
    patient = {k: v for k, v in record.items() if k != "id"}
    said = [{"name": "resource", "resource": patient}]
    said += [{"name": k, _kind(v): v} for k, v in parameters.items()]
    return await client.post(
        "/Patient/$match", json={"resourceType": "Parameters", "parameter": said}
    )


def _kind(value: Any) -> str:
    return {bool: "valueBoolean", int: "valueInteger"}.get(type(value), "valueString")


def graded(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return (id, grade) of each candidate; "" for one that is masked."""
    return [
        (e["resource"].get("id", ""), e["search"]["extension"][0]["valueCode"])
        for e in answer.json().get("entry", [])
    ]


async def test_match_ranks_candidates_with_score_grade_and_reasons(people: People) -> None:
    record = person(identifier=cnie("MA777001"), birthDate="1991-09-05")
    await written(people, record)
    answer = await asked(people.amina, record)
    assert answer.status_code == 200, answer.text
    assert graded(answer)[0] == (record["id"], "certain")
    first = answer.json()["entry"][0]["search"]
    assert 0.99 < first["score"] <= 1
    reasons = [e for e in first["extension"] if e["url"].endswith("match-reason")]
    said = {r["extension"][0]["valueCode"]: r["extension"][2]["valueDecimal"] for r in reasons}
    assert said["cnie"] > 0 and said["born"] > 0


async def test_match_obeys_count_and_only_certain(people: People) -> None:
    record = person(birthDate="1993-03-19", name=[{"family": "Sekkat", "given": ["Hind"]}])
    twin = again(record, name=[{"family": "Sekkat", "given": ["Zineb"]}])
    await written(people, record, twin)
    both = await asked(people.admin, record)
    assert {record["id"], twin["id"]} >= {one for one, _ in graded(both)}
    assert len(graded(await asked(people.admin, record, count=1))) == 1
    certain = await asked(people.admin, record, onlyCertainMatches=True)
    assert all(grade == "certain" for _, grade in graded(certain)) and len(graded(certain)) <= 1
    assert code_of(await asked(people.admin, record, count=0)) == "N6109"


async def test_match_tells_of_a_hidden_record_only_what_the_asker_knew(people: People) -> None:
    hidden = person(CLINIC, identifier=cnie("HI424242"), birthDate="1964-11-30")
    await written(people, hidden)
    known = await asked(people.amina, hidden)
    assert graded(known) == [("", "certain")]
    (entry,) = known.json()["entry"]
    assert set(entry["resource"]) == {"resourceType", "meta"}
    assert "score" not in entry["search"] and len(entry["search"]["extension"]) == 1
    guessed = {k: v for k, v in hidden.items() if k != "identifier"} | {"birthDate": "1964-11-29"}
    assert graded(await asked(people.amina, guessed)) == []


@pytest.mark.parametrize(
    ("parameter", "code"),
    [
        ({"name": "count", "valueString": "2"}, "N7009"),
        ({"name": "onlyCertainMatches", "valueString": "true"}, "N7009"),
        ({"name": "onlyCertain", "valueBoolean": True}, "N7010"),
    ],
)
async def test_a_question_is_never_answered_as_another_one(
    people: People, parameter: dict[str, Any], code: str
) -> None:
    """Who asks for certain matches only must not get possible ones for a slip of the pen."""
    said = [{"name": "resource", "resource": {"resourceType": "Patient"}}, parameter]
    body = {"resourceType": "Parameters", "parameter": said}
    assert code_of(await people.admin.post("/Patient/$match", json=body)) == code
    pix = await people.admin.get("/Patient/$ihe-pix?sourceIdentifier=a|b&target=c")
    assert code_of(pix) == "N7010"


def facility(name: str, province: str, **elements: Any) -> dict[str, Any]:
    within = "https://nabd.health/fhir/StructureDefinition/place-within"
    parts = [{"url": "province", "valueCode": province}]
    return {
        "resourceType": "Organization",
        "name": name,
        "extension": [{"url": within, "extension": parts}],
        **elements,
    }


async def test_facilities_are_matched_by_place_where_names_say_too_little(people: People) -> None:
    for id_, province in (("h2-fes", "03.231"), ("h2-agadir", "09.001")):
        body = facility("Hôpital Hassan II", province, id=id_)
        made = await people.admin.put(f"/Organization/{id_}", json=body)
        assert made.status_code == 201, made.text
    wanted = facility("CH Hassan 2", "09.001")
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "resource", "resource": wanted}],
    }
    answer = await people.admin.post("/Organization/$match", json=body)
    assert answer.status_code == 200, answer.text
    assert graded(answer)[0][0] == "h2-agadir"
    nowhere = {k: v for k, v in wanted.items() if k != "extension"}
    body["parameter"] = [{"name": "resource", "resource": nowhere}]
    answer = await people.admin.post("/Organization/$match", json=body)
    assert {grade for _, grade in graded(answer)} <= {"possible"}


async def test_professionals_are_matched_by_number_and_name(people: People) -> None:
    known = {
        "resourceType": "Practitioner",
        "id": "dr-berrada",
        "name": [{"family": "Berrada", "given": ["Ghita"]}],
        "identifier": [{"system": "https://nabd.health/fhir/sid/inpe", "value": "101012345"}],
    }
    made = await people.admin.put("/Practitioner/dr-berrada", json=known)
    assert made.status_code == 201, made.text
    wanted = {**known, "name": [{"family": "برادة", "given": ["غيثة"]}]}
    del wanted["id"]
    body = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": wanted}]}
    answer = await people.admin.post("/Practitioner/$match", json=body)
    assert graded(answer)[0] == ("dr-berrada", "certain")
