"""XLSX: values only. A formula is a problem of its row: its cached result may be stale.

https://www.iso.org/standard/71691.html (Office Open XML), read with openpyxl.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from nabd.errors import Issue, Problem, issue, problem
from nabd.intake.readers.table import Row, is_empty, letter
from nabd.intake.sources import Source

MAX_FILE = 128 << 20
MAX_INFLATED = 512 << 20
MAX_SWELL = 200
SMALL = 4 << 20
MAX_CELLS = 20_000_000  # empty ones too: one cell far to the right makes a wide row


def rows(source: Source, sheet: str = "") -> Iterator[Row]:
    """Yield the rows of one sheet by row number; empty ones are left out.

    Problem N5012: not a workbook; N5004: it swells without end; N5013: no such sheet.
    """
    book = _open(source.bytes(MAX_FILE + 1))
    try:
        yield from _rows(_sheet(book, sheet))
    except Problem:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise
        raise problem("N5012") from error
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[Row]:
    size = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        size += len(cells)
        if size > MAX_CELLS:
            raise problem("N5018", limit=MAX_CELLS)
        values = tuple(cell.value for cell in cells)
        if not is_empty(values):
            yield Row(number, values, _formulas(cells))


def _formulas(cells: Any) -> tuple[Issue, ...]:
    found = [letter(i) for i, cell in enumerate(cells) if cell.data_type == "f"]
    return (issue("N5014", columns=", ".join(found)),) if found else ()


def _sheet(book: Any, name: str) -> Any:
    if not name and len(book.sheetnames) > 1:
        raise problem("N5013", name="—", sheets=", ".join(book.sheetnames))
    if name and name not in book.sheetnames:
        raise problem("N5013", name=name, sheets=", ".join(book.sheetnames))
    sheet = book[name] if name else book.worksheets[0]
    sheet.reset_dimensions()  # the declared size of a sheet may be wrong, and loses rows
    return sheet


def _open(content: bytes) -> Any:
    if len(content) > MAX_FILE:
        raise problem("N5006", limit=MAX_FILE >> 20, kept=0)
    try:
        _bounded(content)
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except Problem:
        raise
    except Exception as error:  # openpyxl raises what its parsers raise
        raise problem("N5012") from error


def _bounded(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    swollen = size > SMALL and size > MAX_SWELL * len(content)
    if swollen or size > MAX_INFLATED:
        raise problem("N5004")
