"""Who is who: matching at registration, linking of every write, the decisions of stewards.

Facilities keep a record each; identities are ``Person``s that link them. Amina's hospital is in
Rabat, Chahra's clinic in Oujda; Emna is a steward of the whole country, and so is Ghali.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from cast import CLINIC, HOSPITAL, People, code_of, resources

from nabd.access import Door
from nabd.identity.linking import link, link_all
from nabd.identity.model import load
from nabd.slices import queries

CNIE = "https://nabd.health/fhir/sid/cnie"
NEXT = iter(range(1, 10_000))


def person(facility: str = HOSPITAL, **elements: Any) -> dict[str, Any]:
    """Make the record that a facility keeps of somebody whom nobody else resembles."""
    number = next(NEXT)
    return {
        "resourceType": "Patient",
        "id": f"rec-{number}",
        "name": [{"family": "Benchekroun", "given": ["Driss"]}],
        "gender": "male",
        "birthDate": f"19{50 + number % 49}-0{1 + number % 9}-1{number % 10}",
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def again(record: dict[str, Any], facility: str = CLINIC, **elements: Any) -> dict[str, Any]:
    """Make another facility's record of the same person."""
    return person(facility, **{k: v for k, v in record.items() if k != "id"}) | {
        "id": f"rec-{next(NEXT)}",
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def cnie(value: str) -> list[dict[str, str]]:
    return [{"system": CNIE, "value": value}]


async def written(people: People, *records: dict[str, Any]) -> None:
    """Write records, one after another, and let the linker follow."""
    for record in records:
        made = await people.admin.put(f"/Patient/{record['id']}", json=record)
        assert made.status_code in (200, 201), made.text
        await linked(people)


async def linked(people: People) -> int:
    return await link_all(Door(people.store, queries()).system(), load())


async def identity(people: People, record: dict[str, Any]) -> dict[str, Any]:
    """Return the one Person that links a record."""
    found = resources(await people.admin.get(f"/Person?link=Patient/{record['id']}"))
    assert len(found) == 1, found
    return found[0]


async def cases(people: People, record: dict[str, Any]) -> list[dict[str, Any]]:
    tasks = resources(await people.admin.get("/Task?code=same-person&_count=1000"))
    about = f"Patient/{record['id']}"
    return [t for t in tasks if about in (t["focus"]["reference"], other(t))]


def other(task: dict[str, Any]) -> str:
    records = [i for i in task["input"] if i["type"]["coding"][0]["code"] == "record"]
    return str(records[0]["valueReference"]["reference"])


def outcome(task: dict[str, Any]) -> str:
    return str(task["businessStatus"]["coding"][0]["code"])


def targets(found: dict[str, Any]) -> set[str]:
    return {one["target"]["reference"].partition("/")[2] for one in found["link"]}


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


async def acted(
    client: httpx.AsyncClient, operation: str, **said: dict[str, str] | str
) -> httpx.Response:
    """Call an operation of the steward's."""
    parameters = [{"name": name, **_value(name, value)} for name, value in said.items()]
    body = {"resourceType": "Parameters", "parameter": parameters}
    return await client.post(f"/{operation}", json=body)


def _value(name: str, value: Any) -> dict[str, Any]:
    if name in ("case", "patient", "source", "target"):
        return {"valueReference": {"reference": value}}
    return {"valueCode" if name == "outcome" else "valueString": value}


async def test_every_patient_has_one_identity_from_its_first_day(people: People) -> None:
    record = person()
    await written(people, record)
    found = await identity(people, record)
    assert targets(found) == {record["id"]}
    assert "name" not in found


async def test_two_facilities_records_of_one_person_are_linked_and_stay_as_they_are(
    people: People,
) -> None:
    record = person(identifier=cnie("BE112233"))
    same = again(record, name=[{"family": "Ben Chekroun", "given": ["Idriss"]}])
    await written(people, record, same)
    found = await identity(people, same)
    assert targets(found) == {record["id"], same["id"]}
    assurances = {one.get("assurance") for one in found["link"]}
    assert "level3" in assurances
    kept = (await people.admin.get(f"/Patient/{same['id']}")).json()
    assert kept["name"] == same["name"] and kept["meta"]["versionId"] == "1"
    (case,) = await cases(people, same)
    assert outcome(case) == "linked"
    fields = {i["type"]["coding"][0]["code"] for i in case["input"]}
    assert {"weight", "probability", "model", "field:cnie", "field:born"} <= fields


async def test_a_person_of_two_scripts_is_one(people: People) -> None:
    record = person(
        name=[{"family": "Tahraoui", "given": ["Amine"]}],
        identifier=cnie("BK445566"),
        birthDate="1972-06-21",
    )
    same = again(record, name=[{"family": "التهراوي", "given": ["أمين"]}])
    await written(people, record, same)
    assert targets(await identity(people, record)) == {record["id"], same["id"]}


async def test_a_contradicting_identifier_is_never_linked_but_asked_about(people: People) -> None:
    record = person(identifier=cnie("AA100001"), birthDate="1985-02-17")
    rival = again(record, identifier=cnie("AA100002"))  # a slip of the pen, or a cousin
    await written(people, record, rival)
    assert targets(await identity(people, rival)) == {rival["id"]}
    (case,) = await cases(people, rival)
    assert (outcome(case), case["status"]) == ("open", "requested")


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


async def test_a_steward_decides_and_undoing_restores_exactly(people: People) -> None:
    record = person(identifier=cnie("UN100001"), birthDate="1981-01-12")
    rival = again(record, identifier=cnie("UN100002"))
    await written(people, record, rival)
    before = [await identity(people, one) for one in (record, rival)]
    (case,) = await cases(people, rival)
    name = f"Task/{case['id']}"
    taken = await acted(people.emna, "Task/$identity-take", case=name)
    assert taken.status_code == 200, taken.text
    assert code_of(await acted(people.ghali, "Task/$identity-take", case=name)) == "N6103"
    assert (
        code_of(await acted(people.emna, "Task/$identity-decide", case=name, outcome="same"))
        == "N6102"
    )
    done = await acted(
        people.emna, "Task/$identity-decide", case=name, outcome="same", reason="seen both cards"
    )
    assert done.status_code == 200, done.text
    joined = await identity(people, record)
    assert targets(joined) == {record["id"], rival["id"]}
    assert {one["assurance"] for one in joined["link"]} == {"level4"}
    undone = await acted(people.ghali, "Task/$identity-undo", case=name, reason="cards mixed up")
    assert undone.status_code == 200, undone.text
    after = [await identity(people, one) for one in (record, rival)]
    assert [_content(one) for one in after] == [_content(one) for one in before]


def _content(resource: dict[str, Any]) -> dict[str, Any]:
    meta = {k: v for k, v in resource["meta"].items() if k not in ("versionId", "lastUpdated")}
    return {**resource, "meta": meta}


async def test_a_different_decision_is_remembered(people: People) -> None:
    record = person(birthDate="1979-10-03", identifier=cnie("DI100001"))
    rival = again(record, identifier=cnie("DI100002"))
    await written(people, record, rival)
    (case,) = await cases(people, rival)
    said = {"outcome": "different", "reason": "cousins"}
    await acted(people.emna, "Task/$identity-decide", case=f"Task/{case['id']}", **said)
    await written(people, {**rival, "identifier": record["identifier"]})
    assert targets(await identity(people, rival)) == {rival["id"]}
    (still,) = await cases(people, rival)
    assert outcome(still) == "different"


async def test_merge_and_unmerge_touch_links_only(people: People) -> None:
    one, other_ = person(birthDate="1958-04-04"), person(CLINIC, birthDate="1990-07-07")
    await written(people, one, other_)
    first, second = await identity(people, one), await identity(people, other_)
    references = {"target": f"Person/{first['id']}", "source": f"Person/{second['id']}"}
    merged = await acted(people.emna, "Person/$merge", **references, reason="paper file")
    assert merged.status_code == 200, merged.text
    assert targets(await identity(people, other_)) == {one["id"], other_["id"]}
    parted = await acted(
        people.emna, "Person/$unmerge", patient=f"Patient/{other_['id']}", reason="wrong file"
    )
    assert parted.status_code == 200, parted.text
    for record, stood in ((one, first), (other_, second)):
        assert _content(await identity(people, record)) == _content(stood)
    (case,) = await cases(people, one)
    assert outcome(case) == "different"


async def test_a_link_of_the_model_is_taken_apart_too(people: People) -> None:
    record = person(identifier=cnie("TA100001"), birthDate="1983-11-11")
    same = again(record)
    await written(people, record, same)
    before = await identity(people, record)
    said = {"patient": f"Patient/{same['id']}", "reason": "the card was borrowed"}
    assert (await acted(people.emna, "Person/$unmerge", **said)).status_code == 200
    assert targets(await identity(people, same)) == {same["id"]}
    (case,) = await cases(people, same)
    undo = {"case": f"Task/{case['id']}", "reason": "it was hers"}
    assert (await acted(people.emna, "Task/$identity-undo", **undo)).status_code == 200
    assert _content(await identity(people, record)) == _content(before)


async def test_nobody_writes_links_but_by_operations(people: People) -> None:
    record = person(birthDate="1988-08-18")
    await written(people, record)
    found = await identity(people, record)
    stolen = {**found, "link": [{"target": {"reference": "Patient/somebody-else"}}]}
    assert code_of(await people.admin.put(f"/Person/{found['id']}", json=stolen)) == "N6110"
    assert code_of(await people.admin.delete(f"/Person/{found['id']}")) == "N6110"


async def test_a_clinician_may_not_decide(people: People) -> None:
    answer = await acted(people.amina, "Task/$identity-take", case="Task/identity-0")
    assert answer.status_code == 403


async def test_a_deleted_record_leaves_its_identity(people: People) -> None:
    record = person(identifier=cnie("GO100001"), birthDate="1969-12-24")
    same = again(record)
    await written(people, record, same)
    await people.admin.delete(f"/Patient/{same['id']}")
    await linked(people)
    assert targets(await identity(people, record)) == {record["id"]}


async def test_cross_reference_gives_the_identifiers_of_all_records(people: People) -> None:
    record = person(
        birthDate="1977-05-29",
        identifier=[*cnie("PX100001"), {"system": "urn:hospital:rabat", "value": "42"}],
    )
    same = again(
        record, identifier=[*cnie("PX100001"), {"system": "urn:clinic:oujda", "value": "7"}]
    )
    await written(people, record, same)
    query = "sourceIdentifier=urn:hospital:rabat|42&targetSystem=urn:clinic:oujda"
    answer = await people.admin.get(f"/Patient/$ihe-pix?{query}")
    assert answer.status_code == 200, answer.text
    said = answer.json()["parameter"]
    found = [p["valueIdentifier"]["value"] for p in said if p["name"] == "targetIdentifier"]
    assert found == ["7"]
    assert code_of(await people.admin.get("/Patient/$ihe-pix?sourceIdentifier=x|y")) == "N6115"
    hidden = await people.amina.get(f"/Patient/$ihe-pix?{query}")
    assert "7" not in hidden.text


async def test_two_registrations_at_once_are_one_identity(people: People) -> None:
    record = person(identifier=cnie("CO100001"), birthDate="1995-06-15")
    same = again(record)
    puts = [people.admin.put(f"/Patient/{r['id']}", json=r) for r in (record, same)]
    await asyncio.gather(*puts)
    door = Door(people.store, queries())
    await asyncio.gather(*(link(door.system(), load()) for _ in range(4)))
    await linked(people)
    assert targets(await identity(people, record)) == {record["id"], same["id"]}


@pytest.mark.parametrize("operation", ["Person/$merge", "Person/$unmerge", "Task/$identity-undo"])
async def test_a_decision_needs_its_parameters(people: People, operation: str) -> None:
    assert code_of(await acted(people.emna, operation, reason="why")) == "N6112"


async def observed(people: People, record: dict[str, Any]) -> str:
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": f"Patient/{record['id']}"},
        "performer": [record["managingOrganization"]],
    }
    made = await people.admin.post("/Observation", json=body)
    assert made.status_code == 201, made.text
    return str(made.headers["location"].split("/")[-3])


