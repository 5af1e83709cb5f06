"""Values that the deployment keeps, remembered for half a minute: hot paths ask for them."""

from __future__ import annotations

import time
from typing import Any

from nabd.store import Store, settings

LASTS = 30.0  # seconds


class Kept:
    """The values of one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[float, Any]] = {}

    async def read(self, name: str) -> Any:
        """Return a value, None when it was never set."""
        until, value = self._known.get(name, (0.0, None))
        if until < time.monotonic():
            async with self._store.read() as connection:
                value = await settings.read(connection, name)
            self._known[name] = (time.monotonic() + LASTS, value)
        return value

    def forget(self) -> None:
        """Read again: something was set."""
        self._known.clear()
