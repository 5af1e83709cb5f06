"""History and the change feed: complete, ordered, stable while others write."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from nabd.errors import Problem
from nabd.store import Stamp, Store, Stored, Write
from nabd.store.feed import Position, changes
from nabd.store.history import history
from nabd.store.keep import keep

STAMP = Stamp("tester")
ROWS_READ = """select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
  from pg_stat_xact_user_tables where relname = 'resource'"""


def write(id_: str, text: str | None, type_name: str = "Patient") -> Write:
    if text is None:
        return Write("delete", type_name, id_)
    resource: dict[str, Any] = {"resourceType": type_name, "id": id_, "language": text}
    return Write("update", type_name, id_, resource)


async def put(store: Store, *writes: Write) -> list[Stored]:
    outcomes = await store.retrying(lambda c: keep(c, store.laws, writes, STAMP))
    return [one.stored for one in outcomes]


async def some(store: Store) -> list[Stored]:
    """Seven versions of three resources, in the order in which they were written."""
    written: list[Stored] = []
    for one in (
        write("a", "1"),
        write("b", "1"),
        write("a", "2"),
        write("o", "1", "Organization"),
        write("b", None),
        write("a", "3"),
        write("b", "2"),
    ):
        written += await put(store, one)
        await asyncio.sleep(0.002)  # meta.lastUpdated counts milliseconds: each write has its own
    return written


async def test_history_of_everything_of_a_type_and_of_one(store: Store) -> None:
    newest_first = (await some(store))[::-1]
    patients = [v for v in newest_first if v.type == "Patient"]
    async with store.read() as c:
        assert (await history(c)).entries == newest_first
        assert (await history(c, "Patient")).entries == patients
        one = await history(c, "Patient", "a")
        assert one.entries == [v for v in patients if v.id == "a"]
        assert (one.total, one.next) == (3, "")
        assert (await history(c, "Patient", "nobody")).total == 0


async def test_history_pages_are_complete_while_others_write(store: Store) -> None:
    newest_first = (await some(store))[::-1]
    found: list[Stored] = []
    cursor = ""
    while True:
        async with store.read() as c:
            page = await history(c, count=2, cursor=cursor)
        found += page.entries
        if not page.next:
            break
        cursor = page.next
        await put(store, write("late", str(len(found))))
    assert found == newest_first


async def test_history_since_an_instant(store: Store) -> None:
    written = await some(store)
    async with store.read() as c:
        page = await history(c, since=written[3].updated)
    assert page.entries == written[3:][::-1]


async def test_history_at_an_instant_is_what_was_current_then(store: Store) -> None:
    written = await some(store)
    moment = written[3].updated
    async with store.read() as c:
        page = await history(c, at=(moment, moment))
        assert page.entries == [written[3], written[2], written[1]]
        during = await history(c, at=(written[1].updated, written[2].updated))
        assert during.entries == written[:3][::-1]
        before = written[0].updated - timedelta(seconds=1)
        assert (await history(c, at=(before, before))).entries == []


async def test_history_shows_a_scoped_reader_only_what_is_theirs(store: Store) -> None:
    mine = Write("update", "Patient", "a", {"resourceType": "Patient"}, scope=(5,))
    other = Write("update", "Patient", "b", {"resourceType": "Patient"}, scope=(6,))
    await put(store, mine, other, write("o", "1", "Organization"))
    async with store.read() as c:
        page = await history(c, scope=(5,), open_types=("Organization",))
        assert {(one.type, one.id) for one in page.entries} == {
            ("Patient", "a"),
            ("Organization", "o"),
        }
        assert (await history(c, "Patient", "b", scope=(5,))).entries == []


@pytest.mark.parametrize("cursor", ["x", "!!!!", "MS4y", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuMS4x", "é"])
async def test_a_cursor_that_nobody_gave_is_refused(store: Store, cursor: str) -> None:
    async with store.read() as c:
        with pytest.raises(Problem) as caught:
            await history(c, cursor=cursor)
    assert [one.code for one in caught.value.issues] == ["N3017"]


async def test_the_history_of_everything_reads_what_it_shows(store: Store) -> None:
    for hundred in range(20):  # what is written together has one time, and is read together
        await put(store, *(write(f"p{hundred}-{one}", "1") for one in range(100)))
    async with store.transaction() as c:
        await c.execute("analyze resource")
        await c.execute("set local enable_seqscan = off")  # too few to need an index
        before: int = await c.fetchval(ROWS_READ)
        assert len((await history(c, count=5)).entries) == 5
        assert await c.fetchval(ROWS_READ) - before < 500


async def follow(store: Store, after: Position | None, limit: int = 1000) -> tuple[Any, list[Any]]:
    found = []
    while True:
        async with store.read() as c:
            some = await changes(c, after, limit)
        if not some:
            return after, found
        after = some[-1].position
        found += [(one.stored.id, one.stored.version) for one in some]


async def test_the_feed_tells_every_version_once_in_order(store: Store) -> None:
    written = [(v.id, v.version) for v in await some(store)]
    for limit in (1, 2, 3, 100):
        position, found = await follow(store, None, limit)
        assert found == written
    assert await follow(store, position) == (position, [])
    await put(store, write("a", "9"))
    assert (await follow(store, position))[1] == [("a", 4)]


async def test_the_feed_misses_no_late_commit(store: Store) -> None:
    async with store.transaction() as early:
        await keep(early, store.laws, [write("early", "1")], STAMP)
        await put(store, write("late", "1"))
        position, found = await follow(store, None)
        assert found == []  # the early transaction may still commit: nothing after it is certain
    position, found = await follow(store, position)
    assert found == [("early", 1), ("late", 1)]


async def test_the_feed_keeps_its_order_when_versions_are_superseded(store: Store) -> None:
    await put(store, write("a", "1"))
    position, _ = await follow(store, None)
    await put(store, write("b", "1"))
    await put(store, write("a", "2"))
    await put(store, write("b", "2"))
    assert (await follow(store, position))[1] == [("b", 1), ("a", 2), ("b", 2)]
