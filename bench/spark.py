"""Compare a register's pairs on Spark too: ``python -m bench.spark FILE.parquet``.

Needs ``pip install pyspark`` (which is not among the project's libraries) and a Java. The register
is linked by DuckDB as usual; then Spark, on this machine, gets the same columns, pairs, frequencies
and weights, and weighs the pairs. What is printed is how many pairs each has found worth keeping,
how many of them both, and how many weights differ by more than a thousandth.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from splink import Linker

from nabd.identity.batch import Linkage, Settings, link, model
from nabd.identity.batch.frequencies import TABLES
from nabd.identity.batch.pairs import KEPT

COMPARED = """
SELECT count(a.weight) AS duckdb, count(b.match_weight) AS spark,
  count(a.weight + b.match_weight) AS both,
  count(*) FILTER (abs(a.weight - b.match_weight) > 0.001) AS otherwise
FROM (FROM pairs WHERE weight >= {kept}) a
FULL JOIN '{folder}/pairs/*.parquet' b USING (number_l, number_r)
"""


def settings(found: Linkage) -> dict[str, Any]:
    """Write the model in Spark's dialect, with the weights that were learned on DuckDB."""
    learned = found.model.splink
    columns = found.model.columns
    identifiers = tuple(one for one in columns if one in ("cnie", "idcs", "cnss"))
    rules, mates = found.model.rules.values(), learned["probability_two_random_records_match"]
    careful = Settings().careful
    plain = model.settings(lambda column: 0.01, set(columns), identifiers, careful, rules, mates)
    written = plain.create_settings_dict("spark")
    for mine, theirs in zip(written["comparisons"], learned["comparisons"], strict=True):
        levels = zip(mine["comparison_levels"], theirs["comparison_levels"], strict=True)
        for level, known in levels:
            level |= {name: known[name] for name in known if name[1:] == "_probability"}
    return written


def main(path: str) -> None:
    """Link a register, weigh its pairs on Spark, and show how they differ."""
    from pyspark.sql import SparkSession
    from splink.backends.spark import SparkAPI, similarity_jar_location

    con = duckdb.connect()
    found = link(con.sql(f"FROM '{path}'"), con=con)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.jars", similarity_jar_location())
    spark = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spark.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
        api = SparkAPI(spark_session=spark)

        def brought(table: str) -> Any:
            con.execute(f"COPY {table} TO '{folder}/{table}.parquet' (FORMAT parquet)")
            return api.register(spark.read.parquet(f"{folder}/{table}.parquet"))

        linker = Linker(brought("plain"), settings(found), validate_settings=False)
        for column, table in TABLES.items():
            linker.table_management.register_term_frequency_lookup(brought(table), column)
        linker.table_management.register_blocked_pairs_for_predict(brought("proposed"))
        predict = linker.inference.predict
        scored = predict(threshold_match_weight=KEPT, warning_mode="never").as_spark_dataframe()
        scored.select("number_l", "number_r", "match_weight").write.parquet(f"{folder}/pairs")
        con.sql(COMPARED.format(folder=folder, kept=KEPT)).show()
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
