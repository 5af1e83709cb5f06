"""Quarantine, jobs and batches: what waits for somebody loses nothing."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from nabd.errors import Issue, Problem, issue
from nabd.store import Store, batch, jobs, quarantine
from nabd.store.batch import Counts
from nabd.store.quarantine import Rejected

BROKEN = b'{"resourceType": "Patient", "gender": "\\u0000\xff'
ISSUES = [issue("N3013", "Patient.id"), issue("N3011", "x", name="t")]


async def rejected(store: Store, *raws: bytes) -> list[int]:
    """Put records into the quarantine of a new batch."""
    async with store.transaction() as c:
        new = await batch.begin(c, "file.ndjson", "tester")
        found = [Rejected(raw, "file.ndjson", n, ISSUES) for n, raw in enumerate(raws, 1)]
        await quarantine.put(c, new.id, found)
        await batch.add(c, new.id, Counts(quarantined=len(raws)), [("file.ndjson", 1, len(raws))])
        return [entry.id for entry in await quarantine.entries(c, batch=new.id)]


async def test_the_law_of_counts_is_a_constraint(store: Store) -> None:
    async with store.connection() as c:
        new = await batch.begin(c, "s", "tester")
        await batch.add(c, new.id, Counts(1, 2, 3), [("s", 1, 6)])
        shown = await batch.show(c, new.id)
        assert (shown.received, shown.stored, shown.unchanged, shown.quarantined) == (6, 1, 2, 3)
        with pytest.raises(asyncpg.CheckViolationError):
            await c.execute("update batch set received = received + 1")


async def test_a_record_is_kept_whole_with_every_reason(store: Store) -> None:
    [number] = await rejected(store, BROKEN)
    async with store.read() as c:
        entry = await quarantine.show(c, number)
        assert entry.record == BROKEN
        assert entry.issues == ISSUES
        assert (entry.source, entry.row, entry.state) == ("file.ndjson", 1, "open")
        assert [e.id for e in await quarantine.entries(c)] == [number]
        assert (await quarantine.counts(c))["open"] == 1


async def test_an_issue_about_a_null_character_can_be_kept(store: Store) -> None:
    async with store.transaction() as c:
        new = await batch.begin(c, "s", "tester")
        strange = [Issue("N3011", "a\x00b", {"name": "\x00"})]
        await quarantine.put(c, new.id, [Rejected(b"x", "s", 1, strange)])
        [entry] = await quarantine.entries(c)
        assert entry.issues[0].code == "N3011"


async def test_the_same_record_again_leaves_one_open(store: Store) -> None:
    [first] = await rejected(store, BROKEN)
    [second] = await rejected(store, BROKEN)
    async with store.read() as c:
        assert [e.id for e in await quarantine.entries(c)] == [second]
        assert (await quarantine.show(c, first)).state == "repeated"


async def test_correcting_keeps_what_it_was(store: Store) -> None:
    [number] = await rejected(store, BROKEN)
    async with store.transaction() as c:
        await quarantine.correct(c, number, b"{}", "amina", "typing error")
        await quarantine.refused(c, number, "amina", ISSUES[:1])
        await quarantine.resolve(c, number, "amina")
    async with store.read() as c:
        entry = await quarantine.show(c, number)
        events = await quarantine.events(c, number)
        counted = await batch.show(c, entry.batch)
    assert (entry.state, entry.record, entry.issues) == ("resolved", b"{}", ISSUES[:1])
    assert [e.action for e in events] == ["corrected", "resubmitted", "resolved"]
    assert (events[0].record, events[0].reason) == (BROKEN, "typing error")
    assert (counted.quarantined, counted.stored, counted.received) == (0, 1, 1)


async def test_discarding_needs_a_reason_and_happens_once(store: Store) -> None:
    [number] = await rejected(store, BROKEN)

    async def codes(reason: str) -> list[str]:
        try:
            async with store.transaction() as c:
                await quarantine.discard(c, number, "amina", reason)
        except Problem as found:
            return [one.code for one in found.issues]
        return []

    assert await codes(" ") == ["N3019"]
    assert await codes("a test record") == []
    assert await codes("again") == ["N3020"]


async def test_a_job_runs_once_at_a_time_and_tells_its_progress(store: Store) -> None:
    async with store.connection() as c:
        made = await jobs.submit(c, "export", {"types": ["Patient"]}, "amina")
        claimed = await jobs.claim(c, ["export"])
        assert claimed and claimed.id == made.id
        assert await jobs.claim(c, ["export"]) is None
        assert await jobs.beat(c, claimed, 5, 10, {"files": 1})
        assert (await jobs.show(c, made.id)).done == 5
        assert await jobs.complete(c, claimed, {"files": 2})
        done = await jobs.show(c, made.id)
        assert (done.state, done.done, done.result) == ("done", 10, {"files": 2})


async def test_a_job_is_claimed_by_one_of_many(store: Store) -> None:
    async with store.connection() as c:
        numbers = {(await jobs.submit(c, "export", {})).id for _ in range(6)}

    async def claim() -> int | None:
        async with store.connection() as c:
            job = await jobs.claim(c, ["export"])
            return job and job.id

    claimed = await asyncio.gather(*(claim() for _ in range(8)))
    assert sorted(n for n in claimed if n) == sorted(numbers)


async def test_a_silent_runner_loses_its_job(store: Store) -> None:
    async with store.connection() as c:
        await jobs.submit(c, "export", {})
        silent = await jobs.claim(c, ["export"], lease=-1)
        other = await jobs.claim(c, ["export"])
        assert silent and other and silent.id == other.id
        assert not await jobs.beat(c, silent, 1, 2, {})
        assert not await jobs.complete(c, silent, {})
        assert await jobs.complete(c, other, {})


async def test_a_job_that_keeps_failing_is_dead_with_its_reasons(store: Store) -> None:
    async with store.connection() as c:
        made = await jobs.submit(c, "export", {})
        for _ in range(jobs.ATTEMPTS):
            claimed = await jobs.claim(c, ["export"])
            assert claimed
            await jobs.fail(c, claimed, ISSUES, pause=0)
        dead = await jobs.show(c, made.id)
        assert (dead.state, dead.issues) == ("dead", ISSUES)
        assert await jobs.claim(c, ["export"]) is None


async def test_a_cancelled_job_stops_at_its_next_heartbeat(store: Store) -> None:
    async with store.connection() as c:
        made = await jobs.submit(c, "export", {})
        claimed = await jobs.claim(c, ["export"])
        assert claimed and await jobs.cancel(c, made.id)
        assert not await jobs.beat(c, claimed, 1, 2, {})
        assert not await jobs.cancel(c, made.id)
