"""What the store stands on: server, migrations, bodies, live tables, backup."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Problem
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import encode
from nabd.store import Laws, Stamp, Store, Write, body, dictionaries, follow, tables
from nabd.store.backup import backup, read_manifest, restore
from nabd.store.bulk import Record, load
from nabd.store.feed import Position
from nabd.store.keep import keep
from nabd.store.migrate import migrate, migrations
from nabd.store.read import read, read_version
from nabd.store.schema import SNAPSHOT, describe
from nabd.store.server import Server
from unit import store_laws

STAMP = Stamp("tester")
LAWS = store_laws.laws()


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def wait_until_gone(pid: int) -> None:
    while alive(pid):
        time.sleep(0.02)


# --- the server -------------------------------------------------------------------------------


def test_the_server_ends_with_its_last_user(tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "postgres"
    first, second = Server.start(folder), Server.start(folder)
    pid = first.pid
    assert second.pid == pid
    first.stop()
    assert alive(pid)
    second.stop()
    assert not alive(pid)
    with Server.start(folder) as again:
        assert again.pid not in (0, pid)


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    with Server.start(tmp_path / ("x" * 60) / ("y" * 60) / "postgres") as server:
        assert server.pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_orphan_is_left_however_the_user_ends(tmp_path: Path, number: int) -> None:
    program = (  # a test run in the background inherits a deaf ear for SIGINT
        "import signal, sys, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path; from nabd.store.server import Server\n"
        "print(Server.start(Path(sys.argv[1])).pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "postgres")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as user:
        assert user.stdout
        pid = int(user.stdout.readline())
        user.send_signal(number)
        user.wait()
    wait_until_gone(pid)


def test_a_killed_server_starts_again(tmp_path: Path) -> None:
    with Server.start(tmp_path / "postgres") as server:
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait_until_gone(killed)
        with Server.start(tmp_path / "postgres") as again:
            assert again.pid != killed


# --- migrations -------------------------------------------------------------------------------


async def test_the_snapshot_is_the_sum_of_the_migrations(postgres: Server, database: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute("create database nabd_snapshot template template0")
    other = postgres.dsn("nabd_snapshot")
    fresh = await asyncpg.connect(other)
    await fresh.execute(SNAPSHOT.read_text())
    await fresh.close()
    assert describe(database) == SNAPSHOT.read_text(), "run tools/schema.py"
    assert describe(other) == SNAPSHOT.read_text()
    await connection.execute("drop database nabd_snapshot with (force)")
    await connection.close()


async def test_migrating_again_does_nothing(database: str) -> None:
    connection = await asyncpg.connect(database)
    assert await migrate(connection) == []
    await connection.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("update migration set checksum = 'x' where number = 1", "N3004"),
        ("insert into migration (number, slug, checksum) values (9999, 'x', 'x')", "N3005"),
    ],
)
async def test_a_database_of_another_past_is_refused(database: str, change: str, code: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute(change)
    await connection.close()
    with pytest.raises(Problem) as caught:
        await Store.open(database)
    assert [one.code for one in caught.value.issues] == [code]


def test_migrations_have_numbers_of_their_own() -> None:
    numbers = [m.number for m in migrations()]
    assert numbers == sorted(set(numbers))


async def test_a_database_that_is_not_there_is_said_so() -> None:
    with pytest.raises(Problem) as caught:
        await Store.open("postgresql://me:secret@127.0.0.1:1/none")
    assert [one.code for one in caught.value.issues] == ["N3007"]
    assert "secret" not in str(caught.value)


# --- bodies -----------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=5000), st.sampled_from([1, 2, 3]))
def test_every_body_comes_back(data: bytes, number: int) -> None:
    bodies = body.Bodies()
    dictionaries = list(body.shipped().values())[:2]
    bodies.learn((body.dictionary_id(d), n, d) for n, d in enumerate(dictionaries, 1))
    assert bodies.open(*bodies.compress(number, data)) == data or not data


async def test_a_dictionary_of_another_process_is_learnt_when_met(database: str) -> None:
    writer, reader = await Store.open(database, size=2), await Store.open(database, size=2)
    resource = {"resourceType": "Patient", "id": "a", "name": [{"family": "A"}]}
    samples = [encode(resource | {"n": [n] * 50}) for n in range(300)]
    async with writer.connection() as c:
        await dictionaries.add(c, TYPE_NUMBER["Patient"], body.pack(body.train(samples)))
        await writer.bodies.refresh(c)
    write = Write("update", "Patient", "a", resource)
    await writer.retrying(lambda c: keep(c, writer.laws, [write], STAMP))
    async with reader.read() as c:
        assert await c.fetchval("select count(*) from dictionary where version = 2") == 1
        assert await read(c, "Patient", "a")
    await writer.close()
    await reader.close()


# --- live tables ------------------------------------------------------------------------------


def some_patients(count: int) -> list[Record]:
    return [
        Record(
            encode({"resourceType": "Patient", "id": f"p{n}", "name": [{"family": f"F{n}"}]}),
            "patients",
            n,
        )
        for n in range(1, count + 1)
    ]


@pytest_asyncio.fixture
async def loaded(database: str) -> str:
    store = await Store.open(database, size=2)
    await load(store, some_patients(300), source="patients", actor="tester")
    await store.close()
    return database


async def test_a_new_view_is_filled_when_the_store_opens(loaded: str) -> None:
    store = await Store.open(loaded, LAWS, size=2)
    async with store.snapshot() as c:
        assert await c.fetchval("select count(*) from live.patient_name") == 300
        for view in LAWS.views:
            assert (await tables.verify(c, view)).clean
        assert {row["state"] for row in await tables.status(c)} == {"ready"}
    await store.close()


async def test_verify_finds_what_is_wrong_and_rebuild_mends_it(loaded: str) -> None:
    store = await Store.open(loaded, LAWS, size=2)
    [view, _] = LAWS.views
    told: list[tuple[str, int, int]] = []
    async with store.connection() as c:
        await c.execute("update live.patient_name set family = 'wrong' where family = 'F1'")
        await c.execute("delete from live.patient_name where family = 'F2'")
        await c.execute("insert into live.patient_name (key, row) values (77, 0)")
    async with store.snapshot() as c:
        found = await tables.verify(c, view)
        assert (found.resources, found.wrong, found.missing) == (300, 2, 2)
    async with store.connection() as c:
        await tables.rebuild(c, view, lambda *progress: told.append(progress))
        assert (await tables.verify(c, view)).clean
    assert told[-1] == ("patient_name", 300, 300)
    await store.close()


async def test_a_changed_view_is_made_again(loaded: str) -> None:
    old = await Store.open(loaded, LAWS, size=2)
    await old.close()
    changed = store_laws.view("patient_name", "Patient", "gender")
    store = await Store.open(loaded, Laws({}, (changed,)), size=2)
    async with store.read() as c:
        names = await c.fetch(
            "select column_name::text from information_schema.columns where table_schema = 'live' "
            "and table_name = 'patient_name' order by ordinal_position"
        )
        assert [row[0] for row in names] == ["key", "row", *(n for n, _ in changed.columns)]
        assert await c.fetchval("select count(*) from live.patient_name") == 300
    await store.close()


# --- backup -----------------------------------------------------------------------------------


async def test_a_backup_makes_the_same_database_elsewhere(
    loaded: str, postgres: Server, template: str, tmp_path: Path
) -> None:
    store = await Store.open(loaded, LAWS, size=2)
    again = Write("update", "Patient", "p1", {"resourceType": "Patient", "name": [{"text": "x"}]})
    await store.retrying(lambda c: keep(c, store.laws, [again], STAMP))
    await load(store, [Record(b"{", "broken", 1)], source="broken", actor="tester")
    file = tmp_path / "country.nabd"
    made = await backup(store, file)
    assert read_manifest(file).schema == migrations()[-1].number
    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute(f"create database nabd_restored template {template}")
    other = await Store.open(postgres.dsn("nabd_restored"), LAWS, size=2)
    assert (await restore(other, file)).tables == made.tables
    for table in ("resource", "history", "string_value", "quarantine", "live.patient_name"):
        query = f"select count(*) from {table}"
        async with store.read() as a, other.read() as b:
            assert await a.fetchval(query) == await b.fetchval(query) > 0
    async with store.read() as a, other.snapshot() as b:
        for version in (1, 2):
            one = [await read_version(c, "Patient", "p1", version) for c in (a, b)]
            assert one[0] == one[1] is not None
        assert (await tables.verify(b, LAWS.views[0])).clean
    after = await load(other, [Record(b"{", "broken", 1)], source="more", actor="tester")
    assert after.id == 3
    with pytest.raises(Problem) as caught:
        await restore(other, file)
    assert [one.code for one in caught.value.issues] == ["N3026"]
    for one in (store, other):
        await one.close()
    await connection.execute("drop database nabd_restored with (force)")
    await connection.close()


async def test_after_a_restore_a_follower_begins_again(
    loaded: str, store: Store, tmp_path: Path
) -> None:
    """The other cluster has counted more transactions: its place lies ahead of all that comes."""
    file = tmp_path / "country.nabd"
    full = await Store.open(loaded, size=2)
    await full.retrying(lambda c: follow.move(c, "identity", Position(10**15, 0)))
    await backup(full, file)
    await full.close()
    async with store.connection() as c:
        await c.execute("truncate resource cascade")
    await restore(store, file)
    new = Write("create", "Patient", "late", {"resourceType": "Patient"})
    await store.retrying(lambda c: keep(c, store.laws, [new], STAMP))
    async with store.transaction() as c:
        assert "late" in {one.id for one in await follow.follow(c, "identity", ["Patient"], 999)}


@pytest.mark.parametrize("damage", ["cut", "flipped", "other"])
async def test_a_damaged_backup_changes_nothing(
    loaded: str, store: Store, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "country.nabd"
    full = await Store.open(loaded, size=2)
    await backup(full, file)
    await full.close()
    data = bytearray(file.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    else:
        data = bytearray(b"something else")
    file.write_bytes(data)
    async with store.connection() as c:
        await c.execute("truncate resource cascade")
    with pytest.raises(Problem) as caught:
        await restore(store, file)
    assert [one.code for one in caught.value.issues] == ["N3025"]
    async with store.read() as c:
        assert await c.fetchval("select count(*) from resource") == 0
