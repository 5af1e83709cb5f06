"""What an expert would write with Splink alone: the peers of the linkage benchmarks.

The blocking has the structure of ours, on the peer's own columns; names are compared by
Jaro–Winkler with term frequencies; m is learned by expectation maximisation in three sessions, u
from random pairs; clusters are Splink's connected components at .95. Phones and identifiers are
cleaned as ours are, so that what differs is the names, the blocks and the clusters.
"""

from __future__ import annotations

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95
RANDOM_PAIRS = 1e7  # the documentation of Splink finds 1e6 too few
IDENTIFIERS = ("cnie", "idcs", "cnss")
ALIKE = """substr(l.first_name,1,2) = substr(r.first_name,1,2) and l.surname = r.surname
and substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)"""
CLEANED = """
CREATE TABLE cleaned AS SELECT row_number() OVER () AS number, id,
  {given} AS given, {family} AS family, birth_date, substr(birth_date, 1, 4) AS year,
  CASE WHEN birth_date NOT LIKE '%-01-01' THEN birth_date END AS day,
  sex, commune, right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) AS phone, cnie, idcs, cnss
FROM '{path}'
"""


def register(con: duckdb.DuckDBPyConnection, path: str, romanise: bool) -> str:
    """Link a register, names as typed or by anyascii; return the table of its clusters."""
    column = "lower(trim({}))"
    if romanise:
        _romanised(con, path)
        column = "(SELECT latin FROM latin WHERE latin.text = {})"
    con.execute(
        CLEANED.format(given=column.format("given"), family=column.format("family"), path=path)
    )
    linker = Linker(DuckDBAPI(con).register("cleaned"), _settings(), log_level="ERROR")
    _train(
        linker,
        sure=[*IDENTIFIERS, ("birth_date", "given", "family")],
        sessions=[("birth_date", "commune"), ("given", "family"), ("birth_date", "given")],
    )
    return _clusters(linker)


def _romanised(con: duckdb.DuckDBPyConnection, path: str) -> None:
    from anyascii import anyascii

    found = con.execute(
        f"SELECT given FROM '{path}' WHERE given <> '' "
        f"UNION SELECT family FROM '{path}' WHERE family <> ''"
    ).fetchall()
    import pyarrow

    con.register(
        "latin",
        pyarrow.table(
            {
                "text": [t for (t,) in found],
                "latin": [anyascii(t).lower().strip() for (t,) in found],
            }
        ),
    )


def _settings() -> SettingsCreator:
    names = [
        compare.JaroWinklerAtThresholds(one, [0.92, 0.85]).configure(
            term_frequency_adjustments=True
        )
        for one in ("given", "family")
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        comparisons=[
            *names,
            _birth_date("birth_date"),
            compare.ExactMatch("sex"),
            compare.ExactMatch("commune").configure(term_frequency_adjustments=True),
            compare.ExactMatch("phone").configure(term_frequency_adjustments=True),
            *(compare.DamerauLevenshteinAtThresholds(one, 1) for one in IDENTIFIERS),
        ],
        blocking_rules_to_generate_predictions=[
            *map(block_on, IDENTIFIERS),
            block_on("day", "given"),
            block_on("day", "family"),
            block_on("given", "family", "year"),
            block_on("given", "family", "commune"),
            block_on("phone", "given"),
            block_on("phone", "year"),
            block_on("day", "commune"),
            block_on("day", "substr(family, 1, 3)", "sex"),
        ],
        retain_matching_columns=False,
    )


def _birth_date(column: str) -> compare.CustomComparison:
    return compare.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            levels.DamerauLevenshteinLevel(column, 1),
            levels.CustomLevel(f"substr({column}_l, 1, 4) = substr({column}_r, 1, 4)"),
            levels.ElseLevel(),
        ],
    )


Columns = str | tuple[str, ...]


def _train(linker: Linker, sure: list[Columns], sessions: list[Columns]) -> None:
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*_tuple(one)) for one in sure], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for session in sessions:
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*_tuple(session)), estimate_without_term_frequencies=True, max_pairs=5e5
        )


def _tuple(columns: Columns) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else columns


def _clusters(linker: Linker) -> str:
    scored = linker.inference.predict(threshold_match_probability=0.5)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, THRESHOLD)
    return str(found.physical_name)


def historical(con: duckdb.DuckDBPyConnection, path: str) -> str:
    """Link historical_50k as Splink's own notebook does (deduplicate 50k historical persons)."""
    con.execute(
        "CREATE TABLE cleaned AS SELECT unique_id AS id, unique_id AS number, * EXCLUDE unique_id, "
        f"first_name || ' ' || surname AS first_name_surname_concat FROM '{path}'"
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="number",
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        comparisons=[
            compare.ForenameSurnameComparison(
                "first_name",
                "surname",
                forename_surname_concat_col_name="first_name_surname_concat",
            ),
            compare.DateOfBirthComparison("dob", input_is_string=True),
            compare.PostcodeComparison("postcode_fake"),
            compare.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            compare.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(con).register("cleaned"), settings, log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
            ALIKE,
            "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
        ],
        recall=0.6,
    )
    training.estimate_u_using_random_sampling(max_pairs=5e6)
    for session in (("first_name", "surname"), ("dob",)):
        training.estimate_parameters_using_expectation_maximisation(block_on(*session))
    return _clusters(linker)
