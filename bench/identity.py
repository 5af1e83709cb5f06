"""Measure batch linkage beside Splink's own pipelines: ``python -m bench.identity [RECORDS]``.

Three registers: historical_50k, the Ugandan test file of OpenCR, and a synthetic bilingual register
of Morocco of that many records (a million when none is said; ``bench.register``). Each pipeline
runs in a process of its own, one after the other: wall and processor seconds and peak memory are
of the whole process with its children; what each step of ours takes goes to standard error.
``python -m bench.identity NAME FILE`` runs one of ``RUNS`` and prints its ``Measured`` as JSON.
Precision, recall and F1 are of pairs in one cluster over *all* true pairs: what no rule proposes
counts as missed.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb

from bench import historical, names_of_morocco, peers, register
from bench.figures import Figure, show
from nabd.identity.batch import Settings, link

DATA = names_of_morocco.NAMES.parent / "linkage"
OURS = "SELECT id, cluster FROM people JOIN records USING (number)"
PEER = "SELECT cleaned.id AS id, cluster_id AS cluster FROM {} JOIN cleaned USING (number)"
UGANDA = (
    "SELECT rec_id AS id, given_name AS given, surname AS family, trim(sex) AS sex, "
    "phone_number AS phone, uganda_nin AS nin, art_number AS art, "
    "substr(d, 1, 4) || '-' || substr(d, 5, 2) || '-' || substr(d, 7, 2) AS birth_date "
    "FROM (SELECT *, trim(date_of_birth) AS d FROM read_csv('{path}', all_varchar=true))"
)
Run = Callable[[duckdb.DuckDBPyConnection, str], str]


class Measured(NamedTuple):
    """What one pipeline cost and found."""

    precision: float
    recall: float
    f1: float
    wall: float
    cpu: float
    memory: float  # MB, of the process and the largest of its children

    def text(self) -> str:
        """Say it in a cell of the table."""
        return (
            f"F1 {self.f1:.4f} (P {self.precision:.4f}, R {self.recall:.4f}); "
            f"{self.wall:.0f} s wall, {self.cpu:.0f} s CPU, {self.memory:,.0f} MB"
        )


def ours(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link the Moroccan register, and tell what each step takes."""
    began: list[tuple[str, float]] = []
    link(
        con.sql(f"FROM '{path}'"),
        con=con,
        on_progress=lambda step, _: began.append((step, time.perf_counter())),
    )
    ends = [*began[1:], ("", time.perf_counter())]
    spent = (f"{s} {end - start:.1f} s" for (s, start), (_, end) in zip(began, ends, strict=True))
    print("  " + ", ".join(spent), file=sys.stderr, flush=True)
    return OURS


def unguarded(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link the Moroccan register, joining all that is connected: what the guards are worth."""
    free = Settings(certain=(), careful=(), veto=-1000.0)
    link(con.sql(f"FROM '{path}'"), free, con=con)
    return OURS


def our_historical(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link historical_50k."""
    link(con.sql(historical.ROWS.format(path=path)), historical.SETTINGS, con=con)
    return OURS


def uganda(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link the Ugandan file."""
    settings = Settings(identifiers=("nin", "art"), certain=())
    link(con.sql(UGANDA.format(path=path)), settings, con=con)
    return OURS


RUNS: dict[str, Run] = {
    "ours": ours,
    "unguarded": unguarded,
    "typed": lambda con, path: PEER.format(peers.register(con, path, romanise=False)),
    "anyascii": lambda con, path: PEER.format(peers.register(con, path, romanise=True)),
    "historical": our_historical,
    "notebook": lambda con, path: PEER.format(peers.historical(con, path)),
    "uganda": uganda,
}
TRUTH = {
    "historical": "SELECT unique_id AS id, cluster AS person FROM '{path}'",
    "notebook": "SELECT unique_id AS id, cluster AS person FROM '{path}'",
    "uganda": "SELECT rec_id AS id, regexp_extract(rec_id, 'rec-[0-9]+') AS person "
    "FROM read_csv('{path}', all_varchar=true)",
}


def run(name: str, path: str) -> Measured:
    """Run one pipeline in this process and measure it."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect()
    start = time.perf_counter()
    clusters = RUNS[name](con, path)
    wall = time.perf_counter() - start
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    truth = TRUTH.get(name, "SELECT id, person FROM '{path}'").format(path=path)
    return Measured(
        *accuracy(con, clusters, truth),
        wall=wall,
        cpu=sum(one.ru_utime + one.ru_stime for one in used),
        memory=sum(one.ru_maxrss for one in used) / 1024,
    )


def accuracy(
    con: duckdb.DuckDBPyConnection, clusters: str, truth: str
) -> tuple[float, float, float]:
    """Return pairwise precision, recall and F1 of clusters."""
    ((both, found, true),) = con.execute(
        f"WITH t AS (SELECT person, cluster FROM ({clusters}) c JOIN ({truth}) t USING (id)) "
        "SELECT "
        + ", ".join(
            f"(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM t GROUP BY {by}))"
            for by in ("person, cluster", "cluster", "person")
        )
    ).fetchall()
    return both / found, both / true, 2 * both / (found + true)


def measure(name: str, path: Path) -> Measured:
    """Run one pipeline in a process of its own."""
    print(f"measuring: {name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-W", "ignore", "-m", "bench.identity", name, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(*json.loads(done.stdout.splitlines()[-1]))


def closed(mine: Measured, other: Measured) -> str:
    """Say how much of the distance to F1 = 1 that a peer leaves is closed."""
    return f"{(mine.f1 - other.f1) / (1 - other.f1):.0%}"


def main(records: int = 1_000_000) -> None:
    """Measure everything and show one table."""
    past, ugandan = DATA / "historical_50k.parquet", DATA / "uganda-5000.csv"
    book, history = measure("notebook", past), measure("historical", past)
    smoke = measure("uganda", ugandan)
    with tempfile.TemporaryDirectory() as folder:
        path = register.write(Path(folder) / "register.parquet", records)
        typed, romanised, mine = (measure(n, path) for n in ("typed", "anyascii", "ours"))
    name = f"Moroccan register, {records:,} records"
    distance, wall = "closes ≥ 67 % of the distance", max(typed.wall, romanised.wall)
    cpu = f"CPU × {mine.cpu / max(typed.cpu, romanised.cpu):.2f}"
    notebook, beside = f"Splink's notebook: {book.text()}", romanised.text()
    show(
        [
            Figure("historical_50k, clusters", history.text(), "F1 ≥ .86", notebook),
            Figure("Uganda 5,000 (smoke test)", smoke.text(), "", ""),
            Figure(f"{name}, clusters", mine.text(), "", ""),
            Figure("… beside Splink, names as typed", closed(mine, typed), distance, typed.text()),
            Figure("… beside Splink, anyascii", closed(mine, romanised), distance, beside),
            Figure("… wall time beside theirs", f"× {mine.wall / wall:.2f}", "≤ × 1.2", cpu),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], sys.argv[2])))
    else:
        main(*map(int, sys.argv[1:]))
