"""Batches: where data came from, and the law that nothing of it is lost.

``received = stored + unchanged + quarantined``, counted in resources, is a CHECK constraint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from nabd.errors import problem
from nabd.store.connection import Connection

Span = tuple[str, int, int]
"""(source, first row, last row) of records that one transaction has covered."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One load of one source (a path, an address): its counts are true at every commit."""

    id: int
    source: str
    state: str
    actor: str
    started: datetime
    changed: datetime
    finished: datetime | None
    received: int
    stored: int
    unchanged: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What one transaction adds to a batch."""

    stored: int = 0
    unchanged: int = 0
    quarantined: int = 0

    @property
    def received(self) -> int:
        """All that came: the law."""
        return self.stored + self.unchanged + self.quarantined

    def plus(self, other: Counts) -> Counts:
        """Add what two transactions did."""
        return Counts(
            self.stored + other.stored,
            self.unchanged + other.unchanged,
            self.quarantined + other.quarantined,
        )


COLUMNS = ", ".join(field.name for field in fields(Batch))

ADD = """update batch set received = received + $2, stored = stored + $3,
  unchanged = unchanged + $4, quarantined = quarantined + $5, changed = now()
  where id = $1 and attempt = $6"""


async def begin(connection: Connection, source: str, actor: str) -> Batch:
    """Record that a load begins."""
    return _batch(
        await connection.fetchrow(
            f"insert into batch (source, actor) values ($1, $2) returning {COLUMNS}", source, actor
        )
    )


async def resume(connection: Connection, batch: int) -> int:
    """Go on with a batch: from now on, only who names the number returned may add to it.

    Workers of a load that was killed may still be at their last chunk: it commits before this
    returns, or never.
    """
    await show(connection, batch)
    attempt: int = await connection.fetchval(
        """update batch set attempt = attempt + 1, state = 'running', finished = null
           where id = $1 returning attempt""",
        batch,
    )
    return attempt


async def add(
    connection: Connection, batch: int, counts: Counts, spans: Iterable[Span], attempt: int = 1
) -> None:
    """Add the counts and the places of one transaction; call it last, it locks the batch.

    Raises N3028, so that the transaction is rolled back, when the batch was resumed by another.
    """
    await connection.execute(
        """insert into batch_span (batch, source, first, last)
           select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[])""",
        batch,
        *map(list, zip(*spans, strict=True)),
    )
    status = await connection.execute(
        ADD, batch, counts.received, counts.stored, counts.unchanged, counts.quarantined, attempt
    )
    if not status.endswith(" 1"):
        raise problem("N3028", batch=batch)


async def finish(connection: Connection, batch: int, state: str = "done") -> Batch:
    """Record that a load ended; when it is done, its places need no longer be known."""
    if state == "done":
        await connection.execute("delete from batch_span where batch = $1", batch)
    row = await connection.fetchrow(
        f"update batch set state = $2, finished = now() where id = $1 returning {COLUMNS}",
        batch,
        state,
    )
    return _batch(row)


async def show(connection: Connection, batch: int) -> Batch:
    """Return one batch; N3016 when there is none of that number."""
    row = await connection.fetchrow(f"select {COLUMNS} from batch where id = $1", batch)
    if row is None:
        raise problem("N3016", batch=batch)
    return _batch(row)


async def recent(connection: Connection, count: int = 50, before: int = 2**31 - 1) -> list[Batch]:
    """List batches, newest first; ``before`` is the id of the last one seen."""
    rows = await connection.fetch(
        f"select {COLUMNS} from batch where id < $2 order by id desc limit $1", count, before
    )
    return [_batch(row) for row in rows]


async def unfinished(connection: Connection, source: str) -> Batch | None:
    """Return the newest batch of ``source`` that was interrupted, if any."""
    row = await connection.fetchrow(
        f"""select {COLUMNS} from batch where source = $1 and state <> 'done'
            order by id desc limit 1""",
        source,
    )
    return None if row is None else _batch(row)


async def covered(connection: Connection, batch: int) -> dict[str, list[tuple[int, int]]]:
    """Return the spans of rows that are committed already, by source."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row in await connection.fetch(
        "select source, first, last from batch_span where batch = $1 order by first", batch
    ):
        found.setdefault(row["source"], []).append((row["first"], row["last"]))
    return found


def _batch(row: Any) -> Batch:
    return Batch(*row)
