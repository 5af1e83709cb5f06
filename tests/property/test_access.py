"""The scope holds on every path: whatever is asked, an account learns what a model says it may.

Random resources of random custodians, random accounts; each way to ask is compared with the model:
read, version, history, search, count, chain, ``_has``, include, all types at once, and writing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.access import Door, Session, accounts
from nabd.access.accounts import Account
from nabd.access.queries import parse_queries
from nabd.access.rules import OPEN_TYPES, ROLES, Place
from nabd.errors import Problem
from nabd.fhir.search import parse
from nabd.store import Store

FACILITIES = {"h1": ("12", "12.1"), "h2": ("12", "12.2"), "h3": ("13", "13.1")}
CUSTODY = "".join(f"('{o}','{c}')," for o, codes in FACILITIES.items() for c in codes)
QUERIES = parse_queries(f"""-- name: custody
select o as id, c as code from (values {CUSTODY.rstrip(",")}) t (o, c)
where cast(:ids as text[]) is null or o = any(:ids)""")

PLACES = [
    Place(),
    *(Place("region", code) for code in ("12", "13", "14")),
    *(Place("province", code) for code in ("12.1", "12.2", "13.1")),
    *(Place("facility", one) for one in FACILITIES),
]


@dataclass(frozen=True)
class Item:
    """One resource of the model: type, id, custodian ("" for none), and the patient it is about."""

    type: str
    id: str
    custodian: str
    subject: str = ""

    @property
    def resource(self) -> dict[str, Any]:
        one: dict[str, Any] = {"resourceType": self.type, "id": self.id}
        organization = {"reference": f"Organization/{self.custodian}"} if self.custodian else None
        if self.type == "Patient":
            one |= {"managingOrganization": organization} if organization else {}
            return one | {"gender": "female"}
        if self.type == "Organization":
            return one | {"name": "open to all"}
        one |= {"status": "finished", "class": {"code": "AMB"}}
        one |= {"subject": {"reference": f"Patient/{self.subject}"}}
        return one | ({"serviceProvider": organization} if organization else {})

    def seen_by(self, account: Account) -> bool:
        if self.type not in ROLES[account.role].reads:
            return False
        place = account.place
        owner = self.id if self.type == "Organization" else self.custodian
        inside = place.kind == "national" or place.code in (owner, *FACILITIES.get(owner, ()))
        return inside or self.type in OPEN_TYPES


OWNERS = st.sampled_from(["", *FACILITIES])
PATIENTS = ["p1", "p2", "p3"]
WORLDS = st.tuples(
    st.tuples(*(OWNERS for _ in PATIENTS)),
    st.lists(st.tuples(OWNERS, st.sampled_from(PATIENTS)), min_size=1, max_size=4),
)
ACCOUNTS = st.tuples(st.sampled_from(list(ROLES)), st.sampled_from(PLACES))


def items(world: Any) -> list[Item]:
    owners, encounters = world
    found = [Item("Patient", p, o) for p, o in zip(PATIENTS, owners, strict=True)]
    found += [Item("Encounter", f"e{n}", o, p) for n, (o, p) in enumerate(encounters)]
    return [*found, *(Item("Organization", one, one) for one in FACILITIES)]


@pytest_asyncio.fixture(scope="module")
async def door(module_database: str) -> AsyncIterator[Door]:
    store = await Store.open(module_database, size=4)
    yield Door(store, QUERIES)
    await store.close()


async def fresh(door: Door, world: list[Item]) -> None:
    async with door.store.transaction() as connection:
        await connection.execute("truncate resource, history, date_value, number_value")
        await connection.execute("truncate string_value, audit")
    system = door.system()
    for one in world:
        await system.update(one.resource)


async def session(door: Door, role: str, place: Place) -> Session:
    name = f"{role}.{place.kind}.{place.code}".rstrip(".")
    async with door.store.read() as connection:
        try:
            return Session(door.desk, await accounts.find(connection, name))
        except Problem:
            pass
    return Session(door.desk, await accounts.create(door.store, name, role, place))


async def code(awaitable: Any) -> str:
    try:
        await awaitable
    except Problem as found:
        return found.issues[0].code
    return ""


async def found(one: Session, type_name: str, *parameters: tuple[str, str]) -> set[str] | str:
    try:
        result = await one.search(parse(type_name, parameters))
    except Problem as problem:
        return problem.issues[0].code
    return {r.id for r in (*result.matches, *result.included)}


async def compare(door: Door, world: list[Item], role: str, place: Place) -> None:
    await fresh(door, world)
    one = await session(door, role, place)
    seen = {item for item in world if item.seen_by(one.account)}
    reads = ROLES[role].reads
    for item in world:
        readable = item.type in reads
        expected = "" if item in seen else "N1001" if readable else "N4015"
        assert await code(one.read(item.type, item.id)) == expected
        assert await code(one.read_version(item.type, item.id, 1)) == expected
        assert await code(one.history(item.type, item.id)) == expected
    for type_name in ("Patient", "Encounter", "Organization"):
        ids = {item.id for item in seen if item.type == type_name}
        assert await found(one, type_name) == (ids if type_name in reads else "N4015")
    assert await found(one, "") == {item.id for item in seen}
    await compare_joins(one, world, seen)


async def compare_joins(one: Session, world: list[Item], seen: set[Item]) -> None:
    if not {"Patient", "Encounter"} <= one.role.reads:
        return
    patients = {item.id for item in seen if item.type == "Patient"}
    encounters = {item for item in seen if item.type == "Encounter"}
    ids = {item.id for item in encounters}
    subjects = {item.subject for item in encounters}
    assert await found(one, "Encounter", ("subject:Patient.gender", "female")) == {
        item.id for item in encounters if item.subject in patients
    }
    assert await found(one, "Patient", ("_has:Encounter:subject:class", "AMB")) == (
        patients & subjects
    )
    included = await found(one, "Encounter", ("_include", "Encounter:subject"))
    assert included == ids | (patients & subjects)
    reverse = await found(one, "Patient", ("_revinclude", "Encounter:subject"))
    assert reverse == patients | {item.id for item in encounters if item.subject in patients}


@settings(max_examples=40, deadline=None)
@given(WORLDS, ACCOUNTS)
async def test_nobody_learns_more_than_the_model_says(
    door: Door, world: Any, account: tuple[str, Place]
) -> None:
    await compare(door, items(world), *account)


async def compare_writes(door: Door, world: list[Item], role: str, place: Place) -> None:
    await fresh(door, world)
    one = await session(door, role, place)
    for item in world:
        owner = item.custodian or (place.code if place.kind == "facility" else "")
        owner = item.id if item.type == "Organization" else owner
        after = place.kind == "national" or place.code in (owner, *FACILITIES.get(owner, ()))
        changed = {**item.resource, "language": "fr"}
        before = Item(item.type, item.id, item.custodian, item.subject)
        allowed = item.type in ROLES[role].writes
        reached = before.seen_by(one.account) and (item.type not in OPEN_TYPES or after)
        answer = await code(one.update(changed))
        assert (answer == "") == (allowed and reached and after), (item, answer)
        version = (await door.system().read(item.type, item.id)).version
        assert version == (2 if answer == "" else 1), "what is refused changes nothing"


@settings(max_examples=30, deadline=None)
@given(WORLDS, ACCOUNTS)
async def test_nobody_writes_more_than_the_model_says(
    door: Door, world: Any, account: tuple[str, Place]
) -> None:
    await compare_writes(door, items(world), *account)
