"""Load records: cut them into chunks, let workers keep them, end the batch."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import chain

from nabd.store import batch as batches
from nabd.store.batch import Batch, Counts
from nabd.store.bulk.chunk import Loader, Scope
from nabd.store.bulk.record import CHUNK, Record
from nabd.store.bulk.workers import Keeper, Task, run
from nabd.store.connection import Connection
from nabd.store.database import Store
from nabd.store.values import Laws, Stamp

Progress = Callable[[Batch], None]

BYTES = 4 * 1024 * 1024  # of raw records per chunk: bounds the memory of the whole load
SETTLE = 500  # resources: after fewer, autovacuum is soon enough
ENTRIES = b'"resource"'


async def load(
    store: Store,
    records: Iterable[Record],
    *,
    source: str,
    actor: str,
    reason: str = "",
    laws: Callable[[], Laws] | None = None,
    scope: Scope | None = None,
    batch: int | None = None,
    workers: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Batch:
    """Keep all ``records`` and return their batch, whose law holds at every commit.

    ``batch`` continues a load that was interrupted. ``workers`` = 0 keeps everything in this
    process, on the store's own connection; so does a load of a single chunk. ``laws`` and
    ``scope`` must be importable by name when workers are used; without ``laws`` there are none
    but the store's, in this process.
    """
    async with store.connection() as connection:
        attempt = await batches.resume(connection, batch) if batch else 1
        begun = (
            await batches.show(connection, batch)
            if batch
            else await batches.begin(connection, source, actor)
        )
        covered = await batches.covered(connection, begun.id) if batch else {}
    stamp = Stamp(actor, reason, batch=begun.id)
    chunks = _chunks(_uncovered(records, covered), chunk)
    first = list(_take(chunks, 2))
    count = _workers(workers, laws is not None, len(first))
    async with AsyncExitStack() as stack:
        if count:
            assert laws is not None
            task = Task(store.dsn, laws, scope, stamp, attempt)
            keepers = await run(stack, task, count)
        else:
            keepers = [await stack.enter_async_context(_here(store, scope, stamp, attempt))]
        await _hand_out(chain(first, chunks), keepers, begun, progress)
    async with store.connection() as connection:
        done = await batches.finish(connection, begun.id)
        if done.stored >= SETTLE:
            await _settle(connection)
        return done


async def _settle(connection: Connection) -> None:
    """Sort what the index has still unsorted, and count again what plans are made from."""
    await connection.execute("select gin_clean_pending_list('resource_terms')")
    await connection.execute("analyze resource, date_value, number_value, string_value, text_value")


def _workers(asked: int | None, possible: bool, chunks: int) -> int:
    if not possible or chunks < 2:
        return 0
    return (os.cpu_count() or 1) if asked is None else asked


@asynccontextmanager
async def _here(
    store: Store, scope: Scope | None, stamp: Stamp, attempt: int
) -> AsyncIterator[Keeper]:
    async with store.connection() as connection:
        yield Loader(connection, store.laws, scope, stamp, attempt).keep


def _chunks(records: Iterable[Record], limit: int) -> Iterator[list[Record]]:
    """Cut where a chunk has enough resources or bytes, but no Bundle and no row of a source."""
    chunk: list[Record] = []
    resources = size = 0
    for record in records:
        if (resources >= limit or size >= BYTES) and chunk[-1][1:3] != record[1:3]:
            yield chunk
            chunk, resources, size = [], 0, 0
        chunk.append(record)
        resources += max(1, record.raw.count(ENTRIES))
        size += len(record.raw)
    if chunk:
        yield chunk


def _uncovered(
    records: Iterable[Record], covered: dict[str, list[tuple[int, int]]]
) -> Iterable[Record]:
    """Skip the records of transactions that have committed before."""
    if not covered:
        return records
    return (
        record
        for record in records
        if not any(a <= record.row <= b for a, b in covered.get(record.source, ()))
    )


def _take(chunks: Iterator[list[Record]], count: int) -> Iterator[list[Record]]:
    for _, chunk in zip(range(count), chunks, strict=False):
        yield chunk


async def _hand_out(
    chunks: Iterator[list[Record]], keepers: list[Keeper], begun: Batch, progress: Progress | None
) -> None:
    """Give every keeper the next chunk whenever it is free; the first failure ends all."""
    total = begun

    async def feed(keep: Keeper) -> None:
        nonlocal total
        for chunk in chunks:
            total = _added(total, await keep(chunk))
            if progress:
                progress(total)

    tasks = [asyncio.create_task(feed(keep)) for keep in keepers]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _added(batch: Batch, counts: Counts) -> Batch:
    return replace(
        batch,
        received=batch.received + counts.received,
        stored=batch.stored + counts.stored,
        unchanged=batch.unchanged + counts.unchanged,
        quarantined=batch.quarantined + counts.quarantined,
    )
