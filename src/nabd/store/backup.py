"""Put a whole database into one file, and make it again on another machine.

The file is a sequence of zstd frames: a manifest, then for every table blocks of PostgreSQL's
binary COPY, then a footer with the rows and checksum of every table. Everything is read in one
snapshot, while others go on writing. ``tx`` is not carried over: the numbers of transactions mean
nothing in another cluster, so followers of the change feed begin again.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO

import msgspec
import zstandard

import nabd
from nabd.errors import problem
from nabd.store import follow, tables
from nabd.store.connection import Connection
from nabd.store.database import Store
from nabd.store.migrate import migrations, version

MAGIC = b"NABD-BACKUP-1\n"
LENGTH = Struct(">I")
BLOCK = 1024 * 1024
LEVEL = 6
PASSING = ("migration", "live_table", "batch_span")
"""Tables that a restore makes itself; spans only serve loads that run."""

Progress = Callable[[str, int], None]
"""Told the table's name and the rows done."""


class Table(msgspec.Struct):
    """One table of a backup."""

    name: str
    columns: list[str]
    rows: int = 0
    sha256: str = ""


class Manifest(msgspec.Struct):
    """What a backup is."""

    made: datetime
    nabd: str
    schema: int
    tables: list[Table]


TABLES = """select c.relname::text as name,
    array_agg(a.attname::text order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    and not a.attisdropped and a.attgenerated = '' and a.attname <> 'tx'
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> all($1)
  group by c.relname order by c.relname"""

REFERENCES = """select conrelid::regclass::text as child, confrelid::regclass::text as parent
  from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"""


async def backup(store: Store, path: Path, progress: Progress | None = None) -> Manifest:
    """Write ``path``, first under another name: a file of that name is always whole."""
    part = path.with_name(path.name + ".part")
    try:
        async with store.snapshot() as connection:
            with part.open("wb") as file:
                manifest = await _write(connection, file, progress)
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return manifest


async def restore(store: Store, path: Path, progress: Progress | None = None) -> Manifest:
    """Fill the empty database of ``store`` from ``path``, in one transaction; then check it.

    Raises N3025 when the file is not a whole backup, N3026 when the database is not empty,
    N3005 when the backup comes from a newer schema. Nothing is changed then.
    """
    with path.open("rb") as file:
        manifest = _read_manifest(file)
        if manifest.schema > migrations()[-1].number:
            raise problem("N3005", expected=migrations()[-1].number, actual=manifest.schema)
        async with store.transaction() as connection:
            await _empty(connection)
            for table in manifest.tables:
                await _read_table(connection, file, table, progress)
            _compare(file, manifest)
            await follow.begin_again(connection)
            await _continue_identities(connection)
    async with store.connection() as connection:
        await connection.bodies.refresh(connection)
        await connection.execute("analyze")
        for view in store.laws.views:
            await tables.rebuild(connection, view)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Say what a backup holds, without its rows and checksums."""
    with path.open("rb") as file:
        return _read_manifest(file)


async def _write(connection: Connection, file: BinaryIO, progress: Progress | None) -> Manifest:
    manifest = Manifest(
        datetime.now(UTC), nabd.__version__, await version(connection), await _tables(connection)
    )
    file.write(MAGIC)
    _block(file, msgspec.json.encode(manifest))
    for table in manifest.tables:
        await _write_table(connection, file, table)
        if progress:
            progress(table.name, table.rows)
    _block(file, msgspec.json.encode(manifest))
    return manifest


async def _tables(connection: Connection) -> list[Table]:
    """List the tables, those that others refer to first."""
    found = {row["name"]: Table(row["name"], row["columns"]) for row in await _found(connection)}
    parents: dict[str, set[str]] = {name: set() for name in found}
    for row in await connection.fetch(REFERENCES):
        if row["child"] in found and row["parent"] != row["child"]:
            parents[row["child"]].add(row["parent"])
    ordered: list[Table] = []
    while parents:
        ready = sorted(n for n, p in parents.items() if not p & parents.keys())
        ordered += [found[name] for name in ready]
        for name in ready:
            del parents[name]
    return ordered


async def _found(connection: Connection) -> list[Any]:
    return await connection.fetch(TABLES, list(PASSING))


async def _write_table(connection: Connection, file: BinaryIO, table: Table) -> None:
    digest = hashlib.sha256()
    buffer = bytearray()

    async def take(data: bytes) -> None:
        digest.update(data)
        buffer.extend(data)
        if len(buffer) >= BLOCK:
            _block(file, bytes(buffer))
            buffer.clear()

    status = await connection.copy_from_query(_select(table), output=take, format="binary")
    if buffer:
        _block(file, bytes(buffer))
    _block(file, b"")
    table.rows, table.sha256 = int(status.split()[-1]), digest.hexdigest()


def _select(table: Table) -> str:
    return f"select {_columns(table)} from {tables.quoted(table.name)}"


def _columns(table: Table) -> str:
    return ", ".join(map(tables.quoted, table.columns))


def _block(file: BinaryIO, data: bytes) -> None:
    """Write one frame after its length; an empty one ends a table."""
    frame = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(data)
    file.write(LENGTH.pack(len(frame)) + frame)


def _next(file: BinaryIO) -> bytes:
    head = file.read(LENGTH.size)
    frame = file.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    try:
        return zstandard.ZstdDecompressor().decompress(frame, max_output_size=64 * BLOCK)
    except zstandard.ZstdError:
        raise problem("N3025") from None


def _read_manifest(file: BinaryIO) -> Manifest:
    if file.read(len(MAGIC)) != MAGIC:
        raise problem("N3025")
    try:
        return msgspec.json.decode(_next(file), type=Manifest)
    except msgspec.DecodeError:
        raise problem("N3025") from None


async def _empty(connection: Connection) -> None:
    if await connection.fetchval("select exists (select from resource)"):
        raise problem("N3026")
    names = [tables.quoted(row["name"]) for row in await _found(connection)]
    await connection.execute(f"truncate {', '.join(names)} cascade")


async def _read_table(
    connection: Connection, file: BinaryIO, table: Table, progress: Progress | None
) -> None:
    digest = hashlib.sha256()

    async def blocks() -> AsyncIterator[bytes]:
        while data := _next(file):
            digest.update(data)
            yield data

    status = await connection.copy_to_table(
        table.name, source=blocks(), columns=table.columns, format="binary"
    )
    table.rows, table.sha256 = int(status.split()[-1]), digest.hexdigest()
    if progress:
        progress(table.name, table.rows)


def _compare(file: BinaryIO, restored: Manifest) -> None:
    """Compare what was restored with the footer: rows and checksum of every table."""
    written = msgspec.json.decode(_next(file), type=Manifest)
    if written.tables != restored.tables:
        raise problem("N3025")


async def _continue_identities(connection: Connection) -> None:
    """Let numbers given from now on follow those that were restored."""
    rows = await connection.fetch(
        """select c.relname::text as name, a.attname::text as column
           from pg_attribute a join pg_class c on c.oid = a.attrelid
           where a.attidentity <> '' and c.relnamespace = 'public'::regnamespace"""
    )
    for row in rows:
        table, column = tables.quoted(row["name"]), tables.quoted(row["column"])
        await connection.execute(
            f"""select setval(pg_get_serial_sequence($1, $2),
                greatest(1, (select coalesce(max({column}), 0) from {table})),
                exists (select from {table}))""",
            table,
            row["column"],
        )
