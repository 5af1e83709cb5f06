"""Read ``:below`` and ``:above`` of references: a place with all that is part of it, or over it.

http://hl7.org/fhir/R4/search.html#modifiers: where resources of one type contain each other, as
Location.partOf and Organization.partOf do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, search_parameters
from nabd.fhir.search.branch import Branch
from nabd.fhir.search.hashing import branch_mask, key
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.parameters import Parameter, parameters
from nabd.fhir.search.query import Kin, Node
from nabd.fhir.search.text import unescape

#: What R4 calls the parameter by which a resource is part of another of its type.
_PART_OF = ("partof", "part-of")


@cache
def parts() -> Mapping[str, tuple[int, ...]]:
    """Map the types that contain each other to the masks of the reference to the whole."""
    found = {}
    for name in RESOURCE_TYPES:
        for code in _PART_OF:
            declared = search_parameters(name).get(code)
            if declared and name in declared.targets:
                found[name] = _masks(parameters(name)[code].branches, name)
    return found


def _masks(branches: Iterable[Branch], target: str) -> tuple[int, ...]:
    return tuple(branch_mask(b.name) for b in branches if b.refers in ("", target))


def kin(parameter: Parameter, text: str, modifier: str, base: str) -> Node:
    """Read the reference to where the hierarchy begins; N2519 where there is none."""
    literal = unescape(text).removeprefix(base) if base else unescape(text)
    head, slash, id_ = literal.rpartition("/")
    wanted = [head] if slash else [t for t in parameter.targets if t in parts()]
    if not id_ or not wanted or any(name not in parts() for name in wanted):
        raise problem("N2519", parameter.code, modifier=modifier)
    below = modifier == "below"
    return any_of(
        Kin(_masks(parameter.branches, name), name, parts()[name], key(name, id_), below)
        for name in wanted
    )
