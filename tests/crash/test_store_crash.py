"""kill -9 of the loader and of PostgreSQL, again and again: nothing is lost, nothing is half."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crash.loader import TOTAL, records
from nabd.errors import Problem
from nabd.fhir.check import check
from nabd.store import Store, reindex, tables
from nabd.store.server import Server
from unit import store_laws

SEED = 20261123
SECONDS = 22.0  # of killing
COUNTS = """select b.received, b.stored, b.unchanged, b.quarantined,
    (select count(*) from resource where batch = b.id) +
      (select count(*) from history where batch = b.id) as versions,
    (select coalesce(sum(resources), 0) from quarantine where batch = b.id) as rejected,
    (select coalesce(sum(last - first + 1), 0) from batch_span where batch = b.id) as covered
  from batch b order by id"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, with all its promises of durability, that may be killed."""
    with Server.start(tmp_path / "postgres") as server:
        yield server


def start_load(server: Server, seed: int = SEED) -> subprocess.Popen[bytes]:
    program = Path(__file__).parent / "loader.py"
    command = [sys.executable, str(program), server.dsn(), str(seed)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def alone(store: Store) -> None:
    """Wait until the workers of a killed load have ended, too."""
    others = """select count(*) from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and state is not null"""
    async with store.connection() as connection:
        mine = 1
        while await connection.fetchval(others) >= mine:
            await asyncio.sleep(0.05)


async def has_received(server: Server, count: int) -> None:
    """Wait until the load has committed so many records."""
    store = await Store.open(server.dsn(), store_laws.laws(), size=1)
    async with store.connection() as connection:
        while (await connection.fetchval("select max(received) from batch") or 0) < count:
            await asyncio.sleep(0.005)
    await store.close()


async def nothing_is_lost_or_half(server: Server) -> Any:
    """Open the store as after a restart, prove every promise, and return what batches count."""
    store = await Store.open(server.dsn(), store_laws.laws(), size=2)
    await alone(store)
    async with store.snapshot() as connection:
        batches = await connection.fetch(COUNTS)
        for found in batches:
            assert found["stored"] == found["versions"]
            assert found["quarantined"] == found["rejected"]
            assert found["received"] in (found["covered"], TOTAL)
        for view in store.laws.views:
            assert (await tables.verify(connection, view)).clean
        assert (await reindex.verify(connection, {})).clean
    await store.close()
    return batches


def test_whatever_is_killed_nothing_is_lost(server: Server) -> None:
    dice = random.Random(SEED)
    deadline = time.monotonic() + SECONDS
    seed = SEED
    rounds = 0
    while time.monotonic() < deadline:
        load = start_load(server, seed)
        time.sleep(dice.uniform(0.7, 2.5))
        kill(load.pid if rounds % 2 else server.pid)
        seed += load.wait() == 0  # it was faster: go on with other records
        with Server.start(server.folder) as again:
            asyncio.run(nothing_is_lost_or_half(again))
        rounds += 1
    assert rounds > 1


def test_a_load_that_was_killed_ends_as_if_it_had_not_been(server: Server) -> None:
    for share in (0.2, 0.5):
        load = start_load(server)
        asyncio.run(has_received(server, int(TOTAL * share)))
        kill(load.pid)
        assert load.wait() == -signal.SIGKILL
    last = start_load(server)
    _, errors = last.communicate()
    assert last.returncode == 0, errors.decode()
    [found] = asyncio.run(nothing_is_lost_or_half(server))
    assert found["received"] == TOTAL
    wrong, distinct = 0, set()
    for record in records(SEED):
        try:
            resource = check(record.raw)
            distinct.add((resource["resourceType"], resource["id"]))
        except Problem:
            wrong += 1
    assert found["quarantined"] == wrong

    async def count() -> int:
        store = await Store.open(server.dsn(), store_laws.laws(), size=1)
        async with store.read() as connection:
            number: int = await connection.fetchval("select count(*) from resource")
        await store.close()
        return number

    assert asyncio.run(count()) == len(distinct)
