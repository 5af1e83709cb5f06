"""The store of one process: a pool of connections, the laws, the dictionaries."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import asyncpg

from nabd.errors import problem
from nabd.store import dictionaries, tables
from nabd.store.body import Bodies
from nabd.store.connection import Connection, StoreConnection
from nabd.store.migrate import migrate
from nabd.store.races import FasterWriterError
from nabd.store.values import Laws

T = TypeVar("T")

ATTEMPTS = 10
STATEMENTS = 1_000  # prepared statements kept per connection
UNREACHABLE = (OSError, asyncpg.CannotConnectNowError, asyncpg.InvalidCatalogNameError)


RETRIED = (FasterWriterError, asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Store:
    """One per process: the only place that opens connections."""

    def __init__(self, dsn: str, laws: Laws, bodies: Bodies) -> None:
        self.dsn = dsn
        self.laws = laws
        self.bodies = bodies
        self._writers: Any = None
        self._readers: Any = None

    @classmethod
    async def open(cls, dsn: str, laws: Laws | None = None, size: int = 16) -> Store:
        """Migrate the database when it is older, make missing live tables, open the pools."""
        store = cls(dsn, laws or Laws(), Bodies())
        store._writers = await store._pool(size, {})
        try:
            async with store.connection() as connection:
                await migrate(connection)
                await dictionaries.ensure(connection)
                await tables.ensure(connection, store.laws.views)
            store._readers = await store._pool(size, {"default_transaction_read_only": "on"})
        except UNREACHABLE as error:
            await store.close()
            raise problem("N3007", place=_place(dsn)) from error
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Close all connections; requests under way finish first."""
        for pool in (self._readers, self._writers):
            if pool is not None:
                await pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """Lend a connection that cannot write; each statement sees its own moment."""
        async with self._readers.acquire() as connection:
            yield cast(Connection, connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Lend a connection whose statements all see one moment, and cannot write."""
        async with (
            self.read() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection where each statement is a transaction of its own."""
        async with self._writers.acquire() as connection:
            yield cast(Connection, connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside one transaction: it commits at the end, or not at all."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def retrying(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run ``work`` in a transaction, again when another writer was faster.

        ``work`` must be able to run twice: what it did before is rolled back.
        """
        for attempt in range(ATTEMPTS):
            try:
                async with self.transaction() as connection:
                    return await work(connection)
            except RETRIED:
                await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))
        raise problem("N3008", attempts=ATTEMPTS)

    async def _pool(self, size: int, settings: dict[str, str]) -> Any:
        async def introduce(connection: StoreConnection) -> None:
            connection.bodies = self.bodies

        return await asyncpg.create_pool(
            self.dsn,
            min_size=0,
            max_size=size,
            max_inactive_connection_lifetime=0,
            connection_class=StoreConnection,
            statement_cache_size=STATEMENTS,
            server_settings={"application_name": "nabd", "jit": "off", **settings},
            init=introduce,
        )


def _place(dsn: str) -> str:
    """Name the database without the password."""
    head, found, tail = dsn.rpartition("@")
    return f"{head.split('//')[0]}//{tail}" if found else dsn
