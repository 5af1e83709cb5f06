"""What the rooms of the store use of a database connection, typed.

At run time it is an ``asyncpg.Connection`` of the store's pool (asyncpg ships no types).  Every
such connection knows the store's dictionaries, so that a function needs no other argument to
read and write bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import asyncpg

from nabd.store.body import Bodies


class Connection(Protocol):
    """A connection inside or outside of a transaction."""

    bodies: Bodies

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        """Run statements; return the status of the last."""
        ...

    async def executemany(self, command: str, args: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, in one round trip."""
        ...

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Return all rows."""
        ...

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """Return the first row or ``None``."""
        ...

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value of the first row or ``None``."""
        ...

    async def prepare(self, query: str) -> Any:
        """Prepare a statement."""
        ...

    def cursor(self, query: str, *args: Any, prefetch: int | None = None) -> Any:
        """Stream rows; only inside a transaction."""
        ...

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        """Open a transaction, or a savepoint inside one."""
        ...

    async def copy_to_table(self, table_name: str, **options: Any) -> str:
        """Send the bytes of ``source`` with COPY FROM STDIN."""
        ...

    async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
        """Send ``records`` (tuples) with COPY FROM STDIN."""
        ...

    async def copy_from_query(self, query: str, *args: Any, **options: Any) -> str:
        """Write the answer of a query to ``output`` with COPY TO STDOUT."""
        ...


class StoreConnection(asyncpg.Connection):  # type: ignore[misc]
    """The connection of the pool: knows the dictionaries, and is handed back without a query."""

    __slots__ = ("bodies",)

    def get_reset_query(self) -> str:
        """Skip asyncpg's reset: nothing in the store changes a connection's state."""
        return ""
