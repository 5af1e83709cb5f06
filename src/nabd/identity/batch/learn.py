"""Learn the weights from the register itself, as far as it has something to teach.

m by expectation maximisation on pairs that agree on some columns, u from random pairs. Where there
are too few pairs, and for a level that none of them shows, the prior stays.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

import duckdb
from splink import Linker, block_on
from splink.internals.exceptions import SplinkException

from nabd.identity.batch import prior

RANDOM_PAIRS = 1e6  # for u
TRAINING_PAIRS = 2e5  # for m, in each session
FEWEST_PAIRS = 500  # below which a session teaches chance rather than weights
SEED = 1
# Each session learns m of what it does not block on; the first that a register can have is taken.
SESSIONS = (
    (("born", "commune"), ("born", "phone"), ("born", "postcode"), ("born",)),
    (("given_key", "family_key", "commune"), ("given_key", "family_key")),
    (("born", "given_key"),),
)
SURE = ("born", "given_key", "family_key")  # who shares these is one person, mostly
FOUND = 0.6  # the share of the pairs of one person that agree on these or on an identifier
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


def learn(linker: Linker, con: duckdb.DuckDBPyConnection, filled: set[str]) -> dict[str, Any]:
    """Train a linker whose settings hold the prior; return its model, without gaps."""
    ((records,),) = con.execute("SELECT count(*) FROM plain").fetchall()
    if records * (records - 1) / 2 >= prior.PAIRS:
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for choices in SESSIONS:
        session = next((one for one in choices if filled.issuperset(one)), None)
        if session and _teaches(con, filled, session):
            _learn_m(linker, session)
    return _filled(linker.misc.save_model_to_json())


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


def _filled(model: dict[str, Any]) -> dict[str, Any]:
    """Give the levels that no pair showed their prior: Splink takes them for almost impossible."""
    for comparison in model["comparisons"]:
        levels = comparison["comparison_levels"][1:]  # the first says that one of two is missing
        for level, (m, u) in zip(levels, prior.of(comparison["output_column_name"]), strict=True):
            if not level.get("is_null_level"):
                level["m_probability"] = level.get("m_probability") or m
                level["u_probability"] = level.get("u_probability") or u
    return model
