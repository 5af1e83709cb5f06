"""What the readers of tables share: rows of cells, each with its number and its problems."""

from __future__ import annotations

from typing import Any, NamedTuple

from nabd.errors import Issue


class Row(NamedTuple):
    """One row as it stands: cells by column, and what the reader found wrong with it."""

    number: int
    cells: tuple[Any, ...]
    issues: tuple[Issue, ...] = ()
    raw: bytes = b""


def is_empty(cells: tuple[Any, ...]) -> bool:
    """Say whether no cell holds anything."""
    return not any(cell is not None and str(cell).strip() for cell in cells)


def letter(index: int) -> str:
    """Return a column's letters as a spreadsheet shows them: 0 is A, 26 is AA."""
    index += 1
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
