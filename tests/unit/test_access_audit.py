"""Every access leaves an entry: who, what, why, and what came of it; never a value."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nabd.access import Door, Session, accounts, audit
from nabd.access.rules import Place
from nabd.errors import Problem
from nabd.fhir.search import parse
from nabd.store import Store


@pytest.fixture
async def amina(store: Store) -> Session:
    account = await accounts.create(store, "amina", "clinician", Place("facility", "h1"))
    return Session(Door(store).desk, account, request="r1")


async def log(session: Session, store: Store) -> list[tuple[str, ...]]:
    async with store.read() as connection:
        found, _ = await audit.of_account(connection, session.account.number)
    return [(one.action, one.outcome, one.type, one.id, one.shape) for one in reversed(found)]


PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Secret"}]}


async def test_reads_and_writes_are_logged_with_their_outcome(store: Store, amina: Session) -> None:
    await amina.update(PATIENT)
    await amina.read("Patient", "p1")
    await Door(store).system().update({"resourceType": "Patient", "id": "p2"})
    for hidden in ("p2", "p3"):
        with pytest.raises(Problem):
            await amina.read("Patient", hidden)
    await amina.delete("Patient", "p1")
    assert await log(amina, store) == [
        ("created", "done", "Patient", "p1", ""),
        ("read", "done", "Patient", "p1", ""),
        ("read", "hidden", "Patient", "p2", ""),
        ("read", "absent", "Patient", "p3", ""),
        ("deleted", "done", "Patient", "p1", ""),
    ]


async def test_a_search_is_logged_by_its_shape_and_by_what_it_showed(
    store: Store, amina: Session
) -> None:
    await amina.update(PATIENT)
    await amina.search(parse("Patient", [("family", "Secret"), ("_sort", "-birthdate")]))
    assert (await log(amina, store))[1] == (
        "search",
        "done",
        "Patient",
        "",
        "Patient?_sort&family",
    )
    async with store.read() as connection:
        seen, _ = await audit.of_resource(connection, "Patient", "p1")
    assert [one.action for one in seen] == ["search", "created"]
    assert {one.request for one in seen} == {"r1"}
    assert {one.purpose for one in seen} == {"TREAT"}


async def test_no_value_reaches_the_log(store: Store, amina: Session) -> None:
    await amina.update(PATIENT)
    await amina.search(parse("Patient", [("family:exact", "Secret"), ("_id", "p1")]))
    async with store.read() as connection:
        rows = await connection.fetch("select audit::text as line from audit")
    assert not any("Secret" in row["line"] for row in rows)


async def test_what_a_role_may_not_do_is_logged_as_refused(store: Store, amina: Session) -> None:
    planner = await accounts.create(store, "djamel", "planner")
    djamel = Session(Door(store).desk, planner)
    for attempt in (
        djamel.read("Patient", "p1"),
        djamel.search(parse("Patient", [])),
        djamel.update(PATIENT),
    ):
        with pytest.raises(Problem):
            await attempt
    assert [line[:2] for line in await log(djamel, store)] == [
        ("read", "refused"),
        ("search", "refused"),
        ("update", "refused"),
    ]


async def test_a_transaction_that_fails_leaves_no_trace_of_effects(
    store: Store, amina: Session
) -> None:
    async def work(unit: Any) -> None:
        from nabd.store import Write

        await unit.keep([Write("create", "Patient", "p9", {**PATIENT, "id": "p9"})])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await amina.transaction(work)
    assert await log(amina, store) == []


async def test_concurrent_reads_are_answered_in_groups_each_with_its_own(
    store: Store, amina: Session
) -> None:
    for number in range(20):
        await amina.update({**PATIENT, "id": f"p{number}"})
    outside = Session(
        amina._desk,
        await accounts.create(store, "chahra", "clinician", Place("facility", "h2")),
    )

    async def read(session: Session, id_: str) -> str:
        try:
            return (await session.read("Patient", id_)).id
        except Problem as found:
            return found.issues[0].code

    asked = [(amina, f"p{n % 25}") for n in range(300)] + [(outside, "p1")] * 50
    answers = await asyncio.gather(*(read(*one) for one in asked))
    assert answers[:300] == [f"p{n % 25}" if n % 25 < 20 else "N1001" for n in range(300)]
    assert answers[300:] == ["N1001"] * 50
    async with store.read() as connection:
        counted = await connection.fetch(
            "select outcome, count(*) as n from audit where action = 'read' group by 1"
        )
    assert {row["outcome"]: row["n"] for row in counted} == {
        "done": 240,
        "absent": 60,
        "hidden": 50,
    }


async def test_a_group_that_fails_tells_everybody_and_the_next_one_works(
    store: Store, amina: Session
) -> None:
    await amina.update(PATIENT)
    async with store.connection() as connection:
        await connection.execute("alter table audit rename to elsewhere")
    failed = await asyncio.gather(
        *(amina.read("Patient", "p1") for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(one, Exception) for one in failed)
    async with store.connection() as connection:
        await connection.execute("alter table elsewhere rename to audit")
    assert (await amina.read("Patient", "p1")).id == "p1"
