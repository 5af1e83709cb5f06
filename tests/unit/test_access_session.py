"""What a session lets through: the cast of four, and what each may not see."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nabd.access import Door, Session, accounts
from nabd.access.queries import parse_queries
from nabd.access.rules import Place
from nabd.errors import Problem
from nabd.fhir.search import parse
from nabd.store import Store, Write

QUERIES = parse_queries("""
-- name: custody
-- The places of organisations.
select o as id, code from unnest(array['h1', 'h1', 'h2', 'h2']::text[],
  array['12', '12.1', '12', '12.2']) as t (o, code)
where cast(:ids as text[]) is null or o = any(:ids)

-- name: reach
-- What the session is confined to.
select cast(:places as text[]) as places, cast(:custodian as text) as custodian, :x::int as x
""")

CAST = {
    "admin": ("admin", Place()),
    "amina": ("clinician", Place("facility", "h1")),
    "bachir": ("insurer", Place("facility", "fund")),
    "chahra": ("clinician", Place("facility", "h2")),
    "djamel": ("planner", Place()),
    "regional": ("clinician", Place("region", "12")),
    "provincial": ("clinician", Place("province", "12.1")),
    "auditor": ("auditor", Place()),
}


class House:
    """An open door with the whole cast, and three patients."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.door = Door(store, QUERIES)

    async def as_(self, name: str) -> Session:
        async with self.store.read() as connection:
            account = await accounts.find(connection, name)
        return Session(self.door.desk, account)


def patient(id_: str, hospital: str = "", family: str = "Test") -> dict[str, Any]:
    one: dict[str, Any] = {"resourceType": "Patient", "id": id_, "name": [{"family": family}]}
    if hospital:
        one["managingOrganization"] = {"reference": f"Organization/{hospital}"}
    return one


def observation(id_: str, subject: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "subject": {"reference": f"Patient/{subject}"},
    }


@pytest.fixture
async def house(store: Store) -> House:
    for name, (role, place) in CAST.items():
        await accounts.create(store, name, role, place)
    house = House(store)
    admin = house.door.system()
    await admin.update({"resourceType": "Organization", "id": "h1", "name": "One"})
    await admin.update(patient("p1", "h1"))
    await admin.update(patient("p2", "h2"))
    await admin.update(patient("p0"))
    amina, chahra = await house.as_("amina"), await house.as_("chahra")
    await amina.update(observation("o1", "p1"))
    await chahra.update(observation("o2", "p2"))
    return house


async def refused(awaitable: Any) -> str:
    with pytest.raises(Problem) as caught:
        await awaitable
    return caught.value.issues[0].code


async def found(session: Session, type_name: str, *parameters: tuple[str, str]) -> list[str]:
    result = await session.search(parse(type_name, parameters))
    return sorted(one.id for one in (*result.matches, *result.included))


async def test_a_clinician_reads_what_her_facility_keeps(house: House) -> None:
    amina = await house.as_("amina")
    assert b'"p1"' in (await amina.read("Patient", "p1")).body
    assert b'"o1"' in (await amina.read("Observation", "o1")).body


@pytest.mark.parametrize("id_", ["p2", "p0", "never"])
async def test_the_answer_does_not_tell_hidden_from_absent(house: House, id_: str) -> None:
    amina = await house.as_("amina")
    assert await refused(amina.read("Patient", id_)) == "N1001"
    assert await refused(amina.read_version("Patient", id_, 1)) == "N1001"
    assert await refused(amina.history("Patient", id_)) == "N1001"
    assert await refused(amina.patch("Patient", id_, lambda p: p)) == "N1001"
    assert await refused(amina.delete("Patient", id_)) == "N1001"


async def test_another_facilitys_patients_cannot_be_found_or_counted(house: House) -> None:
    amina = await house.as_("amina")
    assert await found(amina, "Patient") == ["p1"]
    counted = await amina.search(parse("Patient", [("_summary", "count")]))
    assert counted.total == 1


