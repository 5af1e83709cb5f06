"""Measure what an order costs PostgreSQL: searches of one type, by each kind of sort key.

    python -m bench.orders [--files 60] [--times 10]

The figures are the processor time of the connection's own server process, so that what else the
machine does counts little.  Nothing narrows these searches: each match has its value computed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import psutil

from bench.figures import Figure, show
from bench.load import records
from nabd.fhir.search import parse
from nabd.slices import laws
from nabd.store import Connection, Store
from nabd.store.bulk import load
from nabd.store.search import search
from nabd.store.server import Server

SYNTHEA = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[2] / "shared")) / "data/synthea"
ORDERS = ("", "_id", "date", "value-quantity", "status", "code", "category", "subject", "encounter")


async def cost(connection: Connection, order: str, times: int) -> float:
    """Return the processor seconds of one page in an order."""
    process = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
    query = parse("Observation", [("_sort", order)] if order else [])
    for _ in range(6):  # its plan is settled
        await search(connection, query, None)
    before = process.cpu_times()
    for _ in range(times):
        await search(connection, query, None)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / times


async def measure(files: list[Path], times: int) -> None:
    """Load, and print the table."""
    with tempfile.TemporaryDirectory() as folder, Server.start(Path(folder) / "pg") as server:
        store = await Store.open(server.dsn(), laws())
        await load(store, records(files), source="synthea", actor="bench", laws=laws)
        figures = []
        async with store.read() as connection:
            await connection.execute("analyze")
            query = parse("Observation", [("_summary", "count")])
            total = (await search(connection, query, None)).total or 1
            for order in ORDERS:
                seconds = await cost(connection, order, times)
                each = f"{seconds / total * 1e6:.1f} µs for each of {total:,} matches"
                name = f"a page ordered by {order or 'nothing'}"
                figures.append(Figure(name, f"{seconds * 1e3:.1f} ms", "", each))
        await store.close()
    show(figures)


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    files = sorted(SYNTHEA.rglob("*.json.gz"))[: options.files]
    asyncio.run(measure(files, options.times))


if __name__ == "__main__":
    main()
