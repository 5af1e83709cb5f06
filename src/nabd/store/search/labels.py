"""What a row is ordered by where only hashes of it are kept: codes, and whom references lead to.

A term leads to its code by the vocabulary, a reference's term without its mask to its target.  Both
are looked up for each row that matches, so that a write pays nothing for them; ``offset 0`` keeps
the planner from joining whole tables instead.
"""

from __future__ import annotations

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search.query import Sort
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement


def code(statement: Statement, row: str, sort: Sort) -> str:
    """Write the first code of a row, in the direction of the order."""
    codes = [_looked_up(statement, row, sort)] if sort.params else []
    codes += [_bound(statement, row, sort)] if sort.known else []
    return f"(select {_first(sort)}(code) from ({' union all '.join(codes)}) _)"


def _looked_up(statement: Statement, row: str, sort: Sort) -> str:
    """Select the codes of Codings, which the vocabulary knows."""
    term, word = statement.alias("x"), statement.alias("w")
    params = statement.bind(list(sort.params), "int[]")
    return (
        f"select {word}.folded as code from unnest({row}.terms) {term}, lateral (select folded "
        f"from text_value where param = any({params}) and term = {term} offset 0) {word}"
    )


def _bound(statement: Statement, row: str, sort: Sort) -> str:
    """Select the codes that a binding lists: they are in no vocabulary."""
    known = statement.alias("b")
    terms = statement.bind([term for term, _ in sort.known], "bigint[]")
    codes = statement.bind([text for _, text in sort.known], "text[]")
    return (
        f'select {known}.code collate "C" as code from unnest({terms}, {codes}) '
        f"{known} (term, code) where {known}.term = any({row}.terms)"
    )


def target(statement: Statement, row: str, sort: Sort, sight: Sight) -> str:
    """Write the first id of what a row refers to; what the reader may not see has none.

    Otherwise the place in the order would tell a target that is hidden from one that never was.
    """
    key, found = statement.alias("k"), statement.alias("t")
    masks = statement.bind([mask for mask, _ in sort.refers], "bigint[]")
    numbers = [TYPE_NUMBER[name] if name else None for _, name in sort.refers]
    types = statement.bind(numbers, "smallint[]")
    keys = (
        f"select x # m.mask as key, m.type from unnest({row}.terms) x, "
        f"unnest({masks}, {types}) m (mask, type) offset 0"
    )
    seen = " and ".join(sight.condition(statement, found, ()))
    typed = f"({key}.type is null or {found}.type = {key}.type)"
    return (
        f"(select {_first(sort)}(id) from ({keys}) {key}, lateral (select {found}.id "
        f"from resource {found} where {found}.key = {key}.key and {typed} and {seen} offset 0) _)"
    )


def _first(sort: Sort) -> str:
    return "max" if sort.descending else "min"
