"""Tables through a mapping: every row becomes a transaction Bundle, or goes to quarantine.

What is kept of a row that fails is the row itself with the name of its mapping (see
:func:`envelope`), so that it can be corrected and mapped again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from nabd.errors import Issue, Problem, issue
from nabd.fhir.json import Json, encode
from nabd.intake.mapping.model import Mapping
from nabd.intake.mapping.plan import Plan, named
from nabd.intake.readers import csvfile, xlsx
from nabd.intake.readers.table import Row, is_empty, letter
from nabd.intake.sources import Source
from nabd.store.bulk.record import Record

KEPT = 8 << 20


class Duplicate(NamedTuple):
    """A row that says what an earlier one said; ``exact``: in every cell."""

    source: str
    row: int
    first: int
    exact: bool


@dataclass
class Report:
    """What a reader has to tell besides records: rows read, and duplicates among them."""

    rows: int = 0
    duplicates: list[Duplicate] = field(default_factory=list)


def records(source: Source, mapping: Mapping, report: Report) -> Iterator[Record]:
    """Yield a record for each row of a table; the row number is the one a person sees."""
    read = _reader(source, mapping)
    last = 0
    try:
        rows = read()
        header = _header(rows, mapping)
        for record in _mapped(rows, header, _Pass(source, mapping, report)):
            last = record.row
            yield record
    except Problem as problem:  # of the file, not of a row: it stands after the rows before it
        yield Record(source.bytes(KEPT), source.name, last + 1, tuple(problem.issues))


def envelope(mapping: str, cells: Json) -> bytes:
    """Write a row as what quarantine keeps of it."""
    return encode({"mapping": mapping, "row": {k: _plain(v) for k, v in cells.items()}})


def is_envelope(raw: bytes) -> bool:
    """Say whether a record is a row that a mapping could not read."""
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(content, dict) and isinstance(content.get("row"), dict)


def remap(raw: bytes, mapping: Mapping) -> Json:
    """Map a corrected row again; raises the problem with all its issues."""
    content = msgspec.json.decode(raw)
    plan = Plan(mapping)
    columns = {column.header: name for name, column in mapping.columns.items()}
    cells = {columns[header]: v for header, v in content["row"].items() if header in columns}
    values, found = plan.values(cells)
    if found:
        raise Problem(found)
    return plan.bundle(values, plan.key(values))


class _Pass:
    """One pass over one table: the plan, and what the rows so far have said."""

    def __init__(self, source: Source, mapping: Mapping, report: Report) -> None:
        self.source = source
        self.mapping = mapping
        self.report = report
        self.plan = Plan(mapping)
        self._cells: dict[bytes, int] = {}
        self._keys: dict[str, tuple[int, bytes]] = {}
        self._same: dict[tuple[Any, ...], int] = {}

    def record(self, row: Row, headers: Sequence[str]) -> Record:
        """Map one row; note the duplicates it belongs to."""
        self.report.rows += 1
        cells = named(headers, row.cells)
        values, found = self.plan.values(cells) if not row.issues else ({}, list(row.issues))
        digest = hashlib.blake2b(repr(row.cells).encode("utf-8", "replace"), digest_size=12)
        if not found:
            key = self.plan.key(values)
            found = self._note(row.number, key, digest.digest(), values)
        if found:
            return self._rejected(row, headers, found)
        raw = encode(self.plan.bundle(values, key))
        return Record(raw, self.source.name, row.number)

    def _note(self, number: int, key: str, digest: bytes, values: Json) -> list[Issue]:
        first = self._cells.setdefault(digest, number)
        if first != number:
            self._duplicate(number, first, exact=True)
            return []
        known = self._keys.setdefault(key, (number, digest))
        if known[0] != number:
            return [issue("N5016", first=known[0])]
        for place, said in enumerate(self.plan.same(values)):
            first = self._same.setdefault((place, *said), number)
            if first != number:
                self._duplicate(number, first, exact=False)
        return []

    def _duplicate(self, number: int, first: int, *, exact: bool) -> None:
        self.report.duplicates.append(Duplicate(self.source.name, number, first, exact))

    def _rejected(self, row: Row, headers: Sequence[str], found: list[Issue]) -> Record:
        titles = [self.mapping.columns[name].header if name else "" for name in headers]
        cells = {title: cell for title, cell in zip(titles, row.cells, strict=False) if title}
        raw = row.raw or envelope(self.mapping.name, cells)
        return Record(raw, self.source.name, row.number, tuple(found))


class _Header(NamedTuple):
    """The columns of a table: the mapping's name of each, "" where it is ignored."""

    names: list[str]
    width: int
    ragged: bool
    ignored: frozenset[str]


