"""Keep one chunk of records: index, COPY, count — one transaction, or nothing.

What is new goes by COPY, what is there already with the same content is counted, and the rest
(changed, deleted before, twice in one chunk) goes through ``keep``. Units are all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import asyncpg

from nabd.errors import Issue, Problem, issue
from nabd.fhir.definitions import TYPE_NAME
from nabd.fhir.json import Json
from nabd.store import batch as batches
from nabd.store import quarantine
from nabd.store.batch import Counts
from nabd.store.bulk.copying import copy_rows
from nabd.store.bulk.prepare import Candidate, Checked, prepare, spans
from nabd.store.bulk.record import Record
from nabd.store.connection import Connection
from nabd.store.keep import keep
from nabd.store.quarantine import Rejected
from nabd.store.races import FasterWriterError
from nabd.store.row import Row, make_row, moment_of, now, scope_of, work_of
from nabd.store.tables import columns
from nabd.store.values import Laws, Stamp, Write
from nabd.store.written import VOCABULARY

Scope = Callable[[Json], tuple[int, ...]]

EXISTING = "select key, type, id, hash, deleted, terms from resource where key = any($1)"
LEARN = VOCABULARY.format("$1", "$2", "$3")
VOCABULARY_LIMIT = 500_000
ATTEMPTS = 10
RACES = (
    FasterWriterError,
    asyncpg.UniqueViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)

UNKEEPABLE = (
    asyncpg.DataError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)
"""What a record can do to us that no check foresaw: it is quarantined, and the others are kept."""


class Plan(NamedTuple):
    """What a chunk does, decided against what the database has."""

    new: list[Candidate]
    unchanged: int
    slow: list[Checked]


class Loader:
    """Keeps chunks on one connection; what it learns (the vocabulary) serves the next chunk."""

    def __init__(
        self,
        connection: Connection,
        laws: Laws,
        scope: Scope | None,
        stamp: Stamp,
        attempt: int = 1,
    ) -> None:
        self.connection = connection
        self.laws = laws
        self.scope = scope or _no_scope
        self.stamp = stamp
        self.batch = stamp.batch or 0
        self.attempt = attempt
        self._work = work_of(laws)
        self._vocabulary: set[tuple[int, int, str]] = set()

    async def keep(self, records: Sequence[Record]) -> Counts:
        """Keep a chunk; one that cannot be kept is halved until the record is found that is why."""
        try:
            return await self._keep_chunk(records)
        except UNKEEPABLE as error:
            if len(records) == 1:
                one = records[0]
                reason = issue("N3027", fault=type(error).__name__)
                return await self._keep_chunk([one._replace(issues=(*one.issues, reason))])
        middle = len(records) // 2
        first, second = await self.keep(records[:middle]), await self.keep(records[middle:])
        return first.plus(second)

    async def _keep_chunk(self, records: Sequence[Record]) -> Counts:
        """Keep a chunk whole; when another writer was faster, look again and redo it."""
        checked, wrong = prepare(records)
        for attempt in range(ATTEMPTS):
            texts: set[tuple[int, int, str]] = set()
            try:
                async with self.connection.transaction():
                    counts = await self._write(checked, list(wrong), texts)
                    await batches.add(
                        self.connection, self.batch, counts, spans(records), self.attempt
                    )
            except RACES:
                if attempt + 1 == ATTEMPTS:
                    raise
            else:
                self._learn(texts)
                return counts
        raise AssertionError("every attempt returns or raises")

    async def _write(
        self, checked: list[Checked], rejected: list[Rejected], texts: set[tuple[int, int, str]]
    ) -> Counts:
        plan = self._plan(checked, await self._existing(checked), rejected)
        await self._copy(plan.new, texts)
        slow = await self._keep_all(plan.slow, rejected)
        await quarantine.put(self.connection, self.batch, rejected)
        return Counts(
            stored=len(plan.new) + slow.stored,
            unchanged=plan.unchanged + slow.unchanged,
            quarantined=sum(one.resources for one in rejected),
        )

    async def _existing(self, checked: list[Checked]) -> dict[int, Any]:
        keys = sorted({c.key for one in checked for c in one.candidates})
        return {row["key"]: row for row in await self.connection.fetch(EXISTING, keys)}

    def _plan(
        self, checked: list[Checked], existing: dict[int, Any], rejected: list[Rejected]
    ) -> Plan:
        new: list[Candidate] = []
        slow: list[Checked] = []
        unchanged = 0
        seen: dict[int, int] = {}
        for one in checked:
            fresh = _fresh(one, existing, seen, self.scope)
            if fresh is None:
                slow.append(one)
                seen |= dict.fromkeys((c.key for c in one.candidates), 0)
                continue
            if issues := self._guard(fresh):
                rejected.append(one.unit.rejected(issues, one.candidates[0].type))
                continue
            seen |= {c.key: c.hash for c in fresh}
            new += fresh
            unchanged += len(one.candidates) - len(fresh)
        return Plan(new, unchanged, slow)

    def _guard(self, fresh: list[Candidate]) -> list[Issue]:
        guards = self.laws.guards
        found = [
            reason
            for one in fresh
            for rule in guards.get(one.type, ())
            for reason in rule(one.content, None, self.stamp)
        ]
        return found if any(reason.severity != "warning" for reason in found) else []

    async def _copy(self, new: list[Candidate], texts: set[tuple[int, int, str]]) -> None:
        """Send new resources in the order of their keys: pages of indexes are met once each.

        Their rows are made type by type: a type's dictionary stays in the processor's cache.
        """
        if not new:
            return
        moment = moment_of(now())
        make, bodies, work, scope = make_row, self.connection.bodies, self._work, self.scope
        rows = [
            make(bodies, work, c.content, 1, moment, c.hash, scope(c.content), c.compact)
            for c in sorted(new, key=_type)
        ]
        rows.sort(key=_key)
        await copy_rows(self.connection, rows, self.batch)
        await self._copy_live(rows)
        texts.update(text for row in rows for text in row.found.texts)
        unknown = texts - self._vocabulary
        if unknown:
            await self.connection.execute(LEARN, *map(list, zip(*unknown, strict=True)))

    async def _copy_live(self, rows: list[Row]) -> None:
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            for view, lines in row.live:
                kept = found.setdefault(view.name, [])
                kept.extend((row.key, number, *line) for number, line in enumerate(lines))
        for view in self.laws.views:
            if found.get(view.name):
                await self.connection.copy_records_to_table(
                    view.name,
                    schema_name="live",
                    records=found[view.name],
                    columns=[name for name, _ in columns(view)],
                )

    async def _keep_all(self, slow: list[Checked], rejected: list[Rejected]) -> Counts:
        """Keep units together where that works, else each for itself, to find the wrong ones."""
        if not slow:
            return Counts()
        try:
            return await self._keep(slow)
        except Problem:
            stored = unchanged = 0
            for one in slow:
                try:
                    counts = await self._keep([one])
                except Problem as found:
                    rejected.append(one.unit.rejected(found.issues, one.candidates[0].type))
                else:
                    stored, unchanged = stored + counts.stored, unchanged + counts.unchanged
            return Counts(stored=stored, unchanged=unchanged)

    async def _keep(self, some: list[Checked]) -> Counts:
        writes = [
            Write("update", c.type, c.id, c.content, scope=self.scope(c.content))
            for one in some
            for c in one.candidates
        ]
        async with self.connection.transaction():
            outcomes = await keep(self.connection, self.laws, writes, self.stamp)
        unchanged = sum(outcome.status == "unchanged" for outcome in outcomes)
        return Counts(stored=len(outcomes) - unchanged, unchanged=unchanged)

    def _learn(self, texts: set[tuple[int, int, str]]) -> None:
        """Remember what is committed, and only that."""
        if len(self._vocabulary) > VOCABULARY_LIMIT:
            self._vocabulary.clear()
        self._vocabulary |= texts


def _fresh(
    one: Checked, existing: dict[int, Any], seen: dict[int, int], scope: Scope
) -> list[Candidate] | None:
    """Return the new resources of a unit; ``None`` when it also changes what is there."""
    fresh: list[Candidate] = []
    for candidate in one.candidates:
        known = seen.get(candidate.key)
        row = existing.get(candidate.key)
        if known is None and row is None:
            fresh.append(candidate)
        elif candidate.hash != (known if known is not None else _hash_of(row, candidate, scope)):
            return None
    return fresh if len({c.key for c in fresh}) == len(fresh) else None


def _hash_of(row: Any, candidate: Candidate, scope: Scope) -> int:
    """Return the hash of what is there; 0 when ``keep`` must decide (gone, moved, a collision)."""
    same = not row["deleted"] and (TYPE_NAME[row["type"]], row["id"]) == candidate[1:3]
    found: int = row["hash"]
    if not same or found != candidate.hash:
        return 0
    terms = scope(candidate.content)
    return 0 if terms and terms != scope_of(row["terms"]) else found


def _key(row: Row) -> int:
    return row.key


def _no_scope(_: Json) -> tuple[int, ...]:
    return ()


def _type(candidate: Candidate) -> str:
    return candidate.type
