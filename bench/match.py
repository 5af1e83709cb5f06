"""Measure ``Patient/$match`` over HTTP on a generated bilingual register, as it grows.

    python -m bench.match [--sizes 100000 1000000] [--workers 1 2] [--seconds 10] [--register FILE]

The register is that of ``bench.register``; of people who have several records one is held out, and
asked for. The server is the real one; load generator and PostgreSQL share the machine with it.
People are drawn among the first records, as many as the smallest size: who has several among
100,000 of a million has more than others, and is found more easily; ``--sizes 1000000`` is fairer.
Half of the people are asked for when the server has answered the others already, each once: who
comes to a desk has mostly not been asked for before. All are then asked for over and over.
What is not measured here: linking. Its place in the feed is moved to the end after each load, so
that it does not run beside the measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import uvloop

from bench import register
from bench.client import Figures, drive, drive_once, request
from bench.figures import Figure, show
from bench.http import post, served, token_for
from nabd.identity.linking import READER
from nabd.slices import laws
from nabd.store import Store
from nabd.store.bulk import Record, load
from nabd.store.feed import Position
from nabd.store.follow import LAST_KEY, move
from nabd.store.server import Server

QUERIES = 2_000
SID = "https://nabd.health/fhir/sid/"
JSON = "application/fhir+json"
Row = dict[str, str | None]


class Measured(NamedTuple):
    """What was measured at one size of the register."""

    size: int
    workers: int
    recall: float
    first: Figures  # people who are asked for the first time
    again: Figures


def patient(row: Row) -> dict[str, Any]:
    """Write a record of the register as a Patient."""
    made: dict[str, Any] = {"resourceType": "Patient", "id": f"r{row['id']}"}
    known = [(kind, row[kind]) for kind in ("cnie", "idcs", "cnss") if row[kind]]
    if known:
        made["identifier"] = [{"system": SID + kind, "value": value} for kind, value in known]
    name = {"family": row["family"], "given": [row["given"]] if row["given"] else None}
    made["name"] = [{key: value for key, value in name.items() if value}]
    if row["phone"]:
        made["telecom"] = [{"system": "phone", "value": row["phone"]}]
    if row["sex"]:
        made["gender"] = {"m": "male", "f": "female"}.get(row["sex"][0].lower(), "unknown")
    if row["birth_date"]:
        made["birthDate"] = row["birth_date"]
    if row["commune"]:
        made["address"] = [{"city": row["commune"]}]
    return made


def rows(path: Path) -> Iterator[Row]:
    """Read the register in its (random) order."""
    query = f"select {', '.join(register.COLUMNS)} from '{path}'"
    cursor = duckdb.connect().execute(query)
    while found := cursor.fetchmany(10_000):
        for row in found:
            yield dict(zip(register.COLUMNS, row, strict=True))


def held_out(path: Path, among: int) -> dict[str, Row]:
    """Choose records to ask for, by id: people of whom another record comes early."""
    early: dict[str, list[Row]] = defaultdict(list)
    for row in islice(rows(path), among):
        early[str(row["person"])].append(row)
    several = [found for found in early.values() if len(found) > 1]
    chosen = random.Random(7).sample(several, min(QUERIES, len(several)))
    return {str(found[-1]["id"]): found[-1] for found in chosen}


async def filled(home: Path, path: Path, start: int, end: int, without: set[str]) -> None:
    """Load a slice of the register, and move the linker's place past it."""
    with Server.start(home / "postgres") as server:
        store = await Store.open(server.dsn(), laws())
        some = islice(rows(path), start, end)
        records = (
            Record(json.dumps(patient(row)).encode(), f"register {start}", number)
            for number, row in enumerate(some)
            if str(row["id"]) not in without
        )
        batch = await load(store, records, source="register", actor="bench", laws=laws)
        assert batch.quarantined == 0, batch
        async with store.transaction() as connection:
            horizon = await connection.fetchval("select pg_current_xact_id()::text")
            await move(connection, READER, Position(int(horizon), LAST_KEY))
        await store.close()


