"""Who sees an identity and its cases: who keeps the records, whether or not the records say so.

A record without ``managingOrganization`` is kept by its writer's facility (Amina's hospital,
Chahra's clinic), or by the one given with its batch.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from cast import CLINIC, HOSPITAL, People, code_of, resources
from identities import again, cnie, identity, linked, person, targets, written

from nabd import intake
from nabd.access.custodians import batch_scope
from nabd.fhir.json import encode
from nabd.identity.linking import READER
from nabd.slices import laws, queries
from nabd.store import Stamp
from nabd.store.feed import Position
from nabd.store.follow import move

Record = dict[str, Any]
KEEPER = "https://nabd.health/fhir/StructureDefinition/custodian"


def unnamed(record: Record, **elements: Any) -> Record:
    """Leave out of a record who keeps it."""
    return {k: v for k, v in record.items() if k != "managingOrganization"} | elements


async def wrote(people: People, writer: httpx.AsyncClient, *records: Record) -> None:
    for record in records:
        made = await writer.put(f"/Patient/{record['id']}", json=record)
        assert made.status_code in (200, 201), made.text
    await linked(people)


async def loaded(people: People, custodian: str, path: Any, record: Record) -> None:
    path.write_bytes(encode(record))
    async with people.store.read() as connection:
        scope = await batch_scope(connection, queries(), custodian)
    stamp = Stamp("test", "load")
    await intake.load(people.store, [path], stamp=stamp, laws=laws, scope=scope, workers=0)
    await linked(people)


async def persons(client: httpx.AsyncClient, record: Record) -> list[Record]:
    return resources(await client.get(f"/Person?link=Patient/{record['id']}"))


async def sees(people: People, record: Record) -> set[str]:
    """Return which of the two facilities' clerks see the identity of a record."""
    clerks = {"amina": people.amina, "chahra": people.chahra}
    return {name for name, client in clerks.items() if await persons(client, record)}


async def cases(client: httpx.AsyncClient, record: Record) -> list[Record]:
    found = resources(await client.get("/Task?code=same-person&_count=1000"))
    return [one for one in found if f"Patient/{record['id']}" in str(one)]


async def acted(client: httpx.AsyncClient, operation: str, **said: str) -> httpx.Response:
    parameters = [
        {"name": name, "valueString": value}
        if name == "reason"
        else {"name": name, "valueReference": {"reference": value}}
        for name, value in said.items()
    ]
    body = {"resourceType": "Parameters", "parameter": parameters}
    answer = await client.post(f"/{operation}", json=body)
    assert answer.status_code == 200, answer.text
    return answer


async def test_who_wrote_a_record_sees_its_identity(people: People) -> None:
    record = unnamed(person())
    await wrote(people, people.amina, record)
    assert await sees(people, record) == {"amina"}


async def test_the_organisation_of_a_batch_sees_the_identities_of_its_records(
    people: People, tmp_path: Any
) -> None:
    record = unnamed(person())
    await loaded(people, CLINIC, tmp_path / "patient.json", record)
    assert await sees(people, record) == {"chahra"}


async def test_linking_again_tells_the_organisation_that_a_second_load_named(
    people: People, tmp_path: Any
) -> None:
    record = unnamed(person())
    await loaded(people, "", tmp_path / "patient.json", record)
    assert await sees(people, record) == set()
    await loaded(people, HOSPITAL, tmp_path / "patient.json", record)
    async with people.store.transaction() as connection:
        await move(connection, READER, Position(0, -(2**63)))  # nabd link --all
    await linked(people)
    assert await sees(people, record) == {"amina"}


async def test_two_facilities_share_an_identity_and_nothing_of_their_records(
    people: People,
) -> None:
    record = unnamed(person(identifier=cnie("CU100001"), birthDate="1961-02-03"))
    same = unnamed(again(record))
    await wrote(people, people.amina, record)
    await wrote(people, people.chahra, same)
    assert await sees(people, record) == {"amina", "chahra"}
    (shared,) = await persons(people.amina, same)
    assert targets(shared) == {record["id"], same["id"]}
    assert shared.keys() == {"resourceType", "id", "meta", "extension", "active", "link"}
    for client, own, other in ((people.amina, record, same), (people.chahra, same, record)):
        assert (await client.get(f"/Patient/{own['id']}")).status_code == 200
        assert (await client.get(f"/Patient/{other['id']}")).status_code == 404
        assert await cases(client, other) == []  # its weights would tell of the other record
    assert len(await cases(people.admin, same)) == 1


