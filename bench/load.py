"""Measure the load of Synthea beside a bare binary COPY of the same JSON bytes.

    python bench/load.py [FOLDER] [--times N]

``--times`` loads N copies of the data under other ids, to see how the rate holds as it grows.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import platform
import resource
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import msgspec

from nabd.slices import laws
from nabd.store import Store
from nabd.store.bulk import Record, load
from nabd.store.server import Server

SYNTHEA = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[2] / "shared")) / "data/synthea"
MEBIBYTE = 2**20


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def records(files: list[Path], copy: int = 0) -> Iterator[Record]:
    """Read the Bundles; of a further copy, the ids end in other digits."""
    for path in files:
        raw = gzip.decompress(path.read_bytes())
        if copy:
            raw = raw.replace(b"urn:uuid:", f"urn:uuid:{copy:02x}".encode())
            raw = raw.replace(b'"id": "', f'"id": "{copy:02x}'.encode())
        yield Record(raw, f"{path.name}#{copy}", 1)


def bodies(files: list[Path]) -> list[bytes]:
    """Return the minified JSON of every resource."""
    decode = msgspec.json.Decoder(_Bundle).decode
    return [
        bytes(entry.resource)
        for path in files
        for entry in decode(
            msgspec.json.format(gzip.decompress(path.read_bytes()), indent=-1)
        ).entry
    ]


async def bare_copy(dsn: str, rows: list[bytes]) -> float:
    """Copy the bytes into a table of one column, on one connection per core, and commit."""
    connections = [await asyncpg.connect(dsn) for _ in range(os.cpu_count() or 1)]
    await connections[0].execute("create table bare (body bytea)")
    await connections[0].execute("alter table bare alter body set storage external")
    start = time.perf_counter()
    share = -(-len(rows) // len(connections))
    await asyncio.gather(
        *(
            connection.copy_to_table(
                "bare", source=_pieces(rows[i * share : (i + 1) * share]), format="binary"
            )
            for i, connection in enumerate(connections)
        )
    )
    seconds = time.perf_counter() - start
    await connections[0].execute("drop table bare")
    for connection in connections:
        await connection.close()
    return seconds


async def _pieces(rows: list[bytes]) -> AsyncIterator[bytes]:
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    head = struct.Struct(">hi").pack
    for start in range(0, len(rows), 200):
        yield b"".join(head(1, len(row)) + row for row in rows[start : start + 200])
    yield b"\xff\xff"


async def measure(files: list[Path], times: int) -> None:
    """Print the table."""
    everything = bodies(files)
    total, size = len(everything), sum(map(len, everything))
    with tempfile.TemporaryDirectory() as folder, Server.start(Path(folder) / "pg") as server:
        bare = await bare_copy(server.dsn(), everything)
        del everything
        store = await Store.open(server.dsn(), laws())
        rows = [("bare binary COPY, one column", total / bare, 1.0)]
        for copy in range(times):
            start = time.perf_counter()
            batch = await load(
                store, records(files, copy), source="synthea", actor="bench", laws=laws
            )
            seconds = time.perf_counter() - start
            rows.append(
                (f"load {copy + 1}: {batch.received:,} received", total / seconds, bare / seconds)
            )
            assert (batch.received, batch.quarantined) == (total, 0), batch
        disk = await _disk(store)
        await store.close()
    _show(rows, total, size, disk, times)


async def _disk(store: Store) -> list[tuple[str, int]]:
    async with store.read() as connection:
        found = await connection.fetch(
            """select relname::text, pg_total_relation_size(oid) as size from pg_class
               where relkind = 'r' and relnamespace in
                 ('public'::regnamespace, 'live'::regnamespace)
               order by 2 desc"""
        )
        await connection.execute("select 1")
    return [(row[0], row[1]) for row in found if row[1] > 256 * 1024]


def _show(
    rows: list[tuple[str, float, float]],
    total: int,
    size: int,
    disk: list[tuple[str, int]],
    times: int,
) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{total:,} resources, {size / total:,.0f} bytes of minified JSON each")
    for name, rate, share in rows:
        print(f"  {name:34} {rate:10,.0f} resources/s   {share:6.0%} of the bare COPY")
    used = sum(one for _, one in disk)
    print(
        f"disk {used / total / times:,.0f} bytes a resource: {used / size / times:.2f} x its JSON"
    )
    for name, one in disk:
        print(f"  {name:34} {one / total / times:10,.0f} bytes a resource")
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"memory: this process {mine:,.0f} MiB (holds all bodies), largest child {child:,.0f} MiB"
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SYNTHEA)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(measure(sorted(options.folder.glob("*.json.gz")), options.times))


if __name__ == "__main__":
    main()
