"""Fixtures that every test may use: one PostgreSQL for the run, a fresh database per test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from nabd.store import Store
from nabd.store.server import Server

SHARED = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[1].parent / "shared"))
NUMBER = count(1)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data and conformance suites; it must be there in CI."""
    if not SHARED.is_dir():
        message = f"the data folder {SHARED} is not here (NABD_SHARED may name another place)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"In CI {message}.")
        pytest.skip(f"Skipped: {message}.")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One embedded server for the whole run, in a folder that goes when it ends."""
    with (
        tempfile.TemporaryDirectory(prefix="nabd-test-") as folder,
        Server.start(Path(folder) / "postgres") as server,
    ):
        yield server


@pytest_asyncio.fixture(scope="session")
async def template(postgres: Server) -> str:
    """The name of a migrated, empty database, from which others are cloned."""
    name = "nabd_template"
    # the databases of a test run need not outlive the machine; those of tests/crash have their own
    for setting in ("fsync", "full_page_writes"):
        await _administer(postgres, f"alter system set {setting} = off")
    await _administer(postgres, "select pg_reload_conf()")
    await _administer(postgres, f"create database {name}")
    store = await Store.open(postgres.dsn(name), size=1)
    await store.close()
    return name


@pytest_asyncio.fixture
async def database(postgres: Server, template: str) -> AsyncIterator[str]:
    """The DSN of a fresh, migrated database."""
    name = f"nabd_{next(NUMBER)}"
    await _administer(postgres, f"create database {name} template {template} strategy file_copy")
    yield postgres.dsn(name)
    await _administer(postgres, f"drop database {name} with (force)")


@pytest_asyncio.fixture(scope="module")
async def module_database(postgres: Server, template: str) -> AsyncIterator[str]:
    """The DSN of a database that the tests of one module share."""
    name = f"nabd_{next(NUMBER)}"
    await _administer(postgres, f"create database {name} template {template} strategy file_copy")
    yield postgres.dsn(name)
    await _administer(postgres, f"drop database {name} with (force)")


@pytest_asyncio.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store on a fresh database, without slices."""
    store = await Store.open(database, size=4)
    yield store
    await store.close()


async def _administer(postgres: Server, command: str) -> None:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(command)
    finally:
        await connection.close()
