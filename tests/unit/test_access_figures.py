"""What a session remembers: figures of now, or as old as was allowed, and never another scope's."""

from __future__ import annotations

import pytest

from nabd.access import Door, Session, accounts
from nabd.access.accounts import place_of
from nabd.access.queries import parse_queries
from nabd.errors import Problem
from nabd.fhir.definitions import TYPE_NAME
from nabd.store import Store

QUERIES = parse_queries("""
-- name: custody
-- The place of the one hospital.
select 'h1' as id, c as code from unnest(array['12', '12.1']) c where :ids::text[] is not null

-- name: held
-- Everything.
select count(*) as n from resource
""")


@pytest.fixture
def door(store: Store) -> Door:
    """A door whose registry knows one hospital."""
    return Door(store, QUERIES)


async def session_of(door: Door, name: str, role: str, place: str) -> Session:
    account = await accounts.create(door.store, name, role, place_of(place))
    return Session(door.desk, account)


async def person(door: Door, hospital: str = "") -> None:
    keeper = {"managingOrganization": {"reference": f"Organization/{hospital}"}} if hospital else {}
    await door.system().create({"resourceType": "Patient", "gender": "female", **keeper})


async def test_a_figure_is_of_now_unless_it_may_be_old(door: Door) -> None:
    session = door.system()

    async def held(old: float) -> int:
        rows = await session.figures("held", old)
        return int(rows[0]["n"])

    await person(door)
    assert await held(0) == await held(3600) == 1
    await person(door)
    assert await held(3600) == 1
    assert await held(0) == await held(3600) == 2


async def test_counts_are_of_the_scope_and_the_role(door: Door) -> None:
    await person(door, "h1")
    await person(door)
    await door.system().create({"resourceType": "Organization", "name": "One"}, "h1")
    expected = {
        ("clinician", "national"): {"Patient": 2, "Organization": 1},
        ("clinician", "province:12.1"): {"Patient": 1, "Organization": 1},
        ("clinician", "facility:h1"): {"Patient": 1, "Organization": 1},
        ("clinician", "province:12.2"): {"Organization": 1},
        ("planner", "national"): {"Organization": 1},
    }
    for number, ((role, place), counts) in enumerate(expected.items()):
        session = await session_of(door, f"somebody-{number}", role, place)
        rows = await session.counts()
        assert {TYPE_NAME[row["type"]]: row["resources"] for row in rows} == counts


async def test_presence_is_of_the_scope_and_for_stewards(door: Door) -> None:
    await person(door, "h1")
    await person(door)
    for name, place, count in (("one", "national", 2), ("two", "region:12", 1)):
        session = await session_of(door, name, "steward", place)
        rows = await session.presence(["Patient"])
        assert sum(row["resources"] for row in rows) == count
    clinician = await session_of(door, "three", "clinician", "national")
    with pytest.raises(Problem, match="N4014"):
        await clinician.presence(["Patient"])
    with pytest.raises(Problem, match="N4014"):
        await (await session_of(door, "four", "auditor", "national")).counts()


async def test_a_deleted_resource_counts_no_more(door: Door) -> None:
    session = door.system()
    made = await session.create({"resourceType": "Patient", "gender": "male"})
    await session.delete("Patient", made.stored.id)
    assert await session.counts() == []
    assert await session.presence(["Patient"]) == []


async def test_counting_is_written_in_the_log(door: Door) -> None:
    session = door.system()
    await session.counts()
    await session.presence(["Patient"])
    async with door.store.read() as connection:
        rows = await connection.fetch("select shape from audit where action = 'query'")
    assert {row["shape"] for row in rows} == {"count", "presence"}
