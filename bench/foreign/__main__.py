"""Measure a register by another hand: ``python -m bench.foreign [RECORDS]``.

Three profiles (``rates.py``): well kept, ordinary, dirty. Batch linkage beside the peers of
``bench.peers``, who get phones and identifiers cleaned; then finding, scoring and deciding online,
as in ``bench.matching``, of at most 100,000 records.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import duckdb

from bench.figures import Figure, show
from bench.foreign import desk
from bench.foreign.rates import PROFILES
from bench.identity import closed, measure
from bench.matching import Row, World, deciding, finding, patient
from nabd.identity.model import load
from nabd.identity.record import record_of

RECORDS, QUERIES, ARRIVALS, SEED = 50_000, 4_000, 20_000, 2026
ONLINE = 100_000  # records up to which all are decided about one by one: it takes minutes
SEXES = {"male": "m", "female": "f", None: ""}
NUMBER = "nullif(regexp_replace(upper({0}), '[^A-Z0-9]', '', 'g'), '') AS {0}"
CLEANED = """
COPY (SELECT * REPLACE ({numbers},
  translate(phone, '٠١٢٣٤٥٦٧٨٩', '0123456789') AS phone) FROM '{path}')
TO '{cleaned}' (FORMAT parquet)
"""


class Foreign(World):
    """The foreign register, ready to be compared."""

    def __init__(self, profile: str, count: int) -> None:
        self.rows = [_plain(row) for row in desk.rows(count, PROFILES.index(profile), SEED)]
        self.mates: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            self.mates[row["person"]].append(number)
        self.record = lru_cache(maxsize=200_000)(lambda n: record_of(patient(self.rows[n])))


def _plain(row: desk.Row) -> Row:
    return {**{name: value or "" for name, value in row.items()}, "sex": SEXES[row["sex"]]}


def linkage(profile: str, folder: Path, count: int) -> Iterator[Figure]:
    """Measure batch linkage beside the peers."""
    path = desk.write(folder / f"{profile}.parquet", count, profile, SEED)
    cleaned = folder / f"{profile}-cleaned.parquet"
    numbers = ", ".join(map(NUMBER.format, ("cnie", "idcs", "cnss")))
    duckdb.sql(CLEANED.format(numbers=numbers, path=path, cleaned=cleaned))
    mine = measure("ours", path)
    yield Figure(f"foreign register, {profile}, {count:,} records", mine.text(), "")
    for name, title in (("typed", "names as typed"), ("anyascii", "anyascii")):
        peer = measure(name, cleaned)
        found = f"{closed(mine, peer)}; wall time × {mine.wall / peer.wall:.2f}"
        goal = "closes ≥ 67 % of the distance; ≤ × 1.2"
        yield Figure(f"… beside Splink, {title}", found, goal, peer.text())


def online(profile: str, count: int) -> Iterator[Figure]:
    """Measure finding and deciding, without a database."""
    world, model = Foreign(profile, count), load()
    index, size = world.index()
    yield Figure(f"foreign register, {profile}: keys a record", f"{size:.2f}", "≤ 12")
    yield from finding(world, index, world.queries(QUERIES), model)
    yield from deciding(world, min(ARRIVALS, count), model)


def main(count: int = RECORDS) -> None:
    """Measure, and print one table."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for profile in PROFILES:
            figures += linkage(profile, Path(folder), count)
            if count <= ONLINE:
                figures += online(profile, count)
    show(figures)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
