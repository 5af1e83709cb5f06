"""Read the content of a request within limits of size and time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nabd.errors import problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ClientGoneError(Exception):
    """The client has left before its request was whole: nobody waits for an answer."""


async def content(
    receive: Receive, headers: dict[bytes, bytes], limit: int, seconds: float
) -> bytes:
    """Read the whole content, decompressed.

    Raises Problem N7006 when it is longer than ``limit`` bytes, also after decompression, and
    N7007 when it has not arrived after ``seconds``.
    """
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > limit:
        raise problem("N7006", limit=limit)
    try:
        async with asyncio.timeout(seconds):
            raw = await _all(receive, limit)
    except TimeoutError:
        raise problem("N7007", seconds=int(seconds)) from None
    return _plain(raw, headers.get(b"content-encoding", b"").strip().lower(), limit)


async def _all(receive: Receive, limit: int) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return _bounded(message.get("body", b""), limit)
    pieces = bytearray()
    while message["type"] == "http.request":
        pieces += message.get("body", b"")
        _bounded(pieces, limit)
        if not message.get("more_body"):
            return bytes(pieces)
        message = await receive()
    raise ClientGoneError


def _bounded(raw: bytes | bytearray, limit: int) -> bytes:
    if len(raw) > limit:
        raise problem("N7006", limit=limit)
    return raw  # type: ignore[return-value]


def _plain(raw: bytes, encoding: bytes, limit: int) -> bytes:
    if encoding in (b"", b"identity"):
        return raw
    if encoding != b"gzip":
        raise problem("N7005", "Content-Encoding", expected="application/fhir+json")
    opener = zlib.decompressobj(wbits=31)
    try:
        plain = opener.decompress(raw, limit + 1)
    except zlib.error:
        raise problem(
            "N7008", "Content-Encoding", header="Content-Encoding", expected="gzip"
        ) from None
    # one whole member: what came after it would be lost without a word
    if len(plain) <= limit and (not opener.eof or opener.unused_data):
        raise problem("N7008", "Content-Encoding", header="Content-Encoding", expected="gzip")
    return _bounded(plain, limit)