def posted(row: Row, token: str) -> bytes:
    """Make the request that asks who a record is."""
    return request("POST", "/fhir/Patient/$match", token, body_of(row), JSON)


def body_of(row: Row) -> bytes:
    """Write the Parameters of $match."""
    resource = {key: value for key, value in patient(row).items() if key != "id"}
    parameter = [{"name": "resource", "resource": resource}]
    return json.dumps({"resourceType": "Parameters", "parameter": parameter}).encode()


def hits(port: int, token: str, wanted: list[Row], people: dict[str, str]) -> int:
    """Ask for each record once; count the answers that have the same person."""
    hits = 0
    for row in wanted:
        answer = post(port, "/fhir/Patient/$match", token, body_of(row))
        ids = [entry["resource"]["id"][1:] for entry in answer.get("entry", ())]
        hits += any(people.get(one) == row["person"] for one in ids)
    return hits


def measured(
    port: int, token: str, wanted: list[Row], people: dict[str, str], options: argparse.Namespace
) -> tuple[float, Figures, Figures]:
    """Return the share of mates found, and the figures of people asked first, and again."""
    half, asked = len(wanted) // 2, [posted(row, token) for row in wanted]
    found = hits(port, token, wanted[:half], people)  # warms the server
    first = uvloop.run(drive_once(port, asked[half:], connections=options.connections))
    found += hits(port, token, wanted[half:], people)
    drives = drive(port, asked, connections=options.connections, seconds=options.seconds)
    return found / len(wanted), first, uvloop.run(drives)


def main() -> None:
    """Grow the register step by step; measure at each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, os.cpu_count() or 1])
    parser.add_argument("--register", type=Path, help="made before by bench.register")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        show(_figures(Path(name), options))


def _figures(folder: Path, options: argparse.Namespace) -> list[Figure]:
    home = folder / "home"
    path = options.register or register.write(folder / "register.parquet", options.sizes[-1])
    wanted = held_out(path, options.sizes[0])
    people = {str(row["id"]): str(row["person"]) for row in rows(path)}
    token, start, found = token_for(home), 0, []
    for size in options.sizes:
        asyncio.run(filled(home, path, start, size, set(wanted)))
        start = size
        for workers in options.workers:
            with served(home, workers) as (port, _):
                figures = measured(port, token, [*wanted.values()], people, options)
            found.append(Measured(size, workers, *figures))
    return [*_table(found), *_growth([one for one in found if one.workers == options.workers[0]])]


def _table(found: list[Measured]) -> Iterator[Figure]:
    for one in found:
        size, goal = f"{one.size:,} records, workers: {one.workers}", "≤ 15 / ≤ 60 ms"
        yield _driven(f"$match over HTTP, {size}, p50 / p99", one.again, goal)
        yield _driven(f"…, each person asked for the first time, {size}", one.first, goal)
        yield Figure(f"…, true mates found, {size}", f"{one.recall:.3f}", "≥ .98", "keys .969")


def _driven(name: str, figures: Figures, goal: str) -> Figure:
    p50, p99 = figures.quantile(0.5), figures.quantile(0.99)
    beside = f"{figures.rate:,.0f} answers/s; {dict(figures.statuses)}"
    return Figure(name, f"{p50:.1f} / {p99:.1f} ms", goal, beside)


def _growth(found: list[Measured]) -> Iterator[Figure]:
    for small, large in pairwise(found):
        value = large.again.quantile(0.5) / small.again.quantile(0.5)
        name = f"…, growth of p50 from {small.size:,} to {large.size:,}"
        yield Figure(name, f"× {value:.2f}", "≤ × 1.5 per × 10", "E-PIX × 6 from 1 M to 10 M")


if __name__ == "__main__":
    main()
