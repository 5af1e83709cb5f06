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
    begin = time.perf_counter()
    await asyncio.gather(
        *(_connection(port, supply, begin + seconds, figures) for _ in range(connections))
    )
    figures.seconds = time.perf_counter() - begin
    figures.latencies.sort()
    return figures


async def _connection(port: int, supply: Iterator[bytes], until: float, figures: Figures) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for one in supply:
        start = time.perf_counter()
        if start >= until:
            break
        writer.write(one)
        status = await _answer(reader)
        figures.latencies.append(time.perf_counter() - start)
        figures.statuses[status] += 1
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    if length:
        await reader.readexactly(int(length.group(1)))
    return int(head[9:12])
