"""One application answers for the API and the console, and opens and closes with the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from nabd.config import Settings
from nabd.web.app import Application
from nabd.web.metrics import Watch


async def test_the_api_and_the_console_share_one_application(database: str, tmp_path: Path) -> None:
    served = Application(Settings(home=tmp_path, pool=2), database)
    watched = Watch(served, lambda: served.store)
    async with served.open():
        transport = httpx.ASGITransport(watched)
        async with httpx.AsyncClient(transport=transport, base_url="http://nabd.test") as client:
            statement = await client.get("/fhir/metadata")
            assert statement.json()["resourceType"] == "CapabilityStatement"
            page = await client.get("/about")
            assert page.headers["content-type"].startswith("text/html")
            assert (await client.get("/health")).json()["database"] == "up"
            assert "/fhir/metadata" in (await client.get("/metrics")).text
            lost = await client.get("/fhirx")
            assert lost.status_code in (303, 404)
    assert served.store is None


async def test_the_server_opens_and_closes_it(database: str, tmp_path: Path) -> None:
    served = Application(Settings(home=tmp_path, pool=2), database)
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return next(asked)

    async def send(message: dict[str, str]) -> None:
        told.append(message["type"])

    await served({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_database_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    served = Application(Settings(home=tmp_path), "postgresql:///x?host=/nowhere")
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, str]) -> None:
        told.append(message["type"])

    await served({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]
    assert told == ["lifespan.startup.failed"]


WORKER = """
import gc, json
from nabd.web.app import application

made = application()
walked, young, full = len(gc.get_objects()), *(gc.get_stats()[n]["collections"] for n in (0, 2))
kept = [[] for _ in range(700_000)]
print(json.dumps({
    "left out": gc.get_freeze_count(),
    "walked": walked,
    "young": gc.get_stats()[0]["collections"] - young,
    "full": gc.get_stats()[2]["collections"] - full,
}))
"""


def test_a_worker_looks_rarely_for_cycles_and_never_in_what_it_keeps(tmp_path: Path) -> None:
    """Asked of a process of its own, as a server starts one: collections are counted, not timed."""
    database = {"NABD_DATABASE_URL": "postgresql:///x?host=/nowhere", "NABD_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        env={**os.environ, **database},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["left out"] > 20 * told["walked"], "definitions and caches are not walked again"
    assert told["young"] <= 140, "one for 5,000 new objects; Python's own is 700 or 2,000"
    assert told["full"] == 0, "not each time that the caches have grown by a quarter"
