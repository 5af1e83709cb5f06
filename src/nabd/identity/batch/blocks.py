"""Which records are compared at all: those that share a block, unless the block is hot.

A block is the hash of what two records share, so that each rule of Splink is the equality of one
number. A hot block (everyone born on 1 January, every Mohamed Alaoui) proposes billions of pairs
that prove little: each rule leaves out its largest blocks until it keeps to its budget of pairs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

_WORD = re.compile(r"[a-z_]+")

NAMES = {"given_key", "family_key"}


def usable(rules: Mapping[str, str], filled: set[str]) -> dict[str, str]:
    """Return the rules that a register with these columns filled can use.

    Two names alone find pairs, but do not decide: with nothing else to be compared there is none.
    """
    found = {name: rule for name, rule in rules.items() if _columns(rule) <= filled}
    return found if any(_columns(rule) - NAMES for rule in found.values()) else {}


def add(con: duckdb.DuckDBPyConnection, rules: Mapping[str, str], budget: float) -> dict[str, int]:
    """Make ``features`` of ``plain``, with a column ``block_<rule>`` for each rule.

    ``budget`` is the number of pairs that a rule may propose. Returns how many records each rule
    leaves out because their blocks are hot.
    """
    left_out = {name: _cool(con, name, rule, budget) for name, rule in rules.items()}
    blocks = [
        f"{_block(name, rule, hot=left_out[name] > 0)} AS block_{name}"
        for name, rule in rules.items()
    ]
    con.execute(
        f"CREATE OR REPLACE TABLE features AS SELECT {', '.join(['*', *blocks])} FROM plain"
    )
    return left_out


def _columns(rule: str) -> set[str]:
    return set(_WORD.findall(rule)) - {"least", "greatest"}


def _filled(rule: str) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in sorted(_columns(rule)))


def _block(name: str, rule: str, *, hot: bool) -> str:
    cool = f" AND hash({rule}) NOT IN (SELECT block FROM hot_{name})" if hot else ""
    return f"CASE WHEN {_filled(rule)}{cool} THEN hash({rule}) END"


def _cool(con: duckdb.DuckDBPyConnection, name: str, rule: str, budget: float) -> int:
    """Note the hot blocks of a rule in ``hot_<rule>``; return how many records they have."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE hot_{name} AS SELECT hash({rule}) AS block, count(*) AS n "
        f"FROM plain WHERE {_filled(rule)} GROUP BY ALL HAVING n > 1"
    )
    sizes = con.execute(f"SELECT n, count(*) FROM hot_{name} GROUP BY n ORDER BY n").fetchall()
    largest = _largest(sizes, budget)
    con.execute(f"DELETE FROM hot_{name} WHERE n <= {largest}")
    return sum(size * blocks for size, blocks in sizes if size > largest)


def _largest(sizes: list[tuple[int, int]], budget: float) -> int:
    """Return the size up to which blocks are kept; two records are always compared.

    >>> _largest([(2, 5), (3, 1), (100, 1)], budget=10)
    3
    """
    largest, pairs = 2, 0
    for size, blocks in sizes:
        pairs += blocks * size * (size - 1) // 2
        if pairs > budget:
            break
        largest = max(largest, size)
    return largest
