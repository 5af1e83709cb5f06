"""The face as one ASGI application: the FHIR API under ``/fhir``, the console under ``/``.

Reads of the API do not pass the router of the console: each request of both kinds is told apart by
its first letters.  ``application`` is what an ASGI server calls in each worker process.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from multiprocessing import parent_process
from pathlib import Path
from signal import SIGTERM, raise_signal

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from nabd import log
from nabd.access import Door
from nabd.config import Settings, load
from nabd.slices import SLICES, followers, laws, queries
from nabd.store import Store
from nabd.store.server import Server
from nabd.web.console import console
from nabd.web.fhir.api import routes
from nabd.web.fhir.export.run import Exports
from nabd.web.fhir.server import ROOT, FhirApi, Limits
from nabd.web.following import follow
from nabd.web.metrics import Watch
from nabd.web.session import entering

YOUNG = (5_000, 10, 1_000)
"""When the collector of cycles looks at what is new, rather new, and everything."""
PATIENCE = 1.0  # seconds until a worker looks whether its server lives


class Application:
    """Opens the store when the server starts, and closes it when it ends."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self.settings = settings
        self.dsn = dsn
        self.store: Store | None = None
        self._api: FhirApi | None = None
        self._console: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the protocol's messages."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            path = scope["path"]
            if path.startswith(ROOT) and path[len(ROOT) :][:1] in ("", "/"):
                assert self._api is not None
                await self._api(scope, receive, send)
            else:
                assert self._console is not None
                await self._console(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.open():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold the store open, run exports and followers; what the lifespan does, for tests too."""
        self.store = store = await Store.open(self.dsn, laws(), self.settings.pool)
        try:
            door = Door(store, queries(), self.settings.session_hours)
            exports = Exports(store, door, self.settings.home / "exports")
            limits = Limits(self.settings.body_limit, self.settings.body_seconds)
            table = routes(self.settings, SLICES, exports)
            self._api = FhirApi(table, entering(door), self.settings.base_url, limits)
            self._console = console(self.settings, store, door)
            runners = [
                asyncio.create_task(exports.run()),
                asyncio.create_task(follow(door, followers())),
                asyncio.create_task(_end_with_parent()),
            ]
            try:
                yield
            finally:
                for runner in runners:
                    runner.cancel()
                    with suppress(asyncio.CancelledError):
                        await runner
        finally:
            self.store = None
            await store.close()


async def _end_with_parent() -> None:
    """End a worker whose server was killed: it would keep the port, and be nobody's."""
    parent = parent_process()
    if parent is not None:
        while parent.is_alive():
            await asyncio.sleep(PATIENCE)
        raise_signal(SIGTERM)


def application() -> Watch:
    """Make the application of this installation: the factory that an ASGI server calls."""
    settings = load()
    log.configure(settings.log_level, settings.log_format)
    _collect_rarely()
    dsn = settings.database_url or _embedded(settings.home / "postgres")
    inside = Application(settings, dsn)
    return Watch(inside, lambda: inside.store)


def _collect_rarely() -> None:
    """Leave what the process keeps (definitions, caches) out of the search for cycles.

    Python would walk all of it each time that the caches have grown by a quarter: in a
    worker that warms up, a third of its time and pauses of half a second (profiled once).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)


def _embedded(folder: Path) -> str:
    """Start or join the private PostgreSQL; it ends with its last user."""
    server = Server.start(folder)
    atexit.register(server.stop)
    return server.dsn()
