"""Say what a linkage did, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import duckdb


class Report(NamedTuple):
    """Figures of one linkage.

    ``sizes`` counts clusters by their number of records, so that ``records`` is the sum of size
    times count. ``questions`` counts what a steward must decide, by reason. ``undated`` counts the
    records whose birth date was left out: it is none. ``shared`` counts, by identifier, the records
    whose number was left out: so many have it that it is nobody's. ``hot`` counts, by rule, the
    records that it left out because their block was too large. The expected figures come from the
    model's own probabilities: ``false_links`` of the links taken, ``missed_links`` of the compared
    pairs that were not taken, but for those that weigh less than ``pairs.KEPT``; pairs that no rule
    proposed are in neither.
    """

    records: int
    pairs: int
    links: int
    clusters: int
    sizes: Mapping[int, int]
    questions: Mapping[str, int]
    undated: int
    shared: Mapping[str, int]
    hot: Mapping[str, int]
    match: float
    review: float
    false_links: float
    missed_links: float
    version: str


def sizes_of(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Count the clusters of each size."""
    found = con.execute(
        "SELECT n, count(*) FROM (SELECT count(*) AS n FROM people GROUP BY cluster) "
        "GROUP BY n ORDER BY n"
    ).fetchall()
    return dict(found)


def questions_of(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the questions by reason."""
    found = con.execute(
        "SELECT reason, count(*) FROM judged WHERE reason <> '' GROUP BY reason ORDER BY reason"
    ).fetchall()
    return dict(found)


def undated_of(con: duckdb.DuckDBPyConnection) -> int:
    """Count the records whose birth date is no date."""
    ((count,),) = con.execute("SELECT count(*) FILTER (undated) FROM records").fetchall()
    return int(count)


def expected(con: duckdb.DuckDBPyConnection) -> tuple[int, float, float]:
    """Return the links taken, how many of them are expected to be false, and how many missed."""
    ((links, false, missed),) = con.execute(
        "SELECT count(*) FILTER (reason = ''),"
        " coalesce(sum(1 - probability) FILTER (reason = ''), 0),"
        " coalesce(sum(probability) FILTER (reason IS NULL OR reason = 'weak'), 0)"
        " FROM pairs LEFT JOIN judged USING (number_l, number_r)"
    ).fetchall()
    return int(links), float(false), float(missed)
