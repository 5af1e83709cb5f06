"""Bring records of people into DuckDB: one table of plain text columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import duckdb
import pyarrow

from nabd.errors import problem

COLUMNS = (
    "id", "given", "family", "birth_date", "sex", "phone", "commune", "postcode", "occupation",
)  # fmt: skip
ROWS = 50_000  # that are in memory at once

# What is no date (yyyy-mm-dd, yyyy-mm or yyyy) is no evidence, and is counted.  A slip within one,
# such as month 81, stays: it differs from the right date by an edit.
_IS_DATE = "regexp_matches(birth_date, '^[0-9]{{4}}(-|$)')"
# A whole name in the field of the family name is taken apart: the given name is written first, and
# a title or a particle before a word belongs to it.
_BEFORE = (
    "el|al|l|ben|bin|bel|bou|ould|a[iï]t|abd[a-z]*|moulay|my|sidi|si|lalla|ha(?:jj?|dj)a?|"
    "ال|بن|بو|ولد|[آأا]يت|عبد|مولاي|سيدي|لالة|الحاجة?"
)
_GIVEN = f"regexp_extract(family, '(?i)^((?:(?:{_BEFORE})[ .-]+)*[^ ]+)')"
_WHOLE = "given IS NULL AND strpos(family, ' ') > 0"
_SQL = f"""
CREATE OR REPLACE TABLE records AS
SELECT * REPLACE (
  CASE WHEN {_IS_DATE} THEN birth_date END AS birth_date,
  CASE WHEN {_WHOLE} THEN {_GIVEN} ELSE given END AS given,
  CASE WHEN {_WHOLE} THEN nullif(trim(substr(family, length({_GIVEN}) + 1)), '')
    ELSE family END AS family),
  birth_date IS NOT NULL AND NOT {_IS_DATE} AS undated
FROM (SELECT row_number() OVER () AS number, {{columns}} FROM rows_given)
"""

Row = Mapping[str, str | None]


def load(
    con: duckdb.DuckDBPyConnection,
    rows: Iterable[Row] | duckdb.DuckDBPyRelation,
    identifiers: tuple[str, ...],
) -> int:
    """Make the table ``records`` and return how many there are; what a row lacks is null.

    Problem N6120 when records have no id, or not one of their own.
    """
    names = (*COLUMNS, *identifiers)
    if isinstance(rows, duckdb.DuckDBPyRelation):
        have = set(rows.columns)
        columns = ", ".join(
            _clean(n) if n in have else f"CAST(NULL AS VARCHAR) AS {n}" for n in names
        )
        rows.create_view("rows_given", replace=True)
    else:
        columns = ", ".join(map(_clean, names))
        schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
        con.register(
            "rows_given", pyarrow.RecordBatchReader.from_batches(schema, _batches(rows, schema))
        )
    con.execute(_SQL.format(columns=columns))
    ((count, ids),) = con.execute("SELECT count(*), count(DISTINCT id) FROM records").fetchall()
    if count > ids:
        raise problem("N6120", count=count - ids)
    return int(count)


def _clean(name: str) -> str:
    return f"nullif(trim(CAST({name} AS VARCHAR)), '') AS {name}"


def _batches(rows: Iterable[Row], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    stream = iter(rows)
    while some := list(islice(stream, ROWS)):
        columns = [[row.get(name) for row in some] for name in schema.names]
        yield pyarrow.RecordBatch.from_arrays(
            [pyarrow.array(column, pyarrow.string()) for column in columns], schema=schema
        )
