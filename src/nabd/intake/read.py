"""Choose the reader of a source: by the mapping for tables, by the content for FHIR JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nabd.errors import problem
from nabd.intake.mapping.model import Mapping
from nabd.intake.readers import fhirjson, mapped
from nabd.intake.readers.mapped import Report
from nabd.intake.sources import ZIP, Source
from nabd.store.bulk.record import Record

TABLES = (".csv", ".csv.gz", ".xlsx", ".tsv")


def records(sources: Iterable[Source], mapping: Mapping | None, report: Report) -> Iterator[Record]:
    """Yield the records of all sources, in order."""
    for source in sources:
        if mapping is not None:
            yield from mapped.records(source, mapping, report)
        else:
            yield from _counted(fhirjson.records(source), report)


def require_mapping(sources: Iterable[Source], mapping: Mapping | None) -> None:
    """Refuse tables without a mapping, before anything is read: N5007."""
    for source in sources:
        if mapping is None and is_table(source):
            raise problem("N5007", source.name, name=source.name)


def is_table(source: Source) -> bool:
    """Say whether a source is a table: a workbook by its bytes, CSV by its name."""
    return source.name.lower().endswith(TABLES) or source.head(4) == ZIP


def _counted(found: Iterable[Record], report: Report) -> Iterator[Record]:
    for record in found:
        report.rows += 1
        yield record
