"""kill -9 of the HTTP server and of PostgreSQL under it, while clients write."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crash.test_store_crash import alone, kill
from nabd import slices
from nabd.access import Door, accounts
from nabd.access.rules import Place
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import decode
from nabd.store import Store, read, reindex, tables
from nabd.store.server import Server

PASSWORD = "olive-tree-27"
SEED = 20261126
ROUNDS = 4  # each a new server; every second one loses its PostgreSQL
CLIENTS = 6


class Told:
    """What the server said was done, and what it was asked to do."""

    def __init__(self) -> None:
        self.created: set[str] = set()
        self.versions: dict[str, int] = {}
        self.asked: set[int] = set()
        self.together: set[int] = set()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Server]:
    """A PostgreSQL of its own, with all its promises of durability, that may be killed."""
    with Server.start(tmp_path / "postgres") as server:
        yield server


async def become_admin(dsn: str) -> str:
    store = await Store.open(dsn, slices.laws(), size=2)
    await accounts.create(store, "admin", "admin", Place(), PASSWORD, "Admin")
    token = await Door(store, slices.queries()).sign_in(name="admin", password=PASSWORD)
    await store.close()
    return token


def start(dsn: str, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    program = Path(__file__).parent / "server.py"
    command = [sys.executable, str(program), dsn, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    return process, process.stdout.readline().decode().strip()


# -------------------------------------------------------------------------------- clients


async def write(client: httpx.AsyncClient, who: int, told: Told, numbers: Iterator[int]) -> None:
    """Create, update and send transactions until nobody answers any more."""
    while True:
        number = next(numbers)
        try:
            await create(client, told)
            await update(client, f"u{who}", number, told)
            await together(client, number, told)
        except httpx.HTTPError:
            return


async def create(client: httpx.AsyncClient, told: Told) -> None:
    answer = await client.post("/Patient", json={"resourceType": "Patient", "active": True})
    if answer.status_code == 201:
        told.created.add(answer.json()["id"])


async def update(client: httpx.AsyncClient, name: str, number: int, told: Told) -> None:
    body = {"resourceType": "Patient", "id": name, "name": [{"family": f"Family {number}"}]}
    answer = await client.put(f"/Patient/{name}", json=body)
    if answer.status_code in (200, 201):
        told.versions[name] = int(answer.json()["meta"]["versionId"])


async def together(client: httpx.AsyncClient, number: int, told: Told) -> None:
    told.asked.add(number)
    entries = [
        {
            "resource": {"resourceType": "Patient", "id": f"t{number}{part}"},
            "request": {"method": "PUT", "url": f"Patient/t{number}{part}"},
        }
        for part in "abc"
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    if (await client.post("/", json=bundle)).status_code == 200:
        told.together.add(number)


async def clients(address: str, token: str, told: Told, numbers: Iterator[int]) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{address}/fhir", headers=headers, timeout=3) as client:
        await asyncio.gather(*(write(client, who, told, numbers) for who in range(CLIENTS)))


async def killed_while_writing(
    address: str, token: str, told: Told, numbers: Iterator[int], pid: int, seconds: float
) -> None:
    writing = asyncio.create_task(clients(address, token, told, numbers))
    await asyncio.sleep(seconds)
    kill(pid)
    await asyncio.sleep(0.3)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


# --------------------------------------------------------------------------------- proof


async def what_was_told_is_true(dsn: str, told: Told) -> None:
    """Nothing that was acknowledged is missing, and nothing is half there."""
    store = await Store.open(dsn, slices.laws(), size=2)
    await alone(store)
    async with store.snapshot() as connection:
        for name in told.created:
            assert await read.read(connection, "Patient", name), name
        for name, version in told.versions.items():
            found = await read.read(connection, "Patient", name)
            assert found and found.version >= version
            assert decode(found.body)["meta"]["versionId"] == str(found.version)
        for number in told.asked:
            parts = [await read.read(connection, "Patient", f"t{number}{p}") for p in "abc"]
            assert len({part is None for part in parts}) == 1, number
            assert parts[0] or number not in told.together
        await nothing_is_half(connection, store)
    await store.close()


async def nothing_is_half(connection: Any, store: Store) -> None:
    for view in store.laws.views:
        assert (await tables.verify(connection, view)).clean
    assert (await reindex.verify(connection, store.laws.keys)).clean
    unaudited = await connection.fetchval(
        """select count(*) from resource r
           where type = any($1) and not exists (select from audit a where a.key = r.key)""",
        [TYPE_NUMBER["Patient"]],
    )
    assert unaudited == 0


def test_whatever_is_killed_no_write_that_was_acknowledged_is_lost(
    database: Server, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    token = asyncio.run(become_admin(database.dsn()))
    told, numbers = Told(), iter(range(1_000_000))
    for turn in range(ROUNDS):
        process, address = start(database.dsn(), tmp_path / "home")
        assert address
        victim = database.pid if turn % 2 else process.pid
        seconds = dice.uniform(0.4, 1.6)
        asyncio.run(killed_while_writing(address, token, told, numbers, victim, seconds))
        kill(process.pid)
        assert process.wait() == -signal.SIGKILL
        with Server.start(database.folder) as again:
            asyncio.run(what_was_told_is_true(again.dsn(), told))
    assert told.created and told.together and max(told.versions.values()) > 1


def test_workers_end_with_their_server(tmp_path: Path) -> None:
    """A server of several processes is killed: its workers must not keep the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"NABD_HOME": str(tmp_path / "home"), "NABD_WORKERS": "2", "NABD_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("nabd")), "serve"]
    server = subprocess.Popen(command, env={**os.environ, **told}, stderr=subprocess.DEVNULL)
    try:
        assert answers(port, True)
        server.kill()
        assert answers(port, False)
    finally:
        server.kill()
        server.wait()


def answers(port: int, wanted: bool) -> bool:
    """Wait until somebody listens on the port, or nobody does any more."""
    for _ in range(300):
        with socket.socket() as client:
            if (client.connect_ex(("127.0.0.1", port)) == 0) is wanted:
                return True
        time.sleep(0.1)
    return False