def _mapped(rows: Iterator[Row], header: _Header, one: _Pass) -> Iterator[Record]:
    for row in rows:
        if row.issues or not is_empty(_wanted(row.cells, header)):
            yield one.record(_measured(row, header), header.names)


def _wanted(cells: tuple[Any, ...], header: _Header) -> tuple[Any, ...]:
    """Return the cells that the mapping knows: a legend beside the rows is not a row."""
    known = [cell for cell, name in zip(cells, header.names, strict=False) if name]
    return (*known, *_beyond(cells, header))


def _beyond(cells: tuple[Any, ...], header: _Header) -> tuple[Any, ...]:
    """Return the cells right of the header that are not in an ignored column."""
    right = enumerate(cells[header.width :], header.width)
    return tuple(cell for i, cell in right if letter(i) not in header.ignored)


def _measured(row: Row, header: _Header) -> Row:
    """Check that a row has as many cells as the header, where the format says how many."""
    extra = not is_empty(_beyond(row.cells, header))
    short = header.ragged and len(row.cells) < header.width
    if row.issues or not (extra or short):
        return row
    wrong = issue("N5015", expected=header.width, actual=len(row.cells))
    raw = row.raw or encode([_plain(cell) for cell in row.cells])
    return Row(row.number, row.cells, (wrong,), raw)


def _header(rows: Iterator[Row], mapping: Mapping) -> _Header:
    """Find the header row; N5008: a column is missing, N5009: one is not known."""
    row = next((row for row in rows if row.number >= mapping.source.header), None)
    found = _titles(row.cells if row else ())
    by_title = {_title(column.header): name for name, column in mapping.columns.items()}
    missing = [title for title in by_title if found.count(title) != 1]
    if row is None or row.number != mapping.source.header or missing:
        wanted = ", ".join(by_title)
        raise Problem([issue("N5008", expected=wanted, missing=", ".join(missing or by_title))])
    unknown = [
        title or letter(i)
        for i, title in enumerate(found)
        if title not in by_title and not _ignored(i, title, mapping)
    ]
    if unknown:
        raise Problem([issue("N5009", unknown=", ".join(unknown))])
    names = [by_title.get(title, "") for title in found]
    ragged = mapping.source.format == "csv"
    return _Header(names, len(names), ragged, frozenset(mapping.source.ignore))


def _titles(cells: Sequence[Any]) -> list[str]:
    """Return the titles of a header row without the empty cells at its end."""
    found = [_title(cell) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found


def _ignored(index: int, title: str, mapping: Mapping) -> bool:
    ignored = {_title(name) for name in mapping.source.ignore}
    return letter(index) in ignored or (bool(title) and title in ignored)


def _title(cell: Any) -> str:
    return " ".join(str(cell or "").split())


def _reader(source: Source, mapping: Mapping) -> Callable[[], Iterator[Row]]:
    told = mapping.source
    if told.format == "xlsx":
        return lambda: xlsx.rows(source, told.sheet)
    return lambda: csvfile.rows(source, told.encoding, told.delimiter)


def _plain(value: Any) -> Any:
    """Write a cell as JSON; a date as its ISO text."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
