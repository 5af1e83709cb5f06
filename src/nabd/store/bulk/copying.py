"""Write rows in PostgreSQL's binary COPY format.

https://www.postgresql.org/docs/16/sql-copy.html#SQL-COPY-FILE-FORMATS. Each table's rows have one
fixed layout, so a row is one ``struct`` pack; what varies in length follows it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from struct import Struct

from nabd.fhir.search import Index
from nabd.store.connection import Connection
from nabd.store.row import Row

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
PIECE = 512 * 1024
NULL = b"\xff\xff\xff\xff"

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
INT8_OID = 20

RESOURCE = (
    "key",
    "updated",
    "version",
    "dictionary",
    "batch",
    "type",
    "hash",
    "id",
    "body",
    "terms",
)
DATES = ("key", "param", "lo", "hi")
NUMBERS = ("key", "param", "lo", "hi", "unit", "code", "context")
STRINGS = ("key", "param", "folded", "exact")
KEYS = ("key", "term")

Indexed = tuple[int, Index]

_pack_resource = Struct(">hiqiqiiiiiiihiqi").pack
_pack_date = Struct(">hiqiiiqiq").pack
_pack_number = Struct(">hiqiiididiiiiii").pack
_pack_string = Struct(">hiqiii").pack
_pack_key = Struct(">hiqiq").pack
_pack_length = Struct(">i").pack


async def copy_rows(connection: Connection, rows: list[Row], batch: int) -> None:
    """Send resources with their index rows; live rows are sent by their own columns."""
    await _copy(connection, "resource", RESOURCE, (_resource(row, batch) for row in rows))
    await copy_index(connection, [(row.key, row.found) for row in rows])


async def copy_index(connection: Connection, found: list[Indexed]) -> None:
    """Send the index rows of resources, given with their keys."""
    await _copy(connection, "date_value", DATES, _dates(found))
    await _copy(connection, "number_value", NUMBERS, _numbers(found))
    await _copy(connection, "string_value", STRINGS, _strings(found))
    await _copy(connection, "key_value", KEYS, _keys(found))


async def _copy(
    connection: Connection, table: str, columns: tuple[str, ...], rows: Iterable[bytes]
) -> None:
    body = b"".join(rows)
    if body:
        await connection.copy_to_table(
            table, source=_pieces(body), columns=columns, format="binary"
        )


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield HEADER
    view = memoryview(body)
    for start in range(0, len(body), PIECE):
        yield bytes(view[start : start + PIECE])
    yield TRAILER


def _resource(row: Row, batch: int) -> bytes:
    id_ = row.id.encode()
    updated = (row.updated - EPOCH) // MICROSECOND
    head = _pack_resource(
        10,
        8,
        row.key,
        8,
        updated,
        4,
        row.version,
        4,
        row.dictionary,
        4,
        batch,
        2,
        row.type,
        8,
        row.hash,
        len(id_),
    )
    body = row.body
    return b"".join((head, id_, _pack_length(len(body)), body, _terms(row.terms)))


def _terms(terms: list[int]) -> bytes:
    """Write a one-dimensional bigint array: its header, then each element after its length."""
    count = len(terms)
    if not count:
        return Struct(">iiii").pack(12, 0, 0, INT8_OID)
    values = [8] * (2 * count)
    values[1::2] = terms
    return _array(count).pack(20 + 12 * count, 1, 0, INT8_OID, count, 1, *values)


@cache
def _array(count: int) -> Struct:
    return Struct(">iiiiii" + "iq" * count)


def _dates(found: list[Indexed]) -> Iterable[bytes]:
    return (
        _pack_date(4, 8, key, 4, param, 8, lo, 8, hi)
        for key, index in found
        for param, lo, hi in index.dates
    )


def _numbers(found: list[Indexed]) -> Iterable[bytes]:
    return (
        _pack_number(7, 8, key, 4, param, 8, lo, 8, hi, 4, unit, 4, code, 4, context)
        for key, index in found
        for param, lo, hi, unit, code, context in index.numbers
    )


def _keys(found: list[Indexed]) -> Iterable[bytes]:
    return (_pack_key(2, 8, key, 8, term) for key, index in found for (term,) in index.keys)


def _strings(found: list[Indexed]) -> Iterable[bytes]:
    for key, index in found:
        for param, folded, exact in index.strings:
            text = folded.encode()
            yield _pack_string(4, 8, key, 4, param, len(text)) + text + _nullable(exact)


def _nullable(text: str | None) -> bytes:
    if text is None:
        return NULL
    raw = text.encode()
    return _pack_length(len(raw)) + raw
