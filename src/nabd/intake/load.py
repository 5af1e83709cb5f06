"""The pipeline: sources → records → check → (link) → keep, or quarantine.

Identity linkage will stand between check and keep: records then pass through it on their way from
:func:`nabd.intake.read.records` to :func:`nabd.store.bulk.load`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from nabd.fhir.json import Json
from nabd.intake import reading
from nabd.intake.mapping.model import Mapping
from nabd.intake.read import records, require_mapping
from nabd.intake.readers.mapped import Duplicate, Report
from nabd.intake.sources import Source, sources
from nabd.store import Laws, Stamp, Store, bulk
from nabd.store import batch as batches
from nabd.store.bulk import Record

Scope = Callable[[Json], tuple[int, ...]]
Progress = Callable[[batches.Batch], None]
Named = str | Path | Source


@dataclass(frozen=True, slots=True)
class Batch(batches.Batch):
    """A batch with what its sources told: rows read, and the duplicates among them.

    The law counts resources; a row of a table may make several.
    """

    rows: int = 0
    mapping: str = ""
    duplicates: tuple[Duplicate, ...] = ()


async def load(
    store: Store,
    paths: Iterable[Named],
    *,
    stamp: Stamp,
    mapping: Mapping | None = None,
    name: str = "",
    laws: Callable[[], Laws] | None = None,
    scope: Scope | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Load files, folders or "-" through one path, and return their batch.

    ``laws`` and ``scope`` let worker processes share the work: they must be importable by name.
    A load of the same sources that was interrupted is continued. Loading twice changes nothing.
    """
    named = list(paths)
    found = sources(named)
    require_mapping(found, mapping)
    report = Report()
    return await keep(
        store,
        records(found, mapping, report),
        source=name or _label(named),
        mark=mark_of(found, mapping),
        mapping=mapping,
        report=report,
        stamp=stamp,
        laws=laws,
        scope=scope,
        workers=workers,
        progress=progress,
    )


async def keep(
    store: Store,
    records: Iterable[Record],
    *,
    source: str,
    mark: str,
    report: Report,
    stamp: Stamp,
    mapping: Mapping | None = None,
    laws: Callable[[], Laws] | None = None,
    scope: Scope | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Keep records as one batch; ``mark`` tells the same sources from changed ones."""
    async with reading.begin(store, source, mark, mapping, stamp.actor) as number:
        kept = await bulk.load(
            store,
            records,
            source=source,
            actor=stamp.actor,
            reason=stamp.reason,
            laws=laws,
            scope=scope,
            batch=number,
            workers=workers,
            progress=progress,
        )
    await reading.note(store, kept.id, report)
    label = mapping.name if mapping else ""
    told = {field.name: getattr(kept, field.name) for field in fields(batches.Batch)}
    return Batch(**told, rows=report.rows, mapping=label, duplicates=tuple(report.duplicates))


def preview(paths: Iterable[Named], mapping: Mapping | None = None) -> Iterator[Record]:
    """Yield the records that a load would check, for ``nabd check``; nothing is stored."""
    found = sources(paths)
    require_mapping(found, mapping)
    return records(found, mapping, Report())


def _label(named: list[Named]) -> str:
    """Name a load after what was given to it: files and folders without the way to them."""
    known = [one.name if isinstance(one, Source) else Path(one).name or str(one) for one in named]
    return ", ".join(known[:3]) + (" …" if known[3:] else "")


def mark_of(found: list[Source], mapping: Mapping | None) -> str:
    """Return what changes when the sources or the mapping change."""
    said = [source.mark() for source in found] + [mapping.text if mapping else ""]
    return hashlib.blake2b("\n".join(said).encode(), digest_size=16).hexdigest()