async def test_searches_and_everything_reach_all_records_of_a_person(people: People) -> None:
    record = person(identifier=cnie("EV100001"), birthDate="1967-07-13")
    same = again(record)
    await written(people, record, same)
    both = {await observed(people, record), await observed(people, same)}
    plain = await people.admin.get(f"/Observation?subject=Patient/{record['id']}")
    assert len(resources(plain)) == 1
    wide = await people.admin.get(f"/Observation?subject:mdm=Patient/{record['id']}")
    assert {one["id"] for one in resources(wide)} == both
    whole = await people.admin.get(f"/Patient/{record['id']}/$everything?_mdm=true")
    assert {record["id"], same["id"], *both} <= {one["id"] for one in resources(whole)}
    within = await people.amina.get(f"/Observation?subject:mdm=Patient/{record['id']}")
    assert len(resources(within)) == 1  # her hospital's; the clinic's stays out of her scope


async def test_an_identity_itself_leads_to_all_records(people: People) -> None:
    record = person(identifier=cnie("BE998877"))
    fellow = again(record)
    await written(people, record, fellow)
    for number, one in enumerate((record, fellow)):
        note = {"resourceType": "Basic", "id": f"note-{number}", "code": {"text": "note"}}
        note["subject"] = {"reference": f"Patient/{one['id']}"}
        assert (await people.admin.put(f"/Basic/{note['id']}", json=note)).status_code == 201
    known = await identity(people, record)
    found = await people.admin.get(f"/Basic?subject:mdm=Person/{known['id']}")
    assert {one["id"] for one in resources(found)} == {"note-0", "note-1"}
    for path in (f"Person/{known['id']}/$everything", f"Patient/{record['id']}/$everything"):
        body = {
            "resourceType": "Parameters",
            "parameter": [{"name": "_mdm", "valueBoolean": True}],
        }
        asked_of = path.startswith("Patient")
        whole = await (
            people.admin.post(f"/{path}", json=body) if asked_of else people.admin.get(f"/{path}")
        )
        both = {record["id"], fellow["id"], "note-0", "note-1", known["id"]}
        assert both <= {one["id"] for one in resources(whole)}
    nobody = await people.admin.get("/Basic?subject:mdm=Person/nobody")
    assert resources(nobody) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/Patient?_id:mdm=1", "N2503"),
        ("/Patient?family:mdm=Alami", "N2503"),
        ("/Patient?organization:mdm=1", "N2503"),
        ("/Observation?nothing:mdm=1", "N2501"),
        ("/Patient/1/$everything?_mdm=yes", "N7009"),
    ],
)
async def test_what_leads_to_no_person_is_not_searched_as_if_it_did(
    people: People, path: str, code: str
) -> None:
    await people.admin.put("/Patient/1", json={"resourceType": "Patient", "id": "1"})
    assert code_of(await people.admin.get(path)) == code


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
