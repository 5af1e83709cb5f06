"""Learn the weights from the register itself, as far as it has something to teach.

m by expectation maximisation on pairs that agree on some columns, u from random pairs. Where there
are too few pairs, and for a level that none of them shows, the prior stays.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from functools import partial
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import SplinkException

from nabd.identity.batch import prior, scale

RANDOM_PAIRS = 200_000  # for u, each of two records drawn anew
TRAINING_PAIRS = 1e5  # for m, in each session
CHANCES = ("m_probability", "u_probability")
FEWEST_PAIRS = 500  # below which a session teaches chance rather than weights
# Each session learns m of what it does not block on; the first that a register can have is taken.
SESSIONS = (
    (("born", "commune"), ("born", "phone"), ("born", "postcode"), ("born",)),
    (("given_key", "family_key", "commune"), ("given_key", "family_key")),
    (("born", "given_key"),),
)
SURE = ("born", "given_key", "family_key")  # who shares these is one person, mostly
FOUND = 0.6  # the share of the pairs of one person that agree on these or on an identifier
_RANDOM = """
CREATE OR REPLACE TEMP TABLE random_pairs AS
SELECT DISTINCT least(a, b) AS join_key_l, greatest(a, b) AS join_key_r
FROM (
  SELECT hash(2 * n) % {records} + 1 AS a, hash(2 * n + 1) % {records} + 1 AS b
  FROM range({pairs}) drawn(n)
) WHERE a <> b
"""
_PATTERNS = """
SELECT {shown}, count(*) FROM (
  SELECT {columns} FROM random_pairs
  JOIN plain l ON l.number = join_key_l JOIN plain r ON r.number = join_key_r
) GROUP BY ALL
"""
MATES = 0.1  # pairs of one person for each record, where nothing tells how many there are


def duplicates(
    con: duckdb.DuckDBPyConnection, identifiers: tuple[str, ...], filled: set[str]
) -> float:
    """Estimate the probability that two random records are of one person: at most a half."""
    keys = [(one,) for one in identifiers] + ([SURE] if filled.issuperset(SURE) else [])
    sure = " UNION ".join(
        "SELECT a.number, b.number FROM plain a JOIN plain b "
        f"USING ({', '.join(key)}) WHERE a.number < b.number"
        for key in keys
    )
    ((records,),) = con.execute("SELECT count(*) FROM plain").fetchall()
    agree = con.execute(f"SELECT count(*) FROM ({sure})").fetchall()[0][0] if keys else 0
    pairs = max(records * (records - 1) / 2, 1.0)
    return float(min((agree / FOUND or MATES * max(records, 1)) / pairs, 0.5))


def learn(
    con: duckdb.DuckDBPyConnection, started: SettingsCreator, filled: set[str]
) -> dict[str, Any]:
    """Learn the model of the settings that hold the prior; return it without gaps."""
    model = started.create_settings_dict("duckdb")
    ((records,),) = con.execute("SELECT count(*) FROM plain").fetchall()
    if records * (records - 1) / 2 >= prior.PAIRS:
        _learn_u(con, model, records)
    linker = _linker(con, model)
    for choices in SESSIONS:
        session = next((one for one in choices if filled.issuperset(one)), None)
        if session and _teaches(con, filled, session):
            _learn_m(linker, session)
    return _filled(model, linker.misc.save_model_to_json())


def _linker(con: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> Linker:
    """Make the linker that learns m: how frequent a value is does not matter to it."""
    plain = deepcopy(model)
    for comparison in plain["comparisons"]:
        for level in comparison["comparison_levels"]:
            level.pop("tf_adjustment_column", None)
    return scale.linker(DuckDBAPI(con), plain)


def _learn_u(con: duckdb.DuckDBPyConnection, model: dict[str, Any], records: int) -> None:
    """Count how often random pairs show each level.

    Splink's own sample compares a few hundred records with each other, so that each of their names
    counts hundreds of times, and looks at one comparison after the other on one processor.
    """
    con.execute(_RANDOM.format(records=records, pairs=RANDOM_PAIRS))
    comparisons = [one["comparison_levels"] for one in model["comparisons"]]
    shown = ", ".join(map(_shown, comparisons))
    patterns = con.execute(_PATTERNS.format(columns=_both(con), shown=shown)).fetchall()
    for place, levels in enumerate(comparisons):
        seen = Counter[int]()
        for *numbers, pairs in patterns:
            seen[numbers[place]] += pairs
        _set_u(levels, seen)


def _both(con: duckdb.DuckDBPyConnection) -> str:
    """Name the columns of two records as Splink does."""
    names = [row[0] for row in con.execute("DESCRIBE plain").fetchall()]
    return ", ".join(f"{side}.{name} AS {name}_{side}" for name in names for side in "lr")


def _shown(levels: list[dict[str, Any]]) -> str:
    """Write which level of a comparison, by its place, a pair shows."""
    conditions = [(place, level["sql_condition"]) for place, level in enumerate(levels)]
    (last, _) = conditions.pop()
    whens = " ".join(f"WHEN {condition} THEN {place}" for place, condition in conditions)
    return f"CASE {whens} ELSE {last} END"


def _set_u(levels: list[dict[str, Any]], seen: Counter[int]) -> None:
    told = {place: level for place, level in enumerate(levels) if not level.get("is_null_level")}
    pairs = sum(seen[place] for place in told)
    for place, level in told.items():
        if seen[place] and not level.get("fix_u_probability"):
            level["u_probability"] = seen[place] / pairs


def _teaches(con: duckdb.DuckDBPyConnection, filled: set[str], session: tuple[str, ...]) -> bool:
    """Say whether enough pairs agree on these columns, and something is left to compare."""
    fixed = {column.removesuffix("_key") for column in session}
    columns = ", ".join(session)
    ((pairs,),) = con.execute(
        "SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM plain "
        f"WHERE {' AND '.join(f'{one} IS NOT NULL' for one in session)} GROUP BY {columns})"
    ).fetchall()
    return pairs >= FEWEST_PAIRS and bool(filled & prior.LEVELS.keys() - fixed)


def _learn_m(linker: Linker, session: tuple[str, ...]) -> None:
    """Learn m from pairs that agree on some columns.

    Splink also learns which share of these pairs is of one person, and writes an infinite weight
    where it finds that all are, as in a register without errors: then the share is not learned.
    Splink gives the linker the settings of the session, without the columns that it blocks on and
    with its own share, and takes them back only when the session ends well.
    """
    model = linker._settings_obj
    before = deepcopy(model.core_model_settings)
    learn = partial(
        linker.training.estimate_parameters_using_expectation_maximisation,
        block_on(*session),
        estimate_without_term_frequencies=True,
        max_pairs=TRAINING_PAIRS,
    )
    try:
        learn()
    except SplinkException:
        model.core_model_settings = before
        learn(fix_probability_two_random_records_match=True)


def _filled(model: dict[str, Any], learned: dict[str, Any]) -> dict[str, Any]:
    """Return the model with what was learned.

    A level that no pair showed keeps its prior: Splink takes it for almost impossible.
    """
    for comparison, found in zip(model["comparisons"], learned["comparisons"], strict=True):
        levels = zip(comparison["comparison_levels"], found["comparison_levels"], strict=True)
        for level, known in levels:
            level |= {name: known[name] for name in CHANCES if known.get(name)}
    return model
