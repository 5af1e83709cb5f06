"""Link the records of a register: the steps in order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

import duckdb

from nabd.errors import problem
from nabd.identity.batch import (
    blocks,
    features,
    frequencies,
    learn,
    model,
    pairs,
    people,
    records,
    report,
)
from nabd.identity.batch.scale import Scale
from nabd.identity.batch.settings import Settings

Progress = Callable[[str, float], None]
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
    same: people.Decided = (),
    different: people.Decided = (),
    on_progress: Progress = lambda step, done: None,
) -> Linkage:
    """Link records to people; Problem N6119 when nothing can be compared, N6120 about their ids.

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
    shared = features.build(con, settings.identifiers)
    frequencies.make(con)
    filled = features.comparable(con, settings.identifiers)
    step("blocks")
    rules = known.rules if known else blocks.usable(settings.rules, filled)
    identifiers = filled.intersection(settings.identifiers)
    if not rules and not identifiers:
        raise problem("N6119", count=count)
    hot = blocks.propose(con, identifiers, rules, settings.pairs_per_record * count)
    step("learn")
    logging.getLogger("splink").setLevel(logging.ERROR)
    learned = known or _learned(con, filled, settings, rules)
    step("compare")
    scale = Scale(con, learned.splink)
    scored = [scale.weigh("proposed", min(pairs.KEPT, settings.review))]
    pairs.judge(con, scored, learned.columns, settings)
    step("cluster")
    people.connect(con, settings, same, different)
    scored.append(scale.weigh("within", few=True))
    pairs.judge(con, scored, learned.columns, settings)
    people.make(con, settings)
    step("report")
    return Linkage(con, _report(con, count, shared, hot, settings, learned), learned)


def _steps(on_progress: Progress) -> Callable[[str], None]:
    return lambda step: on_progress(step, STEPS.index(step) / len(STEPS))


def _learned(
    con: duckdb.DuckDBPyConnection, filled: set[str], settings: Settings, rules: dict[str, str]
) -> model.Model:
    """Learn a model for the columns that this register has filled."""
    identifiers = tuple(one for one in settings.identifiers if one in filled)
    mates = learn.duplicates(con, identifiers, filled)
    chance = model.chances(con)
    started = model.settings(chance, filled, identifiers, settings.careful, rules.values(), mates)
    return model.Model.of(learn.learn(con, started, filled), rules)


def _report(
    con: duckdb.DuckDBPyConnection,
    count: int,
    shared: dict[str, int],
    hot: dict[str, int],
    settings: Settings,
    learned: model.Model,
) -> report.Report:
    sizes = report.sizes_of(con)
    links, false, missed = report.expected(con)
    ((compared,),) = con.execute("SELECT count(*) FROM proposed").fetchall()
    return report.Report(
        records=count,
        pairs=compared,
        links=links,
        clusters=sum(sizes.values()),
        sizes=sizes,
        questions=report.questions_of(con),
        undated=report.undated_of(con),
        shared={one: number for one, number in shared.items() if number},
        hot={rule: number for rule, number in hot.items() if number},
        match=settings.match,
        review=settings.review,
        false_links=false,
        missed_links=missed,
        version=learned.version,
    )
