"""A small HTTP/1.1 load generator: keep-alive connections, one request in flight on each.

It shares the machine with what it measures, so it does as little as possible: requests are bytes
made beforehand, and an answer is only split into its status and its length.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Figures:
    """What a run measured; latencies in seconds, sorted."""

    seconds: float
    latencies: list[float]
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Latency in milliseconds that ``share`` of the answers stayed below."""
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def request(method: str, path: str, token: str, body: bytes = b"", kind: str = "") -> bytes:
    """Make the bytes of one request, signed in by an API token."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    if body:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def drive(
    port: int, requests: Sequence[bytes], *, connections: int = 16, seconds: float = 5.0
) -> Figures:
    """Send ``requests`` in turn, over and over or until they are used up, for ``seconds``."""
    supply = itertools.cycle(requests)
    return await _drive(port, supply, connections, seconds)


async def drive_once(port: int, requests: Sequence[bytes], *, connections: int = 16) -> Figures:
    """Send every request exactly once."""
    return await _drive(port, iter(requests), connections, float("inf"))


async def _drive(port: int, supply: Iterator[bytes], connections: int, seconds: float) -> Figures:
    figures = Figures(0.0, [])
    loop = asyncio.get_running_loop()
    begin = time.perf_counter()
    fresh = partial(_Connection, supply, begin + seconds, figures)
    made = [(await loop.create_connection(fresh, "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(one.ended for one in made))
    figures.seconds = time.perf_counter() - begin
    figures.latencies.sort()
    return figures


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the one before is whole."""

    def __init__(self, supply: Iterator[bytes], until: float, figures: Figures) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supply, self._until, self._figures = supply, until, figures
        self._pieces: list[bytes] = []
        self._missing = 0  # bytes of the answer under way; 0: its length is not known yet
        self._status = 0
        self._start = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Count what arrived; only the head of an answer is looked at."""
        if self._missing == 0:
            self._pieces.append(data)
            if not self._read_head(b"".join(self._pieces)):
                return
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._figures.latencies.append(time.perf_counter() - self._start)
            self._figures.statuses[self._status] += 1
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; with an error where an answer was still missing."""
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the server closed the connection"))

    def _read_head(self, data: bytes) -> bool:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = LENGTH.search(data, 0, end)
        self._missing = end + 4 + (int(length.group(1)) if length else 0) - len(data)
        self._status = int(data[9:12])
        self._pieces.clear()
        return True

    def _next(self) -> None:
        self._start = time.perf_counter()
        one = next(self._supply, None) if self._start < self._until else None
        if one is not None:
            self._transport.write(one)
            return
        self.ended.set_result(None)
        self._transport.close()
