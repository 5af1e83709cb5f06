"""A console over HTTP on a database of its own: the territory, some facilities, people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import httpx

from nabd import slices
from nabd.access import Door, accounts
from nabd.access.accounts import place_of
from nabd.access.custodians import batch_scope
from nabd.config import Settings
from nabd.demo import beds, facilities
from nabd.demo.country import SEED
from nabd.fhir.json import Json, encode
from nabd.intake import Report, keep
from nabd.registry import reference
from nabd.store import Stamp, Store
from nabd.store.bulk import Record
from nabd.web.console import console

PASSWORD = "olive-tree-27"
ORIGIN = "http://nabd.test"
CAST = {
    "admin": ("admin", "national"),
    "djamel": ("planner", "national"),
    "safia": ("steward", "national"),
    "emna": ("steward", "national"),
    "salma": ("steward", "region:06"),
    "rachida": ("steward", "region:01"),
    "hafsa": ("steward", "facility:demo-0001"),
    "nora": ("clinician", "facility:demo-0001"),
    "amina": ("clinician", "region:06"),
    "nadia": ("steward", "province:01.051"),
    "tarik": ("auditor", "national"),
}
BROKEN = [
    b'{"resourceType":"Patient","id":"p1","gender":"femme","birthDate":"12/03/1991"}',
    b'{"resourceType":"Patient","id":"p2"',
]


@dataclass
class Site:
    """The console, its store, and how to become somebody."""

    store: Store
    door: Door
    visitor: httpx.AsyncClient
    clients: dict[str, httpx.AsyncClient]

    def __getattr__(self, name: str) -> httpx.AsyncClient:
        """Return the client of one of the cast."""
        return self.clients[name]


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[Site]:
    """Fill a database and open its console."""
    async with AsyncExitStack() as stack:
        store = await Store.open(dsn, slices.laws(), size=4)
        stack.push_async_callback(store.close)
        await _fill(store)
        door = Door(store, slices.queries())
        app = console(Settings(), store, door)

        def client() -> httpx.AsyncClient:
            transport = httpx.ASGITransport(
                app
            )  # what the server is left with, it logs with its text
            headers = {"origin": ORIGIN, "accept-language": "en"}
            return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

        clients = {}
        for name, (role, place) in CAST.items():
            await accounts.create(store, name, role, place_of(place), PASSWORD)
            clients[name] = await stack.enter_async_context(client())
            clients[name].cookies.set("nabd_session", await door.sign_in(name, PASSWORD))
        yield Site(store, door, await stack.enter_async_context(client()), clients)


async def _fill(store: Store) -> None:
    await _keep(store, "territory", reference.resources())
    await _keep(store, "facilities", islice(facilities.resources(SEED), 900))
    await _keep(store, "beds", islice(beds.resources(SEED), 400))
    await _keep(store, "broken", [], BROKEN)


async def _keep(
    store: Store, name: str, resources: Iterable[Json], raw: list[bytes] | None = None
) -> None:
    async with store.connection() as connection:
        scope = await batch_scope(connection, slices.queries())
    bodies = raw if raw is not None else [encode(one) for one in resources]
    await keep(
        store,
        (Record(body, name, row) for row, body in enumerate(bodies, 1)),
        source=name,
        mark=name,
        report=Report(),
        stamp=Stamp("test", "console tests"),
        laws=slices.laws,
        scope=scope,
        workers=0,
    )
