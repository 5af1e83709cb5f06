"""FHIR JSON: one resource or Bundle per file, or NDJSON; plain or gzip.

https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/nd-json.html

The content decides: a source is NDJSON when its first line is a whole JSON object and more
follows. Records are bytes here; what is in them is checked later, so that a broken one goes
whole to quarantine.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO

import msgspec

from nabd.errors import Issue, issue
from nabd.intake.sources import Source, SwellingError
from nabd.store.bulk.record import Record

BOM = b"\xef\xbb\xbf"
WIDE = (b"\xff\xfe", b"\xfe\xff")
FIRST = 1 << 20  # the end of the first line is looked for here, then as far as a line may go
MAX_LINE = 64 << 20
MAX_DOCUMENT = 256 << 20
KEPT = 8 << 20  # of a record that is too large, quarantine keeps so much
BROKEN = (EOFError, OSError, zlib.error)


def records(source: Source) -> Iterator[Record]:
    """Yield the records of a FHIR JSON source; rows count from 1."""
    head = _head(source)
    if head.startswith(WIDE):
        yield Record(source.bytes(KEPT), source.name, 1, (issue("N5003"),))
        return
    with source.open() as file:
        if is_ndjson(head):
            yield from _lines(file, source)
        else:
            yield from _document(file, source)


def _head(source: Source) -> bytes:
    """Read the first line and a little more; a Bundle or a Binary in a line may have megabytes."""
    head = source.head(FIRST)
    return head if len(head) < FIRST or b"\n" in head else source.head(MAX_LINE + FIRST)


def is_ndjson(head: bytes) -> bool:
    """Say whether the first line is a JSON object by itself and another follows."""
    first, _, rest = head.removeprefix(BOM).lstrip().partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.DecodeError, RecursionError):
        return rest.lstrip().startswith(b"{") and first.startswith(b"{") and len(first) > 1


def _document(file: IO[bytes], source: Source) -> Iterator[Record]:
    found: tuple[Issue, ...] = ()
    raw = b""
    try:
        raw = file.read(MAX_DOCUMENT + 1)
    except SwellingError:
        found, raw = (issue("N5004"),), source.bytes(KEPT)
    except BROKEN:
        found, raw = (issue("N5005"),), source.bytes(KEPT)
    if len(raw) > MAX_DOCUMENT:
        found, raw = (_too_large(MAX_DOCUMENT),), raw[:KEPT]
    text = raw.removeprefix(BOM)
    if text.strip() or found:
        yield Record(text, source.name, 1, found)


def _lines(file: IO[bytes], source: Source) -> Iterator[Record]:
    row = 0
    while True:
        row += 1
        try:
            line = file.readline(MAX_LINE + 1)
        except SwellingError:
            yield Record(source.bytes(KEPT), source.name, row, (issue("N5004"),))
            return
        except BROKEN:
            yield Record(source.bytes(KEPT), source.name, row, (issue("N5005"),))
            return
        if not line:
            return
        if len(line) > MAX_LINE:
            _skip_line(file)
            yield Record(line[:KEPT], source.name, row, (_too_large(MAX_LINE),))
        elif stripped := line.removeprefix(BOM).strip():
            yield Record(stripped, source.name, row)


def _skip_line(file: IO[bytes]) -> None:
    while (more := file.readline(1 << 20)) and not more.endswith(b"\n"):
        continue


def _too_large(limit: int) -> Issue:
    return issue("N5006", limit=limit >> 20, kept=KEPT >> 20)
