"""Make people of records: the tables ``people`` (a record's cluster) and ``judged`` (pairs).

Nearly all that is connected by links holds no contradiction: there everything is joined, by
Splink's connected components. Only where records that must stay apart are connected does
``clusters`` decide link by link.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold as components

from nabd.identity.batch.clusters import Clusters, Link, Pair, cluster
from nabd.identity.batch.settings import Settings

Decided = Iterable[tuple[str, str]]

_LINKED = """
CREATE OR REPLACE TEMP TABLE linked AS
SELECT weight, number_l, number_r FROM pairs
WHERE weight >= {match} AND NOT contradicts AND NOT unnamed
"""
_EDGES = """
CREATE OR REPLACE TEMP TABLE edges AS
SELECT number_l, number_r FROM linked UNION ALL FROM decided_same
"""
_NODES = """
CREATE OR REPLACE TEMP TABLE nodes AS
SELECT DISTINCT unnest([number_l, number_r]) AS number FROM edges
"""
_WITHIN = """
CREATE OR REPLACE TEMP TABLE within AS
SELECT join_key_l, join_key_r, match_key
FROM proposed JOIN connected a ON a.number = join_key_l JOIN connected b ON b.number = join_key_r
ANTI JOIN pairs ON number_l = join_key_l AND number_r = join_key_r
WHERE a.component = b.component
"""
_APART = """
CREATE OR REPLACE TEMP TABLE apart AS
SELECT number_l, number_r, a.component AS component
FROM ({pairs}) JOIN connected a ON a.number = number_l JOIN connected b ON b.number = number_r
WHERE a.component = b.component
"""
# A garbled given name forbids its own link only; two well-known ones are of two people.
_FORBIDDEN = """
SELECT number_l, number_r FROM (FROM pairs WHERE contradicts OR weight < {veto})
JOIN plain l ON l.number = number_l JOIN plain r ON r.number = number_r
WHERE weight < {veto} OR not_given
  OR NOT coalesce(l.given_first LIKE '~%' OR r.given_first LIKE '~%', false)
"""
_TROUBLED = """
CREATE OR REPLACE TEMP TABLE troubled AS
SELECT component FROM apart UNION
SELECT component FROM connected JOIN decided_different ON number = number_l UNION
SELECT component FROM connected JOIN plain USING (number) GROUP BY component HAVING {contradict}
"""
_PEOPLE = """
CREATE OR REPLACE TABLE people AS
SELECT number, coalesce(
    joined.cluster, CASE WHEN troubled.component IS NULL THEN connected.component END, number
  ) AS cluster
FROM records LEFT JOIN connected USING (number) LEFT JOIN troubled USING (component)
LEFT JOIN joined USING (number)
"""
# A question is asked only about records that did not meet in another way, and not asked again.
_JUDGED = """
CREATE OR REPLACE TABLE judged AS
SELECT number_l, number_r, CASE
    WHEN a.cluster = b.cluster THEN ''
    WHEN refused.reason IS NOT NULL THEN refused.reason
    WHEN contradicts THEN 'contradicts'
    WHEN unnamed THEN 'unnamed'
    ELSE 'weak' END AS reason
FROM pairs JOIN people a ON a.number = number_l JOIN people b ON b.number = number_r
LEFT JOIN refused USING (number_l, number_r)
ANTI JOIN decided_different USING (number_l, number_r)
WHERE weight >= CASE WHEN a.cluster = b.cluster THEN {match} ELSE {review} END
"""


def connect(
    con: duckdb.DuckDBPyConnection, settings: Settings, same: Decided, different: Decided
) -> None:
    """Connect the records that links of ``pairs`` and people's decisions join.

    Makes ``within``: the pairs of connected records whose weight was too low to be kept.
    """
    _decided(con, "same", same)
    _decided(con, "different", different)
    con.execute(_LINKED.format(match=settings.match))
    con.execute(_EDGES)
    con.execute(_NODES)
    _components(con)
    con.execute(_WITHIN)


def make(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make ``people`` and ``judged`` of ``pairs`` and of the connected records."""
    con.execute(_APART.format(pairs=_FORBIDDEN.format(veto=settings.veto)))
    kinds = [one for one in settings.certain if one in settings.identifiers]
    contradict = " OR ".join(f"min({kind}) < max({kind})" for kind in kinds) or "false"
    con.execute(_TROUBLED.format(contradict=contradict))
    _write(con, settings, _clusters(con, kinds))


def _decided(con: duckdb.DuckDBPyConnection, outcome: str, pairs: Decided) -> None:
    """Make ``decided_<outcome>`` of pairs of ids; records that are not there are passed over."""
    ids = list(pairs)
    left, right = ([pair[end] for pair in ids] for end in (0, 1))
    text = pyarrow.string()
    given = {"one": pyarrow.array(left, text), "other": pyarrow.array(right, text)}
    con.register("decided", pyarrow.table(given))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE decided_{outcome} AS "
        "SELECT least(a.number, b.number) AS number_l, greatest(a.number, b.number) AS number_r "
        "FROM decided JOIN records a ON a.id = one JOIN records b ON b.id = other"
    )
    con.unregister("decided")


def _components(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``connected``: the component of each linked record, by its lowest number."""
    api = DuckDBAPI(con)
    found = components(
        api.register("nodes"), api.register("edges"), api, node_id_column_name="number"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE connected AS "
        f"SELECT number, cluster_id AS component FROM {found.physical_name}"
    )
    found.drop_table_from_database_and_remove_from_cache()


def _clusters(con: duckdb.DuckDBPyConnection, kinds: list[str]) -> Clusters:
    """Cluster the records of the components that hold a contradiction."""
    within = "JOIN connected ON number = number_l WHERE component IN (FROM troubled)"
    links, same, different = (
        con.execute(f"SELECT {columns} FROM {table} {within}").fetchall()
        for columns, table in (
            ("weight, number_l, number_r", "linked"),
            ("number_l, number_r", "decided_same"),
            ("number_l, number_r", "decided_different"),
        )
    )
    apart: list[Pair] = con.execute("SELECT number_l, number_r FROM apart").fetchall()
    certain = [
        dict(
            con.execute(
                f"SELECT number, {kind} FROM plain JOIN connected USING (number) "
                f"WHERE component IN (FROM troubled) AND {kind} IS NOT NULL"
            ).fetchall()
        )
        for kind in kinds
    ]
    return cluster(map(Link._make, links), apart, certain, same, different)


def _write(con: duckdb.DuckDBPyConnection, settings: Settings, clusters: Clusters) -> None:
    whole = pyarrow.int64()
    joined = {
        "number": pyarrow.array(clusters.of.keys(), whole),
        "cluster": pyarrow.array(clusters.of.values(), whole),
    }
    refused = {
        "number_l": pyarrow.array([one.link.left for one in clusters.refused], whole),
        "number_r": pyarrow.array([one.link.right for one in clusters.refused], whole),
        "reason": pyarrow.array([one.reason for one in clusters.refused], pyarrow.string()),
    }
    con.register("joined", pyarrow.table(joined))
    con.register("refused", pyarrow.table(refused))
    con.execute(_PEOPLE)
    con.execute(_JUDGED.format(match=settings.match, review=settings.review))
    con.unregister("joined")
    con.unregister("refused")
