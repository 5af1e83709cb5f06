"""What the reader of a search may see, as SQL: of matches, of what chains touch, of includes."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.store.search.statement import Statement

Scope = tuple[int, ...] | None


class Sight(msgspec.Struct, frozen=True):
    """Who looks: ``scope`` as in the design, the types open to all, the types readable at all.

    ``readable`` None: every type.
    """

    scope: Scope = None
    open_types: tuple[str, ...] = ()
    readable: frozenset[str] | None = None

    def condition(
        self, statement: Statement, row: str, types: Collection[str], indexed: bool = False
    ) -> list[str]:
        """Say in SQL which rows of ``types`` (none: any) may be seen.

        The index on types is of use only where nothing better is: ``indexed``.
        """
        conditions = [f"not {row}.deleted"]
        seen = self._types(types)
        if seen is not None:
            conditions.append(_is_type(statement, row if indexed else f"0 + {row}", seen))
        if self.scope is not None and not (types and set(types) <= set(self.open_types)):
            conditions.append(self._scoped(statement, row, types))
        return conditions

    def _scoped(self, statement: Statement, row: str, types: Collection[str]) -> str:
        scoped = f"{row}.terms && {statement.bind(list(self.scope or ()), 'bigint[]')}"
        numbers = [TYPE_NUMBER[t] for t in self.open_types if not types or t in types]
        if numbers:
            scoped += f" or {row}.type = any({statement.bind(numbers, 'smallint[]')})"
        return f"({scoped})"

    def _types(self, types: Collection[str]) -> list[int] | None:
        if self.readable is None:
            return [TYPE_NUMBER[t] for t in types] or None
        return [TYPE_NUMBER[t] for t in types or TYPE_NUMBER if t in self.readable]


def _is_type(statement: Statement, row: str, numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"{row}.type = {statement.bind(numbers[0], 'smallint')}"
    return f"{row}.type = any({statement.bind(numbers, 'smallint[]')})"
