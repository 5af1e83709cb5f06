"""The search parameters of a resource type, resolved to branches.

https://hl7.org/fhir/R4/searchparameter-registry.html.  A presence bit of each parameter answers
``:missing``; R4 has at most 53 parameters on a type, so they fit the 62 bits of a term.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from nabd.fhir.definitions import (
    RESOURCE_TYPES,
    Component,
    SearchParameter,
    search_parameters,
)
from nabd.fhir.search.branch import Branch, Get, Leaf, NotAPathError, branches

#: Parameters that the columns of the store answer; they are not indexed.
COLUMNS = frozenset({"_id", "_lastUpdated"})


#: Uris that every resource may have: they get no rows of strings, which ``:below`` and orders need.
_COMMON_URIS = ("meta.profile", "meta.source")


def has_rows(branch: str) -> bool:
    """Tell whether the uris of a branch have rows of strings beside their terms."""
    return not branch.endswith(_COMMON_URIS)


class Pairing(msgspec.Struct, frozen=True):
    """The components of a composite at one of its elements.

    ``repeats`` tells that components must be found in the same repetition of the element;
    otherwise the composite is just the conjunction of its parts.
    """

    base: Branch
    parts: tuple[tuple[Branch, ...], ...]
    repeats: bool


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of one type; ``expression`` is set where no branches could say it."""

    code: str
    type: str
    branches: tuple[Branch, ...] = ()
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    bit: int = 0
    expression: str = ""


@cache
def parameters(resource_type: str) -> Mapping[str, Parameter]:
    """Resolve all parameters of ``resource_type`` that can be searched by."""
    declared = search_parameters(resource_type)
    plain = {code: p for code, p in declared.items() if _indexed(p)}
    # what came later comes last, so that the bits of the others stay as they were written
    ordered = sorted(plain, key=lambda code: (plain[code].type == "special", code))
    bits = {code: 1 << place for place, code in enumerate(ordered)}
    found = {code: _plain(p, resource_type, bits[code]) for code, p in plain.items()}
    for code, parameter in declared.items():
        if parameter.type == "composite":
            found[code] = _composite(parameter, resource_type, found)
        elif code in COLUMNS:
            found[code] = Parameter(code, parameter.type)
    return MappingProxyType(found)


def _indexed(parameter: SearchParameter) -> bool:
    return (
        parameter.type != "composite"
        and parameter.expression != ""
        and parameter.code not in COLUMNS
    )


def _plain(parameter: SearchParameter, resource_type: str, bit: int) -> Parameter:
    expression = parameter.expression
    if parameter.type == "special":  # near: a position has two numbers
        expression = f"{expression}.latitude | {expression}.longitude"
    try:
        found = tuple(branches(expression, resource_type))
    except NotAPathError:
        whole = Branch(f"{resource_type}({parameter.code})", (Leaf((), "boolean"),))
        return Parameter(
            parameter.code, parameter.type, (whole,), bit=bit, expression=parameter.expression
        )
    return Parameter(parameter.code, parameter.type, found, parameter.targets, bit=bit)


def _composite(
    parameter: SearchParameter, resource_type: str, plain: Mapping[str, Parameter]
) -> Parameter:
    pairings = tuple(
        Pairing(
            base,
            tuple(_part(c, base, resource_type, plain[c.code]) for c in parameter.components),
            any(isinstance(s, Get) and s.array for leaf in base.leaves for s in leaf.steps),
        )
        for base in branches(parameter.expression, resource_type)
    )
    return Parameter(
        parameter.code, "composite", components=parameter.components, pairings=pairings
    )


def _part(
    component: Component, base: Branch, resource_type: str, parameter: Parameter
) -> tuple[Branch, ...]:
    """Resolve one component.

    The parameter's own branches decide: R4 gives some expressions that its parameter does not
    know (Group.characteristic.value of any type, the swapped parts of
    DocumentReference.relationship).
    """
    own = {branch.name for branch in parameter.branches}
    found = tuple(branches(component.expression, resource_type, base))
    if {branch.name for branch in found} <= own:
        return found
    return tuple(b for b in parameter.branches if b.name.startswith(f"{base.name}."))


@cache
def common() -> frozenset[str]:
    """Name the parameters that every resource type has: those a search of all types may use."""
    return frozenset.intersection(*(frozenset(parameters(t)) for t in RESOURCE_TYPES))
