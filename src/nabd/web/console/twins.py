"""The twins of a page: the same table as JSON and as CSV, at the same address with a suffix."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from nabd.access.figure import Name
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.fhir.json import encode

KINDS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def twin(page: Page, kind: str, wanted: str = "") -> bytes:
    """Write the page's tables as ``kind``: "json", or "csv" of the one table ``wanted``.

    Raises Problem N7501 for a table that the page does not have.
    """
    table = page.more.get(wanted) if wanted else page.table or Table((), ())
    if table is None:
        raise problem("N7501")
    return as_csv(table) if kind == "csv" else as_json(page, page.table or Table((), ()))


def as_json(page: Page, table: Table) -> bytes:
    """Write rows as objects, names in both languages; further tables beside the page's own."""
    more = {name: _objects(one) for name, one in page.more.items()}
    return encode({"page": page.template.removesuffix(".html"), "rows": _objects(table), **more})


def _objects(table: Table) -> list[dict[str, Any]]:
    return [{c.name: _plain(row.get(c.name)) for c in table.columns} for row in table.rows]


def as_csv(table: Table) -> bytes:
    """Write rows with a header; the mark at the start tells spreadsheets that it is UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe before it
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for column in table.columns for name in _headers(column)])
    for row in table.rows:
        writer.writerow([cell for column in table.columns for cell in _cells(column, row)])
    return out.getvalue().encode("utf-8-sig")


def _headers(column: Column) -> Iterator[str]:
    if column.kind == "name":
        yield f"{column.name}_fr"
        yield f"{column.name}_ar"
    else:
        yield column.name


def _cells(column: Column, row: Mapping[str, Any]) -> Iterator[object]:
    value = row.get(column.name)
    if column.kind == "name":
        pair = value if isinstance(value, Name) else Name(str(value or ""), "")
        yield _harmless(pair.fr)
        yield _harmless(pair.ar)
    else:
        yield _harmless(value) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _plain(value: Any) -> Any:
    if isinstance(value, Name):
        return {"fr": value.fr, "ar": value.ar}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
