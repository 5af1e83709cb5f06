"""CSV: declared encoding, strict quoting; a row that cannot be read is kept as its bytes.

https://www.rfc-editor.org/rfc/rfc4180

Nothing is guessed: where the mapping declares no encoding, UTF-8 (with or without its mark) is
expected, and every row that is not UTF-8 is a problem of that row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from nabd.errors import issue
from nabd.intake.readers.table import Row
from nabd.intake.sources import Source

MAX_CELL = 1 << 20
ENCODINGS = ("utf-8", "utf-8-sig", "cp1256", "cp1252", "iso-8859-1", "iso-8859-6", "utf-16")


def rows(source: Source, encoding: str = "utf-8-sig", delimiter: str = ",") -> Iterator[Row]:
    """Yield the rows of a CSV source by line number; the header rows too.

    ``encoding`` is one of :data:`ENCODINGS`; ``delimiter`` is one character.
    """
    csv.field_size_limit(MAX_CELL)
    with source.open() as file:
        lines = Lines(file, "utf-8-sig" if encoding == "utf-8" else encoding)
        while True:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            try:
                yield from _rows(reader, lines)
                return
            except csv.Error:
                # what was read since the last good row is one broken record; go on after it
                number, raw = lines.taken()
                yield Row(number, (), (issue("N5011"),), raw)


def _rows(reader: Iterator[list[str]], lines: Lines) -> Iterator[Row]:
    for cells in reader:
        number, raw = lines.taken()
        broken = any(_undecoded(cell) for cell in cells)
        found = (issue("N5010", encoding=lines.encoding),) if broken else ()
        yield Row(number, tuple(cells), found, raw if found else b"")


class Lines:
    """The lines of a file as text, remembering the bytes that belong to the current row."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.encoding = encoding
        self._file = self._narrow(file)
        self._number = 0
        self._first = 1
        self._raw: list[bytes] = []

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._number += 1
        self._raw.append(line)
        if self._number == 1 and self.encoding == "utf-8-sig":
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line.decode(self._codec, "surrogateescape")

    def taken(self) -> tuple[int, bytes]:
        """Return the number of the row's first line and the row's bytes; begin the next row."""
        number, raw = self._first, b"".join(self._raw)
        self._first, self._raw = self._number + 1, []
        return number, raw

    @property
    def _codec(self) -> str:
        return "utf-8" if self.encoding in ("utf-8-sig", "utf-16") else self.encoding

    def _narrow(self, file: IO[bytes]) -> Iterator[bytes]:
        """Turn UTF-16 into UTF-8 on the way, so that lines can be cut at their ends."""
        if self.encoding != "utf-16":
            return iter(file)
        text = file.read().decode("utf-16", "replace")
        return iter(text.encode("utf-8").splitlines(keepends=True))


def _undecoded(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text)
