"""What a person names to be loaded: files, folders, standard input; opened with bounds.

Compressed input is recognised by its first bytes, never by its name, and is read with a bound,
so that a small file that swells without end is refused instead of filling memory.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from nabd.errors import problem

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
STDIN = "-"
WANTED = (".json", ".ndjson", ".jsonl", ".csv", ".xlsx", ".gz")
MAX_SWELL = 200  # the best that gzip does on real FHIR JSON is about 40
STEP = 1 << 16
SMALL = 16 << 20  # below this many bytes nothing is a bomb


class SwellingError(ValueError):
    """Compressed input that grows beyond all bounds."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or standard input, by the name under which its records are known."""

    name: str
    path: Path | None = None
    content: bytes | None = None
    spool: Any = None  # keeps the temporary file of standard input until it is read

    def open(self) -> IO[bytes]:
        """Open the bytes, decompressed where they are gzip."""
        raw = self._raw()
        head = raw.peek(4)[:4]
        if head.startswith(GZIP):
            return io.BufferedReader(Inflated(raw), STEP)
        return cast(IO[bytes], raw)

    def head(self, size: int) -> bytes:
        """Return the first bytes, decompressed; what can be had of a broken file."""
        found = bytearray()
        with self.open() as file, suppress(EOFError, OSError, zlib.error, SwellingError):
            while len(found) < size and (part := file.read1(STEP)):  # type: ignore[attr-defined]
                found += part
        return bytes(found[:size])

    def bytes(self, limit: int) -> bytes:
        """Return the source as it is, compressed or not, but at most ``limit`` bytes."""
        with self._raw() as file:
            return bytes(file.read(limit))

    def mark(self) -> str:
        """Return what changes when the file changes: its name, size and time."""
        if self.path is None:
            return hashlib.blake2b(self.content or b"", digest_size=16).hexdigest()
        state = self.path.stat()
        return f"{self.name}:{state.st_size}:{state.st_mtime_ns}"

    def _raw(self) -> Any:
        if self.path is not None:
            return self.path.open("rb", buffering=1 << 20)
        return io.BufferedReader(io.BytesIO(self.content or b""))


class Inflated(io.RawIOBase):
    """The content of a gzip file; refuses to grow ``MAX_SWELL`` times beyond what was read."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._gzip = gzip.GzipFile(fileobj=raw)
        self._made = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` with the next bytes."""
        # one step at a time: what was read before a damage is handed out before it is told
        part = self._gzip.read1(len(buffer))
        buffer[: len(part)] = part
        self._made += len(part)
        if self._made > SMALL and self._made > MAX_SWELL * max(1, self._taken()):
            raise SwellingError
        return len(part)

    def close(self) -> None:
        """Close the file too."""
        self._raw.close()
        super().close()

    def _taken(self) -> int:
        return self._raw.tell() if self._raw.seekable() else self._made


def sources(paths: Iterable[str | Path | Source]) -> list[Source]:
    """List the files of what was named, folders in the order of their names.

    Problem N5001 names a path that does not exist, N5002 a folder without anything to read.
    """
    return [source for path in paths for source in _sources(path)]


def _sources(path: str | Path | Source) -> Iterator[Source]:
    if isinstance(path, Source):
        yield path
    elif str(path) == STDIN:
        yield _stdin()
    elif Path(path).is_dir():
        yield from _folder(Path(path))
    elif Path(path).is_file():
        yield Source(Path(path).name, Path(path))
    else:
        raise problem("N5001", str(path), name=str(path))


def _stdin() -> Source:
    """Keep standard input in a temporary file: its beginning is looked at before it is read."""
    spool = tempfile.NamedTemporaryFile(prefix="nabd-")  # noqa: SIM115 -- closed with its Source
    shutil.copyfileobj(sys.stdin.buffer, spool, 1 << 20)
    spool.flush()
    return Source("stdin", Path(spool.name), spool=spool)


def _folder(folder: Path) -> Iterator[Source]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in WANTED)
    if not files:
        raise problem("N5002", str(folder), name=str(folder), suffixes=" ".join(WANTED))
    for file in files:
        yield Source(str(file.relative_to(folder)), file)