async def test_another_facilitys_patients_cannot_be_inferred(house: House) -> None:
    amina = await house.as_("amina")
    assert await found(amina, "Observation", ("subject:Patient.family", "Test")) == ["o1"]
    assert await found(amina, "Patient", ("_has:Observation:subject:code", "8480-6")) == ["p1"]
    assert await found(amina, "Patient", ("_revinclude", "Observation:subject")) == ["o1", "p1"]
    admin = await house.as_("admin")
    await admin.update(observation("o3", "p2") | {"performer": [{"reference": "Organization/h1"}]})
    assert await found(amina, "Observation", ("subject:Patient.family", "Test")) == ["o1"]
    assert await found(amina, "Observation", ("_include", "Observation:subject")) == [
        "o1",
        "o3",
        "p1",
    ]


async def test_region_and_province_follow_the_custodians_place(house: House) -> None:
    assert await found(await house.as_("regional"), "Patient") == ["p1", "p2"]
    assert await found(await house.as_("provincial"), "Patient") == ["p1"]


async def test_everybody_signed_in_reads_open_types(house: House) -> None:
    for name in CAST:
        assert b"One" in (await (await house.as_(name)).read("Organization", "h1")).body


async def test_a_planner_sees_no_patient(house: House) -> None:
    djamel = await house.as_("djamel")
    assert await refused(djamel.read("Patient", "p1")) == "N4015"
    assert await refused(djamel.search(parse("Patient", []))) == "N4015"
    chain = parse("Organization", [("_has:Patient:organization:family", "Test")])
    assert await refused(djamel.search(chain)) == "N4015"
    back = parse("Organization", [("_revinclude", "Patient:organization")])
    assert await refused(djamel.search(back)) == "N4015"
    assert await refused(djamel.history()) == "N4015"
    assert await found(djamel, "") == ["h1"]


async def test_an_insurer_sees_claims_addressed_to_the_fund(house: House) -> None:
    admin, bachir = await house.as_("admin"), await house.as_("bachir")
    for number, fund in (("c1", "fund"), ("c2", "other")):
        payor = [{"reference": f"Organization/{fund}"}]
        beneficiary = {"reference": "Patient/p1"}
        coverage = {"resourceType": "Coverage", "id": number, "status": "active"}
        await admin.update(coverage | {"payor": payor, "beneficiary": beneficiary})
    assert await found(bachir, "Coverage") == ["c1"]
    assert await refused(bachir.read("Observation", "o1")) == "N4015"


async def test_writes_outside_the_scope_are_refused(house: House) -> None:
    amina = await house.as_("amina")
    assert await refused(amina.create(patient("", "h2"))) == "N4016"
    assert await refused(amina.update(patient("p1", "h2"))) == "N4016"
    assert await refused(amina.update(patient("p2", "h1"))) == "N1001"
    assert await refused(amina.update({"resourceType": "Organization", "id": "h1"})) == "N4016"
    djamel = await house.as_("djamel")
    assert await refused(djamel.create(patient(""))) == "N4016"


async def test_what_names_no_custodian_belongs_to_the_writers_facility(house: House) -> None:
    amina = await house.as_("amina")
    made = await amina.create(patient(""))
    assert (await amina.read("Patient", made.stored.id)).version == 1
    assert await refused((await house.as_("chahra")).read("Patient", made.stored.id)) == "N1001"


async def test_patch_changes_what_is_there(house: House) -> None:
    amina = await house.as_("amina")
    done = await amina.patch("Patient", "p1", lambda p: p | {"active": True})
    assert (done.status, done.stored.version) == ("updated", 2)
    assert await refused(amina.patch("Patient", "p1", lambda p: p, if_match=1)) == "N3010"
    assert (await amina.read_version("Patient", "p1", 1)).version == 1
    assert [v.version for v in (await amina.history("Patient", "p1")).entries] == [2, 1]