async def test_a_case_of_two_records_is_seen_by_whom_wrote_both(people: People) -> None:
    record = unnamed(person(identifier=cnie("CU150001"), birthDate="1962-02-03"))
    rival = unnamed(again(record, identifier=cnie("CU150002")))
    await wrote(people, people.amina, record, rival)
    assert len(await cases(people.amina, record)) == 1
    assert await cases(people.chahra, record) == []


async def test_decisions_leave_an_identity_to_those_who_keep_its_records(people: People) -> None:
    record, other = unnamed(person(birthDate="1963-02-03")), unnamed(person(birthDate="1974-05-06"))
    await wrote(people, people.amina, record)
    await wrote(people, people.chahra, other)
    first, second = await identity(people, record), await identity(people, other)
    pair = {"target": f"Person/{first['id']}", "source": f"Person/{second['id']}"}
    await acted(people.emna, "Person/$merge", **pair, reason="paper file")
    assert await sees(people, record) == {"amina", "chahra"}
    await acted(
        people.emna, "Person/$unmerge", patient=f"Patient/{other['id']}", reason="wrong file"
    )
    assert await sees(people, record) == {"amina"}
    assert await sees(people, other) == {"chahra"}


async def test_joint_custodians_alone_do_not_see_an_identity(people: People) -> None:
    url = f"{KEEPER}-of-part"
    both = [
        {"url": url, "valueReference": {"reference": f"Organization/{one}"}}
        for one in (HOSPITAL, CLINIC)
    ]
    record = unnamed(person(), extension=both)
    await written(people, record)
    assert (await people.amina.get(f"/Patient/{record['id']}")).status_code == 404
    assert await sees(people, record) == set()


async def test_several_custodians_of_a_record_see_its_identity(people: People) -> None:
    several = [
        {"url": KEEPER, "valueReference": {"reference": f"Organization/{one}"}}
        for one in (HOSPITAL, CLINIC)
    ]
    record = unnamed(person(), extension=several)
    await written(people, record)
    assert await sees(people, record) == {"amina", "chahra"}


@pytest.mark.parametrize("fellows", [0, 1])
async def test_an_identity_follows_its_record_to_another_keeper(
    people: People, fellows: int
) -> None:
    record = person(identifier=cnie(f"CU20000{fellows}"), birthDate=f"196{fellows}-12-13")
    await written(people, record, *(again(record, HOSPITAL) for _ in range(fellows)))
    assert await sees(people, record) == {"amina"}
    await written(people, again(record) | {"id": record["id"]})
    assert await sees(people, record) == {"chahra"} | ({"amina"} if fellows else set())


async def test_a_decision_can_be_undone_after_a_record_has_moved(people: People) -> None:
    record = person(identifier=cnie("CU300001"), birthDate="1959-01-13")
    rival = again(record, HOSPITAL, identifier=cnie("CU300002"))
    await written(people, record, rival)
    first, second = await identity(people, record), await identity(people, rival)
    pair = {"target": f"Person/{first['id']}", "source": f"Person/{second['id']}"}
    merged = await acted(people.emna, "Person/$merge", **pair, reason="one card was lost")
    await written(people, again(rival) | {"id": rival["id"]})
    assert await sees(people, record) == {"amina", "chahra"}
    case = f"Task/{merged.json()['id']}"
    await acted(people.emna, "Task/$identity-undo", case=case, reason="two brothers")
    assert await sees(people, record) == {"amina"}
    assert await sees(people, rival) == {"chahra"}


async def test_a_decision_is_not_undone_where_another_has_changed_it(people: People) -> None:
    records = [person(birthDate=f"19{n}1-01-11") for n in (5, 6, 7)]
    await written(people, *records)
    one, two, three = [f"Person/{(await identity(people, r))['id']}" for r in records]
    first = await acted(people.emna, "Person/$merge", target=one, source=two, reason="first")
    into = f"Person/{(await identity(people, records[0]))['id']}"
    await acted(people.emna, "Person/$merge", target=into, source=three, reason="second")
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "case", "valueReference": {"reference": f"Task/{first.json()['id']}"}},
            {"name": "reason", "valueString": "too late"},
        ],
    }
    assert code_of(await people.emna.post("/Task/$identity-undo", json=body)) == "N6107"
