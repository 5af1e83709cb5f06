"""Read ``_sort``: the parameters to order by, and where the value of each lies.

http://hl7.org/fhir/R4/search.html#sort leaves to the server what a token and a reference are
ordered by.  Here a token goes by its code and a reference by the id of what it leads to, because
the store can tell both from the terms it has: neither costs a write anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from nabd.errors import problem
from nabd.fhir.definitions import value_set
from nabd.fhir.search.branch import Branch, Leaf
from nabd.fhir.search.hashing import branch_mask, param, term
from nabd.fhir.search.parameters import Parameter, has_rows, parameters
from nabd.fhir.search.query import Sort
from nabd.fhir.search.values import of_code

_ROWS: dict[str, Literal["date", "number", "string"]] = {
    "date": "date",
    "number": "number",
    "quantity": "number",
    "string": "string",
    "uri": "string",
}
#: More keys than this decide nothing any more.
MOST_SORTS = 8
_CODINGS = frozenset({"Coding", "CodeableConcept"})


def sort(types: tuple[str, ...], value: str) -> dict[str, tuple[Sort, ...]]:
    """Read ``_sort``: parameters by weight, a minus for descending."""
    names = value.split(",")
    if len(names) > MOST_SORTS:
        raise problem("N2520", "_sort")
    return {"sort": tuple(_sort(types, name.strip()) for name in names)}


def _sort(types: tuple[str, ...], name: str) -> Sort:
    descending, code = name.startswith("-"), name.removeprefix("-")
    if code in ("_id", "_lastUpdated"):
        return Sort("id" if code == "_id" else "updated", (), descending)
    if not types or not all(code in parameters(t) for t in types):
        raise problem("N2501", "_sort", type=", ".join(types) or "Resource")
    made = _made([parameters(t)[code] for t in types], descending)
    if made is None:
        raise problem("N2513", "_sort", parameter=code)
    return made


def is_sortable(parameter: Parameter) -> bool:
    """Tell whether an answer can be ordered by the parameter."""
    return parameter.code in ("_id", "_lastUpdated") or _made([parameter], False) is not None


def _made(found: list[Parameter], descending: bool) -> Sort | None:
    kind = found[0].type
    if any(p.type != kind for p in found):
        return None
    branches = list(dict.fromkeys(branch for p in found for branch in p.branches))
    if kind == "uri" and not all(has_rows(name) for name in _names(branches)):
        return None
    if kind in _ROWS:
        return Sort(_ROWS[kind], tuple(param(name) for name in _names(branches)), descending)
    if kind == "token" and all(map(_is_coded, branches)):
        return Sort(
            "token",
            tuple(of_code(name) for name in _names(filter(_has_codings, branches))),
            descending,
            known=tuple(pair for branch in branches for pair in _known(branch)),
        )
    if kind == "reference" and all(map(_is_literal, branches)):
        refers = tuple((branch_mask(branch.name), branch.refers) for branch in branches)
        return Sort("reference", (), descending, refers=refers)
    return None


def _names(branches: Iterable[Branch]) -> Iterable[str]:
    return dict.fromkeys(branch.name for branch in branches)


def _is_coded(branch: Branch) -> bool:
    """Tell whether every code is known: from the vocabulary, or because a binding lists them."""
    return all(leaf.type in _CODINGS or _codes(leaf) for leaf in branch.leaves)


def _has_codings(branch: Branch) -> bool:
    return any(leaf.type in _CODINGS for leaf in branch.leaves)


def _is_literal(branch: Branch) -> bool:
    return {leaf.type for leaf in branch.leaves} == {"Reference"}


def _codes(leaf: Leaf) -> tuple[str, ...]:
    """List the codes that an element without systems can have; none where no binding says."""
    if leaf.type == "boolean":
        return ("false", "true")
    bound = value_set(leaf.binding) if leaf.type == "code" and leaf.binding else None
    return tuple(sorted(bound.codes)) if bound else ()


@cache
def _known(branch: Branch) -> tuple[tuple[int, str], ...]:
    """Pair the terms of bound codes with the codes."""
    return tuple(_terms(branch))


def _terms(branch: Branch) -> Iterator[tuple[int, str]]:
    codes = (code for leaf in branch.leaves for code in _codes(leaf))
    yield from ((term(f"{branch.name}={code}"), code) for code in dict.fromkeys(codes))
