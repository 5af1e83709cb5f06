"""One SQL statement of several parts, so that a transaction costs few round trips.

The parts are data-modifying ``WITH`` queries: they all see the moment before the statement, and
their order does not matter. Equal sets of parts give equal texts, so each is prepared once.
https://www.postgresql.org/docs/16/queries-with.html#QUERIES-WITH-MODIFYING
"""

from __future__ import annotations

from typing import Any

from nabd.store.connection import Connection


class Statement:
    """Collects parts and their values."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._values: list[Any] = []

    def add(self, part: str, *values: Any) -> None:
        """Add a part; ``{0}``, ``{1}`` … stand for its values."""
        first = len(self._values) + 1
        self._parts.append(part.format(*(f"${first + i}" for i in range(len(values)))))
        self._values.extend(values)

    async def run(self, connection: Connection) -> None:
        """Execute all parts in one round trip."""
        if self._parts:
            named = ", ".join(f"p{i} as ({part})" for i, part in enumerate(self._parts))
            await connection.fetchval(f"with {named} select 1", *self._values)
