"""The bytes of a resource at rest: zstd with a dictionary trained for its type.

A dictionary's id comes from its content, so the same id means the same dictionary in every
database, and a cache of them can never serve the wrong one.  The rows of the table ``dictionary``
are the truth; those of ``store/dictionaries/*.zst`` are only where a new database starts.
Format: RFC 8878, frames without checksum and dictionary id (the row has both).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import zstandard

LEVEL = 3
SIZE = 112 * 1024
SAMPLES = 4_000
FOLDER = Path(__file__).parent / "dictionaries"

Compress = Callable[[bytes], bytes]


class _Fetch(Protocol):
    async def fetch(self, query: str, *args: object) -> list[tuple[int, int, bytes]]: ...


class Bodies:
    """The dictionaries of one database, with their compressors ready."""

    def __init__(self) -> None:
        self._open: dict[int, Callable[[bytes], bytes]] = {0: _decompressor(0, b"")}
        self._shut: dict[int, tuple[int, Compress]] = {}
        self._plain: tuple[int, Compress] = (0, _compressor(0, b""))

    def learn(self, rows: Iterable[tuple[int, int, bytes]]) -> None:
        """Take (id, type, zstd of the dictionary) rows, oldest version first.

        The last of a type is used to write.
        """
        for number, type_number, packed in rows:
            data = self._open[0](packed)
            if number not in self._open:
                self._open[number] = _decompressor(number, data)
            self._shut[type_number] = (number, _compressor(number, data))

    async def refresh(self, connection: _Fetch) -> None:
        """Read the table ``dictionary`` again."""
        self.learn(
            await connection.fetch("select id, type, data from dictionary order by type, version")
        )

    def compress(self, type_number: int, body: bytes) -> tuple[int, bytes]:
        """Return (dictionary id, zstd frame)."""
        number, shut = self._shut.get(type_number, self._plain)
        return number, shut(body)

    def compressor(self, type_number: int) -> tuple[int, Compress]:
        """Return the same in two parts, for a loop over many bodies of one type."""
        return self._shut.get(type_number, self._plain)

    def knows(self, number: int) -> bool:
        """Say whether bodies with this dictionary can be opened now."""
        return number in self._open

    def open(self, number: int, data: bytes) -> bytes:
        """Return the JSON; ``KeyError`` for a dictionary not yet learnt. A tombstone is empty."""
        return self._open[number](data) if data else b""


def dictionary_id(data: bytes) -> int:
    """Derive a positive 31-bit id from the content of a dictionary."""
    return int.from_bytes(hashlib.sha256(data).digest()[:4], "big") >> 1 or 1


def train(samples: Sequence[bytes]) -> bytes:
    """Train a dictionary on JSON bodies of one type; empty when they are too few to help."""
    if len(samples) < 50 or sum(map(len, samples)) < 8 * 1024:
        return b""
    size = min(SIZE, sum(map(len, samples)) // 10)
    step = max(1, len(samples) // SAMPLES)
    try:
        return zstandard.train_dictionary(size, list(samples[::step])).as_bytes()
    except zstandard.ZstdError:  # samples too alike or too few: plain zstd does as well
        return b""


def pack(data: bytes) -> bytes:
    """Compress a dictionary to the form in which it is kept."""
    return zstandard.ZstdCompressor(level=19).compress(data)


@cache
def shipped() -> dict[str, bytes]:
    """Read the dictionaries of this release, by resource type, as they are kept."""
    return {p.stem: p.read_bytes() for p in sorted(FOLDER.glob("*.zst"))}


@cache
def _compressor(number: int, data: bytes) -> Compress:
    dictionary = zstandard.ZstdCompressionDict(data) if data else None
    if dictionary:
        dictionary.precompute_compress(LEVEL)
    shut: Compress = zstandard.ZstdCompressor(
        level=LEVEL, dict_data=dictionary, write_dict_id=False, write_checksum=False
    ).compress
    return shut


@cache
def _decompressor(number: int, data: bytes) -> Callable[[bytes], bytes]:
    dictionary = zstandard.ZstdCompressionDict(data) if data else None
    opener: Callable[[bytes], bytes] = zstandard.ZstdDecompressor(dict_data=dictionary).decompress
    return opener
