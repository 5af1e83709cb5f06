"""How frequent the values of a column are: agreement on a rare one says more.

In a register of thirty records, a family name that two of them have would be as frequent as
"Alaoui" in a country, and each person's own records make their values frequent: so what is counted
is softened by the prior, which a large register does not feel.
"""

from __future__ import annotations

import duckdb

from nabd.identity.batch import prior

COLUMNS = (
    "given", "given_key", "family", "family_key", "born", "commune", "phone", "postcode",
    "occupation",
)  # fmt: skip
_SQL = """
CREATE OR REPLACE TEMP TABLE {table} AS
SELECT {column}, (n + {share}) / (sum(n) OVER () + {records}) AS tf_{column}
FROM (SELECT {column}, count(*) AS n FROM plain WHERE {column} IS NOT NULL GROUP BY {column})
"""


TABLES = {column: f"frequency_{column}" for column in COLUMNS}


def make(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of frequencies of each column that has them."""
    for column, table in TABLES.items():
        share = prior.RECORDS * prior.alike(column)
        con.execute(_SQL.format(column=column, table=table, share=share, records=prior.RECORDS))
