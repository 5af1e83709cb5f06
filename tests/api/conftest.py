"""What is open to the tests of a module, on a database of its own: the API, a console, a clinic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio
from cast import CAST, CLINIC, HOSPITAL, People
from console_site import Site, opened
from searching import ALL, put

from nabd.access import Door, accounts
from nabd.access.accounts import place_of
from nabd.config import Settings
from nabd.slices import SLICES, laws, queries
from nabd.store import Store
from nabd.web.fhir.api import routes
from nabd.web.fhir.export.run import Exports
from nabd.web.fhir.server import FhirApi, Limits
from nabd.web.session import entering


@pytest_asyncio.fixture(scope="module")
async def people(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[People]:
    """The API on an open store, and who uses it."""
    async with AsyncExitStack() as stack:
        store = await Store.open(module_database, laws(), size=4)
        stack.push_async_callback(store.close)
        door = Door(store, queries())
        exports = Exports(store, door, tmp_path_factory.mktemp("exports"), lease=1.0)
        table = routes(Settings(entries_limit=50), SLICES, exports)
        api = FhirApi(table, entering(door), limits=Limits(content=1_000_000, seconds=2.0))
        clients = {"nobody": await stack.enter_async_context(_client(api, ""))}
        for name, (role, place) in CAST.items():
            await accounts.create(store, name, role, place_of(place), password="olive-tree-27")
            token = await door.sign_in(name, "olive-tree-27")
            clients[name] = await stack.enter_async_context(_client(api, token))
        for id_ in (HOSPITAL, CLINIC):
            body = {"resourceType": "Organization", "id": id_, "name": id_}
            made = await clients["admin"].put(f"/Organization/{id_}", json=body)
            assert made.status_code == 201, made.text
        yield People(**clients, exports=exports, store=store)


def _client(api: FhirApi, token: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(api, raise_app_exceptions=True)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=transport, base_url="http://nabd.test/fhir", headers=headers)


@pytest_asyncio.fixture(scope="module")
async def clinic(module_database: str) -> AsyncIterator[Store]:
    """An open store that holds the records of a small clinic."""
    store = await Store.open(module_database, size=2)
    await put(store, *ALL)
    yield store
    await store.close()


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """The console with its cast, the territory, some facilities, and two broken records."""
    async with opened(module_database) as one:
        yield one
