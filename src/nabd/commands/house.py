"""Open the house for a command: its database, its store, its door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from nabd.access import Door
from nabd.config import Settings
from nabd.slices import followers, laws, queries
from nabd.store import Stamp, Store
from nabd.store.server import Server

FOLDER = "postgres"


@dataclass(frozen=True, slots=True)
class House:
    """An open store, and the door to it."""

    store: Store
    door: Door
    dsn: str

    @property
    def stamp(self) -> Stamp:
        """Who writes from the command line: whoever runs the machine."""
        return Stamp("system", "SYSADMIN")


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the address of the database; the private one runs as long as somebody uses it."""
    if settings.database_url:
        yield settings.database_url
        return
    with Server.start(settings.home / FOLDER) as server:
        yield server.dsn()


@asynccontextmanager
async def opened(settings: Settings, size: int = 4) -> AsyncIterator[House]:
    """Open the house; it is closed, and the private database stopped, at the end."""
    with database(settings) as dsn:
        store = await Store.open(dsn, laws(), size)
        try:
            yield House(store, Door(store, queries(), settings.session_hours), dsn)
        finally:
            await store.close()


async def catch_up(house: House, progress: Callable[[int], None] | None = None) -> int:
    """Let the slices do what is to do after writes, such as linking; return how much it was."""
    total = 0
    for follower in followers():
        while done := await follower(house.door.system("HOPERAT")):
            total += done
            if progress:
                progress(total)
    return total
