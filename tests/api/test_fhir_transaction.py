"""A transaction is done whole or not at all; a batch does each entry by itself."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from cast import People, code_of, identified, observation, patient, resources

URN = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"


def entry(method: str, url: str, resource: Any = None, urn: str = "", **request: Any) -> Any:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if urn:
        made["fullUrl"] = urn
    if resource is not None:
        made["resource"] = resource
    return made


async def post(people: People, kind: str, *entries: Any, **headers: str) -> httpx.Response:
    body = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return await people.amina.post("", json=body, headers=headers)


def statuses(answer: httpx.Response) -> list[str]:
    return [e["response"]["status"][:3] for e in answer.json()["entry"]]


async def find(people: People, value: str) -> list[dict[str, Any]]:
    query = {"identifier": f"urn:example:nid|{value}"}
    return resources(await people.amina.get("/Patient", params=query))


async def test_references_inside_are_replaced_by_the_new_ids(people: People) -> None:
    answer = await post(
        people,
        "transaction",
        entry("POST", "Observation", observation(URN), "urn:uuid:" + "2" * 8 + URN[17:]),
        entry("POST", "Patient", identified("t1"), URN),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "transaction-response"
    assert statuses(answer) == ["201", "201"]
    made, subject = (e["response"]["location"] for e in answer.json()["entry"])
    stored = await people.amina.get("/" + made.partition("/_history")[0])
    assert stored.json()["subject"]["reference"] == subject.partition("/_history")[0]


async def test_one_wrong_entry_and_nothing_is_done(people: People) -> None:
    wrong = {"resourceType": "Patient", "gender": "unknown?"}
    answer = await post(
        people,
        "transaction",
        entry("POST", "Patient", identified("t2")),
        entry("POST", "Patient", wrong),
    )
    assert 400 <= answer.status_code < 500
    assert answer.json()["issue"][0]["expression"][0].startswith("Bundle.entry[1]")
    assert await find(people, "t2") == []


async def test_a_conflict_undoes_what_came_before(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=identified("t3"))).json()["id"]
    answer = await post(
        people,
        "transaction",
        entry("DELETE", f"Patient/{id_}"),
        entry("POST", "Patient", identified("t3-new")),
        entry("PUT", "Patient/t3-put", identified("t3-put", id="t3-put"), ifMatch='W/"9"'),
    )
    assert answer.status_code == 412
    assert len(await find(people, "t3")) == 1
    assert await find(people, "t3-new") == []


async def test_the_order_is_the_standards_not_the_senders(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=identified("t4"))).json()["id"]
    answer = await post(
        people,
        "transaction",
        entry("GET", "Patient?identifier=urn:example:nid|t4"),
        entry("POST", "Patient", identified("t4"), ifNoneExist="identifier=urn:example:nid|t4"),
        entry("DELETE", f"Patient/{id_}"),
    )
    assert statuses(answer) == ["200", "201", "204"]
    found = answer.json()["entry"][0]["resource"]["entry"]
    assert [e["resource"]["id"] for e in found] != [id_]
    assert len(found) == 1


async def test_conditional_references_find_stored_and_new_resources(people: People) -> None:
    old = (await people.amina.post("/Patient", json=identified("t5-old"))).json()["id"]
    query = "Patient?identifier=urn:example:nid|"
    answer = await post(
        people,
        "transaction",
        entry("POST", "Observation", observation(f"{query}t5-old")),
        entry("POST", "Observation", observation(f"{query}t5-new")),
        entry("POST", "Patient", identified("t5-new")),
    )
    assert statuses(answer) == ["201", "201", "201"], answer.text
    places = [e["response"]["location"].partition("/_h")[0] for e in answer.json()["entry"]]
    first = await people.amina.get(f"/{places[0]}")
    second = await people.amina.get(f"/{places[1]}")
    assert first.json()["subject"]["reference"] == f"Patient/{old}"
    assert second.json()["subject"]["reference"] == places[2]


async def test_a_conditional_reference_must_match_one(people: People) -> None:
    answer = await post(
        people,
        "transaction",
        entry("POST", "Patient", identified("t6")),
        entry("POST", "Observation", observation("Patient?identifier=urn:example:nid|nobody")),
    )
    assert (answer.status_code, code_of(answer)) == (412, "N7022")
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert await find(people, "t6") == []


async def test_a_reference_to_no_entry_is_refused(people: People) -> None:
    answer = await post(people, "transaction", entry("POST", "Observation", observation(URN)))
    assert (answer.status_code, code_of(answer)) == (400, "N7021")


async def test_existing_resources_are_linked_by_conditional_create(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=identified("t7"))).json()["id"]
    criteria = "identifier=urn:example:nid|t7"
    answer = await post(
        people,
        "transaction",
        entry("POST", "Patient", identified("t7"), URN, ifNoneExist=criteria),
        entry("POST", "Observation", observation(URN)),
    )
    assert statuses(answer) == ["200", "201"]
    place = answer.json()["entry"][1]["response"]["location"].partition("/_h")[0]
    stored = await people.amina.get(f"/{place}")
    assert stored.json()["subject"]["reference"] == f"Patient/{id_}"


async def test_a_resource_comes_once(people: People) -> None:
    twice = entry("PUT", "Patient/t8", patient(id="t8"))
    answer = await post(people, "transaction", twice, twice)
    assert (answer.status_code, code_of(answer)) == (400, "N7019")
    same = entry("POST", "Patient", patient(), URN)
    assert 400 <= (await post(people, "transaction", same, same)).status_code < 500


@pytest.mark.parametrize("pair", ["POST POST", "PUT PUT", "POST PUT"])
async def test_one_condition_makes_one_resource(people: People, pair: str) -> None:
    """Both would find nothing, and each would make what the other makes."""
    value = f"once-{pair.replace(' ', '-')}"
    named = f"identifier=urn:example:nid|{value}"
    kinds = {
        "POST": entry("POST", "Patient", identified(value), ifNoneExist=named),
        "PUT": entry("PUT", f"Patient?{named}", identified(value)),
    }
    answer = await post(people, "transaction", *(kinds[kind] for kind in pair.split()))
    assert (answer.status_code, code_of(answer)) == (400, "N7019")
    assert await find(people, value) == []


async def test_a_refused_transaction_says_which_entry_it_was(people: People) -> None:
    for id_ in ("which-1", "which-2"):
        await people.amina.put(f"/Patient/{id_}", json=patient(id=id_))
    changed = {id_: patient(id=id_, active=True) for id_ in ("which-1", "which-2")}
    new = {"resourceType": "Patient", "id": "which-3"}
    for second, status, code in (
        (entry("PUT", "Patient/which-2", changed["which-2"], ifMatch='W/"7"'), 412, "N3010"),
        (entry("PUT", "Patient/which-2", changed["which-2"], ifNoneMatch="*"), 412, "N7014"),
    ):
        for first in (
            entry("PUT", "Patient/which-1", changed["which-1"]),
            entry("PUT", "Patient/which-3", new, ifNoneMatch="*"),
        ):
            answer = await post(people, "transaction", first, second)
            assert (answer.status_code, code_of(answer)) == (status, code)
            assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]


async def test_patches_and_conditional_updates_take_part(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=identified("t9"))).json()["id"]
    change = "W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9nZW5kZXIiLCJ2YWx1ZSI6Im1hbGUifV0="
    binary = {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": change,
    }
    criteria = "Patient?identifier=urn:example:nid|t9-b"
    answer = await post(
        people,
        "transaction",
        entry("PATCH", f"Patient/{id_}", binary),
        entry("PUT", criteria, identified("t9-b")),
    )
    assert statuses(answer) == ["200", "201"], answer.text
    assert (await people.amina.get(f"/Patient/{id_}")).json()["gender"] == "male"


async def test_transactions_at_the_same_time_make_one_resource(people: People) -> None:
    one = entry("POST", "Patient", identified("t10"), ifNoneExist="identifier=urn:example:nid|t10")
    answers = await asyncio.gather(*(post(people, "transaction", one) for _ in range(8)))
    assert sorted(statuses(a)[0] for a in answers) == ["200"] * 7 + ["201"]
    assert len(await find(people, "t10")) == 1


async def test_the_client_may_ask_for_the_resources_back(people: People) -> None:
    one = entry("POST", "Patient", patient())
    minimal = await post(people, "transaction", one)
    assert "resource" not in minimal.json()["entry"][0]
    whole = await post(people, "transaction", one, prefer="return=representation")
    assert whole.json()["entry"][0]["resource"]["gender"] == "female"
    said = await post(people, "transaction", one, prefer="return=OperationOutcome")
    assert said.json()["entry"][0]["response"]["outcome"]["issue"][0]["severity"] == "information"


async def test_a_batch_answers_every_entry_for_itself(people: People) -> None:
    answer = await post(
        people,
        "batch",
        entry("POST", "Patient", identified("b1")),
        entry("POST", "Patient", patient(gender="unknown?")),
        entry("GET", "Patient/never-was"),
        entry("GET", "Patient?identifier=urn:example:nid|b1"),
        entry("FLY", "Patient"),
        entry("POST", "/", {"resourceType": "Bundle", "type": "batch"}),
        entry("POST", "Patient/$validate", patient()),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "batch-response"
    first, invalid, absent, search, strange, nested, valid = answer.json()["entry"]
    assert first["response"]["status"] == "201 Created"
    assert invalid["response"]["status"][0] == "4"
    assert invalid["response"]["outcome"]["issue"][0]["expression"] == ["Patient.gender"]
    assert absent["response"]["status"] == "404 Not Found"
    assert search["resource"]["total"] == 1
    assert strange["response"]["status"][0] == "4"
    issues = strange["response"]["outcome"]["issue"]
    assert issues[0]["expression"] == ["Bundle.entry[4].request.method"]
    assert nested["response"]["status"][0] == "4"
    assert valid["response"]["outcome"]["issue"][0]["severity"] == "information"


async def test_too_many_entries_are_refused(people: People) -> None:
    answer = await post(people, "batch", *[entry("GET", "Patient/x")] * 51)
    assert (answer.status_code, code_of(answer)) == (413, "N7017")


async def test_only_transactions_and_batches_are_run(people: People) -> None:
    collection = {"resourceType": "Bundle", "type": "collection"}
    answer = await people.amina.post("", json=collection)
    assert (answer.status_code, code_of(answer)) == (400, "N7016")
    other = await people.amina.post("", json=patient())
    assert 400 <= other.status_code < 500


async def test_what_cannot_be_undone_takes_no_part(people: People) -> None:
    answer = await post(people, "transaction", entry("GET", "Patient/x/$everything"))
    assert (answer.status_code, code_of(answer)) == (400, "N7023")


async def test_an_empty_transaction_does_nothing(people: People) -> None:
    body = {"resourceType": "Bundle", "type": "transaction"}
    answer = await people.amina.post("", json=body)
    assert (answer.status_code, answer.json()["type"]) == (200, "transaction-response")


PATCH = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Patient.gender"},
                {"name": "value", "valueCode": "male"},
            ],
        }
    ],
}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_a_patch_of_either_kind_may_be_an_entry(people: People, kind: str) -> None:
    made = await people.amina.post("/Patient", json=identified(f"patched-{kind}"))
    operations = [{"op": "replace", "path": "/birthDate", "value": "1999-09-09"}]
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    binary = {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": data,
    }
    place = f"Patient/{made.json()['id']}"
    for change in (PATCH, binary):
        answer = await post(people, kind, entry("PATCH", place, change))
        assert (answer.status_code, statuses(answer)) == (200, ["200"]), answer.text
    stored = (await people.amina.get(f"/{place}")).json()
    assert (stored["gender"], stored["birthDate"]) == ("male", "1999-09-09")
    conditional = f"Patient?identifier=urn:example:nid|patched-{kind}"
    again = await post(people, kind, entry("PATCH", conditional, PATCH))
    assert statuses(again) == ["200"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_a_put_that_may_only_create_replaces_nothing(people: People, kind: str) -> None:
    place = f"Patient/only-once-{kind}"
    body = patient(id=place.partition("/")[2])
    for expected in ("201", "412"):
        answer = await post(people, kind, entry("PUT", place, body, ifNoneMatch="*"))
        got = statuses(answer)[0] if answer.status_code == 200 else str(answer.status_code)
        assert got == expected, answer.text
    criteria = f"Patient?identifier=urn:example:nid|only-once-{kind}"
    for expected in ("201", "412"):
        body = identified(f"only-once-{kind}")
        answer = await post(people, kind, entry("PUT", criteria, body, ifNoneMatch="*"))
        got = statuses(answer)[0] if answer.status_code == 200 else str(answer.status_code)
        assert got == expected, answer.text


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_the_answer_to_head_has_no_resource(people: People, kind: str) -> None:
    made = await people.amina.post("/Patient", json=identified(f"head-{kind}"))
    answer = await post(people, kind, entry("HEAD", f"Patient/{made.json()['id']}"))
    [only] = answer.json()["entry"]
    assert "resource" not in only
    assert only["response"]["etag"] == 'W/"1"'
