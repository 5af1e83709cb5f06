"""The pipelines that ``bench.identity`` measures, ours and the peers', and their truths.

They are apart from it because our parallel processes import the main module again, and Splink is
no small import.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from bench import historical, peers
from nabd.identity.batch import Settings, link

OURS = "SELECT id, cluster FROM people JOIN records USING (number)"
PEER = "SELECT cleaned.id AS id, cluster_id AS cluster FROM {} JOIN cleaned USING (number)"
UGANDA = (
    "SELECT rec_id AS id, given_name AS given, surname AS family, trim(sex) AS sex, "
    "phone_number AS phone, uganda_nin AS nin, art_number AS art, "
    "substr(d, 1, 4) || '-' || substr(d, 5, 2) || '-' || substr(d, 7, 2) AS birth_date "
    "FROM (SELECT *, trim(date_of_birth) AS d FROM read_csv('{path}', all_varchar=true))"
)
Run = Callable[[duckdb.DuckDBPyConnection, str], str]


def ours(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link the Moroccan register."""
    link(con.sql(f"FROM '{path}'"), con=con)
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
