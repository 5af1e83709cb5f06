"""What the database knows of a batch's reading: its sources, its rows, its duplicates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nabd.intake.mapping.model import Mapping
from nabd.intake.readers.mapped import Duplicate, Report
from nabd.store import Store
from nabd.store import batch as batches
from nabd.store.connection import Connection

LOCK = 0x6E616269  # with the batch's number: held while a load of it is alive

INTERRUPTED = """select b.id from batch b join batch_reading r on r.batch = b.id
  where b.source = $1 and r.mark = $2 and b.finished is null order by b.id desc limit 1"""


@asynccontextmanager
async def begin(
    store: Store, source: str, mark: str, mapping: Mapping | None, actor: str
) -> AsyncIterator[int]:
    """Begin a batch, or go on with the one that was interrupted; hold it while it is loaded."""
    async with store.connection() as connection:
        number = await _interrupted(connection, source, mark)
        if number is None:
            number = await _new(connection, source, mark, mapping, actor)
        try:
            yield number
        finally:
            await connection.execute("select pg_advisory_unlock($1, $2)", LOCK, number)


async def note(store: Store, batch: int, report: Report) -> None:
    """Keep what the reader told."""
    async with store.transaction() as connection:
        await connection.execute(
            "update batch_reading set rows = $2 where batch = $1", batch, report.rows
        )
        await connection.executemany(
            """insert into batch_duplicate (batch, source, row, first, exact)
               values ($1, $2, $3, $4, $5) on conflict do nothing""",
            [(batch, *one) for one in report.duplicates],
        )


async def mapping_text(connection: Connection, batch: int) -> str:
    """Return the mapping that a batch was read with, as it was then; "" when there was none."""
    found: str | None = await connection.fetchval(
        "select mapping_text from batch_reading where batch = $1", batch
    )
    return found or ""


async def duplicates(connection: Connection, batch: int) -> list[Duplicate]:
    """List the duplicates that a batch reported."""
    rows = await connection.fetch(
        """select source, row, first, exact from batch_duplicate
           where batch = $1 order by source, row, first""",
        batch,
    )
    return [Duplicate(*row) for row in rows]


async def _interrupted(connection: Connection, source: str, mark: str) -> int | None:
    number: int | None = await connection.fetchval(INTERRUPTED, source, mark)
    return number if number is not None and await _hold(connection, number) else None


async def _new(
    connection: Connection, source: str, mark: str, mapping: Mapping | None, actor: str
) -> int:
    async with connection.transaction():
        batch = await batches.begin(connection, source, actor)
        await connection.execute(
            """insert into batch_reading (batch, mark, mapping, mapping_text)
               values ($1, $2, $3, $4)""",
            batch.id,
            mark,
            mapping.name if mapping else "",
            mapping.text if mapping else "",
        )
    await _hold(connection, batch.id)
    return batch.id


async def _hold(connection: Connection, number: int) -> bool:
    """Take the batch for this process; ``False`` when another is loading it now."""
    held: bool = await connection.fetchval("select pg_try_advisory_lock($1, $2)", LOCK, number)
    return held
