"""Plan the extraction of one resource type: a tree of JSON steps with what to index at each leaf.

All parameters are merged here, so that each branch is walked once, whoever uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from nabd.fhir.search.branch import Branch, Leaf, Step
from nabd.fhir.search.pairing import context_kind
from nabd.fhir.search.parameters import Pairing, Parameter, parameters

Kind = Literal["token", "reference", "string", "date", "number", "uri"]
_KINDS: dict[str, Kind] = {
    "token": "token",
    "reference": "reference",
    "string": "string",
    "date": "date",
    "number": "number",
    "quantity": "number",
    "special": "number",  # the two of near
    "uri": "uri",
}


class Use(msgspec.Struct):
    """What to index at a leaf: for which branch, and which parameters it makes present."""

    kind: Kind
    branch: str
    bits: int = 0
    #: presence bits that depend on the type referred to
    refers: dict[str, int] = {}


class Place(msgspec.Struct):
    """A place in the resource: what to index here, and where to go on."""

    down: dict[Step, Place] = {}
    uses: dict[str, dict[tuple[Kind, str], Use]] = {}  # by FHIR type
    #: composites whose numbers carry the code beside them, or that pair tokens of this element
    pairings: list[Pairing] = []

    def at(self, steps: tuple[Step, ...]) -> Place:
        """Find or make the place that ``steps`` lead to."""
        place = self
        for step in steps:
            place = place.down.setdefault(step, Place())
        return place


class Plan(msgspec.Struct):
    """The tree of a resource type, and the parameters that only FHIRPath can say."""

    root: Place
    expressions: tuple[Parameter, ...]


def plan(resource_type: str) -> Plan:
    """Merge the parameters of ``resource_type``."""
    root = Place()
    found = parameters(resource_type).values()
    for parameter in found:
        if parameter.type in _KINDS and not parameter.expression:
            for branch in parameter.branches:
                for leaf in branch.leaves:
                    _use(root.at(leaf.steps), leaf, branch, parameter)
    for pairing in _pairings(found):
        place = root.at(pairing.base.leaves[0].steps)
        if pairing not in place.pairings:
            place.pairings.append(pairing)
    return Plan(root, tuple(p for p in found if p.expression))


def _use(place: Place, leaf: Leaf, branch: Branch, parameter: Parameter) -> None:
    kind = _KINDS[parameter.type]
    uses = place.uses.setdefault(leaf.type, {})
    use = uses.setdefault((kind, branch.name), Use(kind, branch.name))
    if branch.refers:
        use.refers[branch.refers] = use.refers.get(branch.refers, 0) | parameter.bit
    else:
        use.bits |= parameter.bit


def _pairings(found: Iterable[Parameter]) -> Iterator[Pairing]:
    for parameter in found:
        for pairing in parameter.pairings:
            if pairing.repeats or context_kind(pairing) == "code":
                yield pairing
