"""Counts and times of requests for Prometheus, and the health of the process.

Small and our own: two metrics need no library. Each worker process answers for itself and says so
in the label ``worker``. Nothing here names a resource: paths are counted by their shape.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from nabd import __version__
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.log import event, span
from nabd.store import Store
from nabd.store.migrate import version

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SLOW = 1.0  # seconds: a request that takes longer is logged, whatever came of it
MOST_SHAPES = 300
UNANSWERED = (404, 405, 501)
PATIENCE = 2.0  # seconds that the database has to answer
WORDS = frozenset({"metadata", "_history", "_search", "static"})


class Metrics:
    """The counts of one process since it started."""

    def __init__(self) -> None:
        self._started = time.time()
        self._buckets: dict[tuple[str, str], list[int]] = {}
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._statuses: Counter[tuple[str, str, int]] = Counter()

    def observe(self, method: str, shape: str, status: int, seconds: float) -> None:
        """Count one request; what nothing answers is counted together.

        Else a stranger's made-up paths would fill the ``MOST_SHAPES`` before those of the house.
        """
        known = (method, shape) in self._buckets
        if not known and (status in UNANSWERED or len(self._buckets) >= MOST_SHAPES):
            method, shape = "…", "…"
        buckets = self._buckets.get((method, shape))
        if buckets is None:
            buckets = self._buckets[method, shape] = [0] * (len(BOUNDS) + 1)
        buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[method, shape] += seconds
        self._statuses[method, shape, status] += 1

    def text(self) -> str:
        """Write everything in the text format of Prometheus."""
        worker = f'worker="{os.getpid()}"'
        lines = ["# TYPE nabd_info gauge", f'nabd_info{{{worker},version="{__version__}"}} 1']
        lines += ["# TYPE nabd_started_seconds gauge"]
        lines += [f"nabd_started_seconds{{{worker}}} {self._started:.3f}"]
        lines += ["# TYPE nabd_requests_total counter"]
        for (method, shape, status), count in sorted(self._statuses.items()):
            labels = f'{worker},method="{method}",route="{shape}",status="{status}"'
            lines.append(f"nabd_requests_total{{{labels}}} {count}")
        lines += ["# TYPE nabd_request_seconds histogram"]
        for (method, shape), buckets in sorted(self._buckets.items()):
            lines += self._histogram(f'{worker},method="{method}",route="{shape}"', buckets)
            lines[-2] += f" {self._seconds[method, shape]:.6f}"
        return "\n".join(lines) + "\n"

    @staticmethod
    def _histogram(labels: str, buckets: list[int]) -> list[str]:
        lines, total = [], 0
        for bound, count in zip((*BOUNDS, "+Inf"), buckets, strict=True):
            total += count
            lines.append(f'nabd_request_seconds_bucket{{{labels},le="{bound}"}} {total}')
        sums = [f"nabd_request_seconds_sum{{{labels}}}"]
        return [*lines, *sums, f"nabd_request_seconds_count{{{labels}}} {total}"]


class Watch:
    """Wraps the application: counts, logs and traces requests; answers /metrics and /health."""

    def __init__(self, application: Application, store: Callable[[], Store | None]) -> None:
        self.metrics = Metrics()
        self._application = application
        self._store = store

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one message of the server."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
        elif scope["path"] == "/metrics":
            await _answer(send, 200, self.metrics.text().encode(), b"text/plain; version=0.0.4")
        elif scope["path"] == "/health":
            status, found = await health(self._store())
            await _answer(send, status, msgspec.json.encode(found), b"application/json")
        else:
            await self._watched(scope, receive, send)

    async def _watched(self, scope: Message, receive: Receive, send: Send) -> None:
        status = 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method, shape, begun = scope["method"], shape_of(scope["path"]), time.perf_counter()
        try:
            with span(f"{method} {shape}"):
                await self._application(scope, receive, told)
        finally:
            seconds = time.perf_counter() - begun
            self.metrics.observe(method, shape, status, seconds)
            worth = status >= 500 or seconds > SLOW
            level = logging.INFO if worth else logging.DEBUG
            ms = round(seconds * 1000, 1)
            event("request", level, method=method, route=shape, status=status, ms=ms)


def shape_of(path: str) -> str:
    """Write a path without what it names: /fhir/Patient/1/_history → /fhir/{type}/{id}/_history."""
    parts = path.split("/")[1:6]
    if parts[0] == "fhir":
        return "/fhir" + "".join(f"/{_fhir(place, part)}" for place, part in enumerate(parts[1:]))
    if parts[0] == "static":
        return "/static"
    return "/" + parts[0][:20] + ("/…" if len(parts) > 1 else "") if parts[0].isalnum() else "/"


def _fhir(place: int, part: str) -> str:
    if part in WORDS or (part[:1] == "$" and part[1:].isalpha()):
        return part[:24]
    return "{type}" if part in TYPE_NUMBER else "{id}" if place else "…"


async def health(store: Store | None) -> tuple[int, dict[str, Any]]:
    """Ask the database; 503 when it does not answer in time."""
    found: dict[str, Any] = {"nabd": __version__, "status": "up", "database": "up"}
    try:
        async with asyncio.timeout(PATIENCE):
            if store is None:
                raise TimeoutError
            async with store.read() as connection:
                found["schema"] = await version(connection)
    except Exception as error:  # whatever it is, this process cannot serve
        event("unhealthy", logging.WARNING, error=type(error).__qualname__)
        return 503, found | {"status": "down", "database": "down"}
    return 200, found


async def _answer(send: Send, status: int, body: bytes, media: bytes) -> None:
    headers = [(b"content-type", media), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
