"""A statement as it grows: its text depends on the shape of a query only, never on its values."""

from __future__ import annotations

from typing import Any


class Statement:
    """Collects the values that a text speaks of as ``$1``, ``$2`` …"""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._names = 0

    def bind(self, value: Any, type_name: str) -> str:
        """Add a value; return how the text names it."""
        self.values.append(value)
        return f"${len(self.values)}::{type_name}"

    def alias(self, letter: str) -> str:
        """Give a table's alias that no other has."""
        self._names += 1
        return f"{letter}{self._names}"
