"""Link the records of a register: the steps in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

import duckdb
import pyarrow
from splink import DuckDBAPI, Linker

from nabd.identity.batch import blocks, features, model, pairs, records, report
from nabd.identity.batch.clusters import Clusters, Link, cluster
from nabd.identity.batch.settings import Settings

Progress = Callable[[str, float], None]
Decided = Iterable[tuple[str, str]]
STEPS = ("read", "names", "blocks", "learn", "compare", "cluster", "report")


class Linkage:
    """What a linkage found; it reads from its connection's tables, so keep that open."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, found: report.Report, learned: model.Model
    ) -> None:
        self.report = found
        self.model = learned
        self._con = con

    def people(self) -> Iterator[tuple[str, ...]]:
        """Give the ids of the records of each person who has more than one."""
        cursor = self._con.cursor()
        cursor.execute(
            "SELECT list(id ORDER BY number) FROM people JOIN records USING (number) "
            "GROUP BY cluster HAVING count(*) > 1 ORDER BY cluster"
        )
        while rows := cursor.fetchmany(10_000):
            yield from (tuple(ids) for (ids,) in rows)

    def links(self) -> Iterator[pairs.Pair]:
        """Give the links within people, the strongest first."""
        return pairs.read(self._con, self.model.columns, "reason = ''")

    def questions(self) -> Iterator[pairs.Pair]:
        """Give the pairs that a steward must decide, the strongest first."""
        return pairs.read(self._con, self.model.columns, "reason <> ''")


def link(
    rows: Iterable[records.Row] | duckdb.DuckDBPyRelation,
    settings: Settings = Settings(),  # noqa: B008
    *,
    con: duckdb.DuckDBPyConnection | None = None,
    known: model.Model | None = None,
    same: Decided = (),
    different: Decided = (),
    on_progress: Progress = lambda step, done: None,
) -> Linkage:
    """Link records to people.

    ``known`` is a model learned before: nothing is learned anew. ``same`` and ``different`` are
    pairs of ids that people have decided: the first are joined before any other link, the second
    never. ``con`` has the threads and the memory; its tables ``records``, ``pairs`` and ``people``
    are written. ``on_progress`` gets the name of each step and which part of all is done.
    """
    con = con or duckdb.connect()
    step = _steps(on_progress)
    step("read")
    count = records.load(con, rows, settings.identifiers)
    step("names")
    filled = features.build(con, settings.identifiers)
    step("blocks")
    rules = known.rules if known else blocks.usable(settings.rules, filled)
    hot = blocks.add(con, rules, settings.pairs_per_record * count)
    step("learn")
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker, learned = _learned(con, filled, settings, rules, known)
    step("compare")
    scored = linker.inference.predict(warning_mode="never")
    pairs.judge(con, scored.physical_name, list(learned.columns), settings)
    step("cluster")
    people(con, settings, _numbers(con, same), _numbers(con, different))
    step("report")
    return Linkage(con, _report(con, count, hot, settings, learned), learned)


def _steps(on_progress: Progress) -> Callable[[str], None]:
    return lambda step: on_progress(step, STEPS.index(step) / len(STEPS))


def _learned(
    con: duckdb.DuckDBPyConnection,
    filled: set[str],
    settings: Settings,
    rules: dict[str, str],
    known: model.Model | None,
) -> tuple[Linker, model.Model]:
    api = DuckDBAPI(con)
    table = api.register("features")
    if known:
        return Linker(table, known.splink, log_level="ERROR"), known
    identifiers = tuple(one for one in settings.identifiers if one in filled)
    started = model.settings(model.chances(con), filled, identifiers, settings.careful, list(rules))
    linker = Linker(table, started, log_level="ERROR")
    model.train(linker, filled, identifiers)
    return linker, model.Model.of(linker, rules)


def people(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    same: list[tuple[int, int]],
    different: list[tuple[int, int]],
) -> None:
    """Make the tables ``people`` (which cluster each record is of) and ``judged`` (pairs)."""
    link_is = f"weight >= {settings.match} AND NOT contradicts AND NOT unnamed"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE linked AS SELECT DISTINCT unnest([number_l, number_r]) "
        f"AS number FROM pairs WHERE {link_is}"
    )
    found = con.execute(f"SELECT weight, number_l, number_r FROM pairs WHERE {link_is}").fetchall()
    apart = con.execute(_APART.format(veto=settings.veto)).fetchall()
    links = [*map(Link._make, found), *(Link(float("inf"), *pair) for pair in same)]
    certain = [
        dict(con.execute(f"SELECT number, {one} FROM plain WHERE {one} IS NOT NULL").fetchall())
        for one in settings.certain
        if one in settings.identifiers
    ]
    _write(con, settings, cluster(links, [*apart, *different], certain))


# A garbled given name forbids its own link only; two well-known ones are of two people.
_APART = """
SELECT number_l, number_r FROM pairs JOIN plain a ON a.number = number_l
JOIN plain b ON b.number = number_r
WHERE (weight < {veto} OR (contradicts AND (not_given OR
    NOT coalesce(a.given_first LIKE '~%' OR b.given_first LIKE '~%', false))))
  AND number_l IN (FROM linked) AND number_r IN (FROM linked)
"""


def _write(con: duckdb.DuckDBPyConnection, settings: Settings, clusters: Clusters) -> None:
    whole = pyarrow.int64()
    joined = pyarrow.table(
        {
            "number": pyarrow.array(clusters.of.keys(), whole),
            "cluster": pyarrow.array(clusters.of.values(), whole),
        }
    )
    refused = pyarrow.table(
        {
            "number_l": pyarrow.array([r.link.left for r in clusters.refused], whole),
            "number_r": pyarrow.array([r.link.right for r in clusters.refused], whole),
            "reason": pyarrow.array([r.reason for r in clusters.refused], pyarrow.string()),
        }
    )
    con.register("joined", joined)
    con.register("refused", refused)
    con.execute(
        "CREATE OR REPLACE TABLE people AS SELECT number, coalesce(cluster, number) AS cluster "
        "FROM records LEFT JOIN joined USING (number)"
    )
    con.execute(_JUDGED.format(match=settings.match, review=settings.review))
    con.unregister("joined")
    con.unregister("refused")


# A question is asked only about records that did not meet in another way.
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
WHERE weight >= CASE WHEN a.cluster = b.cluster THEN {match} ELSE {review} END
"""


def _numbers(con: duckdb.DuckDBPyConnection, decided: Decided) -> list[tuple[int, int]]:
    ids = list(decided)
    if not ids:
        return []
    found = pyarrow.table({"a": [a for a, _ in ids], "b": [b for _, b in ids]})
    con.register("decided", found)
    numbers = con.execute(
        "SELECT a.number, b.number FROM decided JOIN records a ON a.id = decided.a "
        "JOIN records b ON b.id = decided.b"
    ).fetchall()
    con.unregister("decided")
    return numbers


def _report(
    con: duckdb.DuckDBPyConnection,
    count: int,
    hot: dict[str, int],
    settings: Settings,
    learned: model.Model,
) -> report.Report:
    sizes = report.sizes_of(con)
    links, false, missed = report.expected(con)
    ((compared,),) = con.execute("SELECT count(*) FROM pairs").fetchall()
    return report.Report(
        records=count,
        pairs=compared,
        links=links,
        clusters=sum(sizes.values()),
        sizes=sizes,
        questions=report.questions_of(con),
        hot={rule: number for rule, number in hot.items() if number},
        match=settings.match,
        review=settings.review,
        false_links=false,
        missed_links=missed,
        version=learned.version,
    )
