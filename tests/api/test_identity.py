"""Who is who: linking of every write, the decisions of stewards.

Facilities keep a record each; identities are ``Person``s that link them. Amina's hospital is in
Rabat; Emna is a steward of the whole country, and so is Ghali.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from cast import CLINIC, People, code_of, resources
from identities import again, cnie, identity, linked, person, targets, written

from nabd.access import Door
from nabd.identity.linking import link
from nabd.identity.model import load
from nabd.slices import queries


async def cases(people: People, record: dict[str, Any]) -> list[dict[str, Any]]:
    tasks = resources(await people.admin.get("/Task?code=same-person&_count=1000"))
    about = f"Patient/{record['id']}"
    return [t for t in tasks if about in (t["focus"]["reference"], other(t))]


def other(task: dict[str, Any]) -> str:
    records = [i for i in task["input"] if i["type"]["coding"][0]["code"] == "record"]
    return str(records[0]["valueReference"]["reference"])


def outcome(task: dict[str, Any]) -> str:
    return str(task["businessStatus"]["coding"][0]["code"])


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


async def test_two_registrations_at_once_are_one_identity(people: People) -> None:
    record = person(identifier=cnie("CO100001"), birthDate="1995-06-15")
    same = again(record)
    puts = [people.admin.put(f"/Patient/{r['id']}", json=r) for r in (record, same)]
    await asyncio.gather(*puts)
    door = Door(people.store, queries())
    await asyncio.gather(*(link(door.system(), load()) for _ in range(4)))
    await linked(people)
    assert targets(await identity(people, record)) == {record["id"], same["id"]}


async def test_a_deleted_record_leaves_its_identity(people: People) -> None:
    record = person(identifier=cnie("GO100001"), birthDate="1969-12-24")
    same = again(record)
    await written(people, record, same)
    await people.admin.delete(f"/Patient/{same['id']}")
    await linked(people)
    assert targets(await identity(people, record)) == {record["id"]}


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


@pytest.mark.parametrize("operation", ["Person/$merge", "Person/$unmerge", "Task/$identity-undo"])
async def test_a_decision_needs_its_parameters(people: People, operation: str) -> None:
    assert code_of(await acted(people.emna, operation, reason="why")) == "N6112"
