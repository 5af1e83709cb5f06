"""Which records are compared at all: those that share a block, unless the block is hot.

A block is the hash of what two records share. A hot block (everyone born on 1 January, every
Mohamed Alaoui) proposes billions of pairs that prove little: each rule leaves out its largest
blocks until it keeps to its budget of pairs. Most blocks have one record, and most of the others
two, which are a pair as they stand: only what is larger is joined with itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

_WORD = re.compile(r"[a-z_]+")

NAMES = {"given_key", "family_key"}
OF_NAMES = 0.25  # of the budget, for a rule of names alone: one in a thousand such pairs is right
FEWEST = 100_000  # pairs that any rule may propose: they take no time
_BLOCKS = """
CREATE OR REPLACE TEMP TABLE blocks AS
SELECT hash({rule}) AS block, count(*) AS n, min(number) AS lowest, max(number) AS highest
FROM plain WHERE {filled} GROUP BY ALL HAVING n > 1
"""
_PAIRS = """
INSERT INTO found
SELECT lowest, highest FROM blocks WHERE n = 2
UNION ALL
SELECT a.number, b.number FROM members a JOIN members b USING (block) WHERE a.number < b.number
"""
_MEMBERS = """
CREATE OR REPLACE TEMP TABLE members AS
SELECT block, number FROM (SELECT hash({rule}) AS block, number FROM plain WHERE {filled})
SEMI JOIN (FROM blocks WHERE n BETWEEN 3 AND {largest}) USING (block)
"""


def usable(rules: Mapping[str, str], filled: set[str]) -> dict[str, str]:
    """Return the rules that a register with these columns filled can use.

    Two names alone find pairs, but do not decide: with nothing else to be compared there is none.
    """
    found = {name: rule for name, rule in rules.items() if _columns(rule) <= filled}
    return found if any(_columns(rule) - NAMES for rule in found.values()) else {}


def propose(
    con: duckdb.DuckDBPyConnection,
    identifiers: set[str],
    rules: Mapping[str, str],
    budget: float,
) -> dict[str, int]:
    """Make ``proposed`` of ``plain``: the pairs of records that share an identifier or a block.

    Its columns are those in which Splink takes pairs. ``budget`` is the number of pairs that a
    rule may propose, if it says more than names. Returns how many records each rule leaves out
    because their blocks are hot.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE found (join_key_l BIGINT, join_key_r BIGINT)")
    for one in sorted(identifiers):
        _add(con, one, float("inf"))
    left_out = {name: _add(con, rule, _share(rule, budget)) for name, rule in rules.items()}
    con.execute(
        "CREATE OR REPLACE TABLE proposed AS SELECT DISTINCT *, '0' AS match_key FROM found"
    )
    con.execute("DROP TABLE found")
    return left_out


def _columns(rule: str) -> set[str]:
    return set(_WORD.findall(rule)) - {"least", "greatest"}


def _share(rule: str, budget: float) -> float:
    return max(budget if _columns(rule) - NAMES else budget * OF_NAMES, FEWEST)


def _add(con: duckdb.DuckDBPyConnection, rule: str, budget: float) -> int:
    """Add the pairs of a rule to ``found``; return how many records are in hot blocks."""
    filled = " AND ".join(f"{column} IS NOT NULL" for column in sorted(_columns(rule)))
    con.execute(_BLOCKS.format(rule=rule, filled=filled))
    sizes = con.execute("SELECT n, count(*) FROM blocks GROUP BY n ORDER BY n").fetchall()
    largest = _largest(sizes, budget)
    con.execute(_MEMBERS.format(rule=rule, filled=filled, largest=largest))
    con.execute(_PAIRS)
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