async def test_a_transaction_sees_its_own_writes_and_is_all_or_nothing(house: House) -> None:
    amina = await house.as_("amina")

    async def work(unit: Any) -> None:
        await unit.lock(["Patient?identifier=1"])
        await unit.keep([Write("create", "Patient", "t1", patient("t1", "h1"))])
        assert b'"t1"' in (await unit.read("Patient", "t1")).body
        found = await unit.search(parse("Patient", []))
        assert sorted(one.id for one in found.matches) == ["p1", "t1"]
        await unit.keep([Write("create", "Patient", "t2", patient("t2", "h2"))])

    assert await refused(amina.transaction(work)) == "N4016"
    assert await refused(amina.read("Patient", "t1")) == "N1001"


async def test_named_queries_are_told_what_the_account_is_confined_to(house: House) -> None:
    (national,) = await (await house.as_("djamel")).rows("reach", x=1)
    assert (national["places"], national["custodian"]) == (None, None)
    (regional,) = await (await house.as_("regional")).rows("reach", x=1)
    assert regional["places"] == ["12"]
    (own,) = await (await house.as_("amina")).rows("reach", x=1)
    assert own["custodian"] == "Organization/h1"
    djamel = await house.as_("djamel")
    assert await refused(djamel.rows("reach")) == "N4017"
    assert await refused(djamel.rows("reach", x=1, places=["1"])) == "N4017"
    assert await refused(djamel.rows("nothing")) == "N4027"
    assert await refused((await house.as_("auditor")).rows("reach", x=1)) == "N4014"


@pytest.mark.parametrize("permission", ["accounts", "audit", "operations", "load"])
async def test_who_is_confined_to_a_place_gives_no_rights_over_the_country(
    house: House, permission: str
) -> None:
    (await house.as_("admin")).demand(permission)
    confined = Session(
        house.door.desk,
        await accounts.create(house.store, "regional.admin", "admin", Place("region", "12")),
    )
    assert not confined.may(permission)
    with pytest.raises(Problem) as caught:
        confined.demand(permission)
    assert caught.value.issues[0].code == "N4028"
    confined.demand("aggregates")


async def test_who_saw_a_resource_learns_that_it_is_gone(house: House) -> None:
    amina, chahra = await house.as_("amina"), await house.as_("chahra")
    await amina.delete("Observation", "o1")
    assert await refused(amina.read("Observation", "o1")) == "N1002"
    assert [one.version for one in (await amina.history("Observation", "o1")).entries] == [2, 1]
    assert await found(amina, "Observation") == []
    assert await refused(chahra.read("Observation", "o1")) == "N1001"
    assert await refused(chahra.history("Observation", "o1")) == "N1001"


async def test_only_who_could_see_it_brings_a_resource_back(house: House) -> None:
    amina, chahra = await house.as_("amina"), await house.as_("chahra")
    await amina.delete("Observation", "o1")
    assert await refused(chahra.update(observation("o1", "p2"))) == "N1001"
    assert (await amina.update(observation("o1", "p1"))).stored.version == 3
    assert await found(amina, "Observation") == ["o1"]


async def test_a_search_in_steps_sees_one_moment(house: House) -> None:
    """Who is called X and who is observed change together: one observation is always found."""
    admin = await house.as_("admin")
    everything = [("subject:Patient.family", "Moving"), ("_include", "Observation:subject")]

    async def move(to: str, away: str) -> None:
        async def work(unit: Any) -> None:
            named = (patient(to, family="Moving"), patient(away), observation("o9", to))
            await unit.keep([Write("update", r["resourceType"], r["id"], r) for r in named])

        await admin.transaction(work)

    async def moving() -> None:
        for n in range(20):
            await move(*("m1", "m2") if n % 2 else ("m2", "m1"))

    await move("m1", "m2")
    writer = asyncio.create_task(moving())
    answers = []
    while not writer.done():
        answers.append(await admin.search(parse("Observation", everything)))
    await writer
    assert {len(one.matches) for one in answers} == {1}
    assert {b"Moving" in included.body for one in answers for included in one.included} == {True}
