"""Which concepts of R4's code systems are kinds of which: for ``:above`` and ``:below``.

http://hl7.org/fhir/R4/codesystem.html#hierarchy
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from nabd.fhir.definitions.data import lines

Edges = Mapping[str, frozenset[str]]


@cache
def hierarchies() -> tuple[str, ...]:
    """List the code systems whose concepts nest."""
    return tuple(lines("hierarchy"))


@cache
def below(system: str) -> Edges:
    """Return the concepts right below each concept of a system; a leaf has none."""
    children = msgspec.json.decode(lines("hierarchy")[system], type=dict[str, frozenset[str]])
    leaves = frozenset().union(*children.values()) - children.keys()
    return {**children, **dict.fromkeys(leaves, frozenset())}


@cache
def above(system: str) -> Edges:
    """Return the concepts right above each concept of a system."""
    children = below(system)
    parents: dict[str, set[str]] = {code: set() for code in children}
    for over, under in children.items():
        for code in under:
            parents[code].add(over)
    return {code: frozenset(over) for code, over in parents.items()}


def reached(edges: Edges, code: str) -> set[str]:
    """Return a concept and all that can be reached from it."""
    found, waiting = {code}, [code]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found
