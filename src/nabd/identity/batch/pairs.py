"""What a scored pair of records means: a link, a question, or two people who must stay apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb

from nabd.identity.batch.settings import Settings

AGAINST = -1.0  # weight from which a piece of evidence speaks against
SURE = 7.0  # weight from which an identifier agrees: one that is shared by chance is rare
# Of what weighs less, 3 % at most of one person, only the pairs are kept that a cluster would join.
KEPT = -5.0
VIEW = """
CREATE OR REPLACE VIEW pairs AS
SELECT number_l, number_r, match_weight AS weight, match_probability AS probability{evidence},
  {against} > {agree} AS contradicts, {not_given} AS not_given,
  {unnamed} AND NOT {sure} AS unnamed
FROM ({scored})
"""


class Pair(NamedTuple):
    """Two records by id, the weight of their link (log2 of the odds), and of each field.

    ``reason`` says why a question is one: ``weak`` (between review and match), ``contradicts``
    (another given name or birth date), ``unnamed`` (a placeholder in place of a given name),
    ``apart`` or ``identifier`` (it would bring together records that are of two people).
    """

    left: str
    right: str
    weight: float
    evidence: Mapping[str, float]
    reason: str = ""


def judge(
    con: duckdb.DuckDBPyConnection, scored: list[str], columns: list[str], settings: Settings
) -> None:
    """Make the view ``pairs`` of what Splink scored, one column of evidence a comparison."""
    have = {row[0] for row in con.execute(f"DESCRIBE {scored[0]}").fetchall()}
    evidence = "".join(f", {_weight(column, have)} AS {column}" for column in columns)
    own = [one for one in settings.identifiers if one in columns and one not in settings.family]
    agree = [f"mw_{one} > {SURE}" for one in own]
    against = [f"mw_{one} < {AGAINST}" for one in settings.careful if one in columns]
    not_given = [one for one in against if not one.startswith("mw_given")]
    careful_of_given = "given" in settings.careful and "given" in columns
    if careful_of_given and "family" in columns:
        # another whole name counts twice: one number is not enough to say that it is a slip
        against.append(f"mw_given < {AGAINST} AND mw_family < {AGAINST}")
    con.execute(
        VIEW.format(
            evidence=evidence,
            against=_count(against),
            not_given=f"({' OR '.join(not_given or ['false'])})",
            agree=f"greatest({', '.join(['0', *map(_number, agree)])})",
            unnamed="mw_given = 0" if careful_of_given else "false",
            sure=f"({' OR '.join(agree or ['false'])})",
            scored=" UNION ALL ".join(f"FROM {table}" for table in scored),
        )
    )


def _weight(column: str, have: set[str]) -> str:
    adjusted = f" + mw_tf_adj_{column}" if f"mw_tf_adj_{column}" in have else ""
    return f"mw_{column}{adjusted}"


def _count(conditions: list[str]) -> str:
    return f"({' + '.join(map(_number, conditions)) or '0'})"


def _number(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def read(con: duckdb.DuckDBPyConnection, columns: list[str], where: str) -> Iterator[Pair]:
    """Read pairs with the ids of their records, the strongest first."""
    evidence = "".join(f", pairs.{column}" for column in columns)
    cursor = con.cursor()
    cursor.execute(
        f"SELECT a.id, b.id, weight, reason{evidence} "
        f"FROM pairs JOIN judged USING (number_l, number_r) "
        f"JOIN records a ON a.number = number_l JOIN records b ON b.number = number_r "
        f"WHERE {where} ORDER BY weight DESC, number_l, number_r"
    )
    while rows := cursor.fetchmany(10_000):
        for left, right, weight, reason, *found in rows:
            yield Pair(left, right, weight, dict(zip(columns, found, strict=True)), reason)
