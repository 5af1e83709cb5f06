"""What keeping promises: versions, If-Match, unchanged content, guards, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from nabd.errors import Issue, Problem, issue
from nabd.fhir.json import decode
from nabd.fhir.view import View
from nabd.store import Laws, Outcome, Stamp, Store, Write
from nabd.store.keep import keep
from nabd.store.read import read, read_many, read_version
from nabd.store.tables import verify

STAMP = Stamp("tester", "because")
Json = dict[str, Any]

VIEW = View.parse(
    {
        "resourceType": "ViewDefinition",
        "name": "patient_name",
        "resource": "Patient",
        "status": "active",
        "select": [
            {"column": [{"name": "id", "path": "id"}, {"name": "gender", "path": "gender"}]},
            {"forEach": "name", "column": [{"name": "family", "path": "family"}]},
        ],
    }
)


def patient(id_: str, *families: str, **more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": f} for f in families],
        **more,
    }


def put(resource: Json, if_match: int | None = None) -> Write:
    return Write("update", resource["resourceType"], resource["id"], resource, if_match)


def delete(id_: str, if_match: int | None = None) -> Write:
    return Write("delete", "Patient", id_, None, if_match)


async def write(store: Store, *writes: Write) -> list[Outcome]:
    return await store.retrying(lambda c: keep(c, store.laws, writes, STAMP))


async def codes(store: Store, *writes: Write) -> list[str]:
    with pytest.raises(Problem) as caught:
        await write(store, *writes)
    return [one.code for one in caught.value.issues]


async def count(store: Store, table: str) -> int:
    async with store.read() as connection:
        return await connection.fetchval(f"select count(*) from {table}")


async def test_the_store_sets_id_version_and_time(store: Store) -> None:
    resource = patient("a", "Alami", meta={"versionId": "77", "tag": [{"code": "x"}]})
    [outcome] = await write(store, put(resource))
    body = decode(outcome.stored.body)
    assert outcome.status == "created"
    assert body["id"] == "a"
    assert body["meta"]["versionId"] == "1"
    assert body["meta"]["tag"] == [{"code": "x"}]
    assert body["meta"]["lastUpdated"].endswith("Z")
    assert body["name"] == [{"family": "Alami"}]


async def test_what_is_read_is_what_was_answered(store: Store) -> None:
    outcomes = await write(store, put(patient("a", "A")), put(patient("b", "B")))
    async with store.read() as connection:
        assert await read(connection, "Patient", "a") == outcomes[0].stored
        many = await read_many(connection, [("Patient", "b"), ("Patient", "nobody")])
        assert many == {("Patient", "b"): outcomes[1].stored}
        assert await read(connection, "Patient", "nobody") is None


async def test_the_same_content_makes_no_new_version(store: Store) -> None:
    [first] = await write(store, put(patient("a", "A", gender="male")))
    again = {"gender": "male", **patient("a", "A"), "meta": {"versionId": "9"}}
    [second] = await write(store, put(again))
    assert second == Outcome("unchanged", first.stored)
    assert await count(store, "history") == 0


async def test_every_version_stays_readable(store: Store) -> None:
    [one] = await write(store, put(patient("a", "One")))
    [two] = await write(store, put(patient("a", "Two")))
    [three] = await write(store, delete("a"))
    assert [one.status, two.status, three.status] == ["created", "updated", "deleted"]
    assert one.stored.updated < two.stored.updated < three.stored.updated
    async with store.read() as connection:
        found = [await read_version(connection, "Patient", "a", n) for n in (1, 2, 3, 4)]
    assert found == [one.stored, two.stored, three.stored, None]


async def test_a_deleted_resource_can_come_back(store: Store) -> None:
    await write(store, put(patient("a", "A")))
    await write(store, delete("a"))
    [again] = await write(store, delete("a"))
    assert again.status == "unchanged"
    [back] = await write(store, put(patient("a", "A")))
    assert (back.status, back.stored.version) == ("created", 3)


async def test_deleting_what_never_was_is_not_found(store: Store) -> None:
    assert await codes(store, delete("nobody")) == ["N1001"]


async def test_if_match_refuses_a_writer_who_knows_an_old_version(store: Store) -> None:
    await write(store, put(patient("a", "One")))
    await write(store, put(patient("a", "Two"), if_match=1))
    assert await codes(store, put(patient("a", "Three"), if_match=1)) == ["N3010"]
    assert await codes(store, delete("a", if_match=1)) == ["N3010"]
    assert await codes(store, put(patient("new", "N"), if_match=1)) == ["N3010"]


async def test_create_refuses_an_id_that_is_taken(store: Store) -> None:
    make = Write("create", "Patient", "a", patient("a", "A"))
    assert [o.status for o in await write(store, make)] == ["created"]
    assert await codes(store, make) == ["N3012"]


async def test_a_bad_id_and_a_double_write_are_refused(store: Store) -> None:
    assert await codes(store, put(patient("a b", "A"))) == ["N3013"]
    assert await codes(store, put(patient("a", "A")), put(patient("a", "B"))) == ["N3014"]


async def test_all_or_nothing(store: Store) -> None:
    assert await codes(store, put(patient("a", "A")), delete("nobody")) == ["N1001"]
    assert await count(store, "resource") == 0


async def test_guards_see_old_and_new_and_refuse_with_all_reasons(database: str) -> None:
    seen: list[tuple[Any, Any]] = []

    def no_rename(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
        seen.append((new and new["name"], old and old["name"]))
        assert stamp == STAMP
        return [issue("N3013", "Patient.name")] if old and new else []

    store = await Store.open(database, Laws({"Patient": (no_rename, no_rename)}), size=2)
    await write(store, put(patient("a", "A")))
    assert await codes(store, put(patient("a", "B"))) == ["N3013", "N3013"]
    await write(store, delete("a"))
    await store.close()
    a, b = [{"family": "A"}], [{"family": "B"}]
    assert seen[::2] == [(a, None), (b, a), (None, a)]


async def test_live_rows_follow_every_write(database: str) -> None:
    store = await Store.open(database, Laws({}, (VIEW,)), size=2)
    query = "select id, gender, family from live.patient_name order by id, row"
    for resources, expected in (
        ([patient("a", "A1", "A2"), patient("b", "B")], ["A1", "A2", "B"]),
        ([patient("a", "A3", gender="male")], ["A3", "B"]),
        ([patient("b", "B1", "B2", "B3")], ["A3", "B1", "B2", "B3"]),
    ):
        await write(store, *map(put, resources))
        async with store.read() as connection:
            assert [row["family"] for row in await connection.fetch(query)] == expected
    await write(store, delete("b"))
    async with store.snapshot() as connection:
        rows = await connection.fetch(query)
        assert [tuple(row) for row in rows] == [("a", "male", "A3")]
        assert (await verify(connection, VIEW)).clean
    await store.close()


async def test_index_rows_follow_every_write(store: Store) -> None:
    tables = ("(select distinct key, folded from string_value) t", "date_value")
    await write(store, put(patient("a", "Alami", birthDate="1980-02-03")))
    assert [await count(store, t) for t in tables] == [1, 1]
    await write(store, put(patient("a", "Alami", "Idrissi")))
    assert [await count(store, t) for t in tables] == [2, 0]
    await write(store, delete("a"))
    assert [await count(store, t) for t in tables] == [0, 0]
    assert await count(store, "resource where cardinality(terms) > 0") == 0


async def test_scope_terms_are_kept_with_the_terms(store: Store) -> None:
    await write(store, Write("update", "Patient", "a", patient("a", "A"), scope=(42, -7)))
    assert await count(store, "resource where terms @> '{42,-7}'") == 1


async def test_concurrent_updates_lose_nothing(store: Store) -> None:
    await write(store, put(patient("a", "0")))
    names = [str(n) for n in range(1, 21)]
    outcomes = await asyncio.gather(*(write(store, put(patient("a", n))) for n in names))
    assert sorted(o.stored.version for [o] in outcomes) == list(range(2, 22))
    async with store.read() as connection:
        versions = [await read_version(connection, "Patient", "a", v) for v in range(2, 22)]
    assert {decode(v.body)["name"][0]["family"] for v in versions if v} == set(names)


async def test_concurrent_first_writes_make_one_resource(store: Store) -> None:
    names = [str(n) for n in range(8)]
    outcomes = await asyncio.gather(*(write(store, put(patient("a", n))) for n in names))
    assert sorted(o.stored.version for [o] in outcomes) == list(range(1, 9))


async def test_transactions_that_cross_do_not_wait_for_each_other(store: Store) -> None:
    await write(store, *(put(patient(i, "0")) for i in "abcd"))

    async def rename(ids: str, name: str) -> None:
        await write(store, *(put(patient(i, name)) for i in ids))

    await asyncio.gather(*(rename(ids, f"{ids}{n}") for n in range(5) for ids in ("abcd", "dcba")))
    async with store.read() as connection:
        found = {(await read(connection, "Patient", i)).version for i in "abcd"}
    assert found == {11}


async def test_a_thousand_writes_are_one_transaction(store: Store) -> None:
    outcomes = await write(store, *(put(patient(f"p{n}", str(n))) for n in range(1000)))
    assert {o.status for o in outcomes} == {"created"}
    assert await count(store, "resource") == 1000
    assert await count(store, "(select distinct tx from resource) t") == 1


async def test_a_change_of_scope_alone_makes_no_version_but_is_kept(store: Store) -> None:
    async def terms() -> list[int]:
        async with store.read() as connection:
            return list(await connection.fetchval("select terms from resource"))

    await write(store, replace(put(patient("a", "A")), scope=(7, 8)))
    before = await terms()
    [same] = await write(store, replace(put(patient("a", "A")), scope=(7, 9, 10)))
    assert (same.status, same.stored.version) == ("unchanged", 1)
    assert await terms() == [*before[:-3], 7, 9, 10, 3]
