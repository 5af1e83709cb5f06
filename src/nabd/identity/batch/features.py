"""Make of plain records what Splink compares: one row a record, one column a piece of evidence.

The columns are filled here, by DuckDB; a Splink backend only compares them, so the same model
serves DuckDB and Spark (the latter was tried once: decision 0012).
"""

from __future__ import annotations

import duckdb

from nabd.identity.batch import names

SHARED_BY = 100  # records: a number that more of them share is a placeholder, not one person's
_NOBODY = """
UPDATE plain SET {0} = NULL
WHERE {0} IN (SELECT {0} FROM plain GROUP BY {0} HAVING count({0}) > {1})
"""
# Arabic and Persian digits; a text with as many bytes as characters has none.
_ASCII = (
    "CASE WHEN strlen({0}) = length({0}) THEN {0} "
    "ELSE translate({0}, '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789') END"
)
_CODE = f"nullif(upper(regexp_replace({_ASCII}, '[^0-9A-Za-z]', '', 'g')), '') AS {{0}}"
# Of a date written 1 January often only the year is known: its day says nothing.
_SQL = """
CREATE OR REPLACE TABLE plain AS
SELECT number, g.* EXCLUDE (given_text), f.* EXCLUDE (family_text),
  birth_date AS born, CAST(substr(birth_date, 1, 4) AS SMALLINT) AS born_year,
  TRY_CAST(substr(birth_date, 6, 2) AS TINYINT) AS born_month,
  TRY_CAST(substr(birth_date, 9, 2) AS TINYINT) AS born_day,
  CASE WHEN length(birth_date) = 10 AND birth_date NOT LIKE '%-01-01' THEN birth_date END AS day,
  lower(sex) AS sex, lower(commune) AS commune, lower(postcode) AS postcode,
  lower(substr(postcode, 1, 3)) AS area,
  lower(occupation) AS occupation,
  nullif(right(regexp_replace({phone}, '[^0-9]', '', 'g'), 9), '') AS phone{codes}
FROM records r LEFT JOIN given_names g ON lower(r.given) = g.given_text
LEFT JOIN family_names f ON lower(r.family) = f.family_text
"""


def build(con: duckdb.DuckDBPyConnection, identifiers: tuple[str, ...]) -> dict[str, int]:
    """Make the table ``plain`` of ``records``.

    Returns, by identifier, how many records have a number that is left out, because more than
    ``SHARED_BY`` have it.
    """
    names.tables(con)
    codes = "".join(", " + _CODE.format(one) for one in identifiers)
    con.execute(_SQL.format(codes=codes, phone=_ASCII.format("phone")))
    return {one: _leave_out(con, one) for one in identifiers}


def _leave_out(con: duckdb.DuckDBPyConnection, identifier: str) -> int:
    ((records,),) = con.execute(_NOBODY.format(identifier, SHARED_BY)).fetchall()
    return int(records)


def comparable(con: duckdb.DuckDBPyConnection, identifiers: tuple[str, ...]) -> set[str]:
    """Return the columns of ``plain`` that can be compared.

    Those are the columns that tell records apart, and the identifiers that two records have. Of
    fewer than two records, which have nothing to be compared with, all columns are returned.
    """
    columns = [row[0] for row in con.execute("DESCRIBE plain").fetchall()]
    counts = ", ".join(
        f"count({one}) > 1" if one in identifiers else f"min({one}) < max({one})" for one in columns
    )
    ((count, *useful),) = con.execute(f"SELECT count(*), {counts} FROM plain").fetchall()
    return {one for one, is_useful in zip(columns, useful, strict=True) if is_useful or count < 2}
