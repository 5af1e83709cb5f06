"""Measure the load of Synthea beside a bare binary COPY of the same JSON bytes.

    python -m bench.load [FOLDER] [--times N]

``--times`` loads N copies of the data under other ids, to see how the rate holds as it grows.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import re
import resource
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median

import asyncpg
import msgspec

from bench.figures import Figure, show
from nabd.slices import laws
from nabd.store import Store
from nabd.store.bulk import Record, load
from nabd.store.server import Server

SYNTHEA = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[2] / "shared")) / "data/synthea"
IDENTITY = re.compile(rb'((?:urn:uuid:|"id": ?")[0-9a-f]{8}-[0-9a-f]{4}-)[34]')
# What a copy has in place of the version of its UUIDs: no copy has an id of another.
COPIES = b"4" + b"56789abcdef012"


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def records(files: list[Path]) -> Iterator[Record]:
    """Read the Bundles."""
    for path in files:
        yield Record(gzip.decompress(path.read_bytes()), path.name, 1)


def copied(files: list[Path], copy: int, folder: Path) -> list[Path]:
    """Write the files of a further copy: every UUID has another digit for its version.

    They are written before the load, whose time is not to be told with that of our own work.
    """
    if not copy:
        return files
    found = [folder / path.name for path in files]
    for path, target in zip(files, found, strict=True):
        raw = gzip.decompress(path.read_bytes())
        raw = IDENTITY.sub(rb"\g<1>" + COPIES[copy : copy + 1], raw)
        target.write_bytes(gzip.compress(raw, compresslevel=1))
    return found


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
        seconds = [
            await timed_load(store, copied(files, copy, Path(folder)), total)
            for copy in range(times)
        ]
        disk = await _disk(store)
        await store.close()
    first = [
        seconds[0],
        *([await empty_store(files, total) for _ in range(2)] if times > 3 else ()),
    ]
    show(_figures(total, size, bare, first, seconds, disk))


async def timed_load(store: Store, files: list[Path], total: int) -> float:
    """Load everything, and return the seconds that it took."""
    start = time.perf_counter()
    batch = await load(store, records(files), source="synthea", actor="bench", laws=laws)
    seconds = time.perf_counter() - start
    assert (batch.received, batch.quarantined) == (total, 0), batch
    return seconds


async def empty_store(files: list[Path], total: int) -> float:
    """Load into a store that has nothing yet: a single load of few seconds tells too little."""
    with tempfile.TemporaryDirectory() as folder, Server.start(Path(folder) / "pg") as server:
        store = await Store.open(server.dsn(), laws())
        try:
            return await timed_load(store, files, total)
        finally:
            await store.close()


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


def _figures(
    total: int,
    size: int,
    bare: float,
    first: list[float],
    seconds: list[float],
    disk: list[tuple[str, int]],
) -> list[Figure]:
    times = len(seconds)
    used = sum(one for _, one in disk)
    largest = "; ".join(f"{name} {one / total / times:,.0f}" for name, one in disk[:4])
    figures = [
        Figure(
            f"load {total:,} resources of {size / total:,.0f} bytes",
            f"{total / median(first):,.0f}/s",
            "≥ 10,000/s",
            f"empty stores: {_rates(total, first)}",
        ),
        Figure(
            "…, share of a bare binary COPY",
            f"{bare / median(first):.0%}",
            "≥ 40 %",
            f"bare COPY {total / bare:,.0f}/s",
        ),
        Figure(
            "disk, all tables and indexes",
            f"{used / size / times:.2f} × JSON ({used / total / times:,.0f} bytes)",
            "≤ 0.6 × JSON",
            f"bytes a resource: {largest}",
        ),
        _memory(),
    ]
    if times > 3:
        late = seconds[-3:]
        last = f"{median(first) / median(late):.0%} ({total / median(late):,.0f}/s)"
        name = f"load rate with {(times - 3) * total:,} to {(times - 1) * total:,} resources there"
        beside = f"medians of the last three, {_rates(total, late)}, and of three empty stores"
        figures.insert(2, Figure(name, last, "≥ 85 %", beside))
    return figures


def _rates(total: int, seconds: list[float]) -> str:
    return ", ".join(f"{total / one:,.0f}/s" for one in seconds)


def _memory() -> Figure:
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    workers = os.cpu_count() or 1
    beside = f"this process {mine:,.0f} MiB + {workers} × largest child {child:,.0f} MiB"
    value = f"at most {mine + workers * child:,.0f} MiB"
    return Figure("memory of the load besides PostgreSQL", value, "≤ 600 MB", beside)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SYNTHEA)
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(measure(sorted(options.folder.glob("*.json.gz")), options.times))


if __name__ == "__main__":
    main()
