"""What a composite inside a repeating element is made of: tokens, references, numbers."""

from __future__ import annotations

from typing import Literal

from nabd.fhir.search.branch import Branch, Get
from nabd.fhir.search.parameters import Pairing

NUMBERS = frozenset({"integer", "decimal", "positiveInt", "unsignedInt"})
QUANTITIES = frozenset(
    {"Quantity", "Age", "Duration", "Count", "Distance", "Range", "Money", "SampledData"}
)


def part_kind(part: tuple[Branch, ...]) -> Literal["number", "reference", "token"]:
    """Tell what the values of a component are."""
    types = {leaf.type for branch in part for leaf in branch.leaves}
    if types <= NUMBERS | QUANTITIES:
        return "number"
    return "reference" if types == {"Reference"} else "token"


def context_kind(pairing: Pairing) -> Literal["ordinal", "code", ""]:
    """Tell what ties a number to its repetition: its place, a code of it; "" without numbers."""
    numbers = [part_kind(part) for part in pairing.parts].count("number")
    if numbers > 1:
        return "ordinal"
    return "code" if numbers else ""


def pair_name(pairing: Pairing) -> str:
    """Name the pair of two tokens of one element, the branch of its terms."""
    return "$".join(min(b.name for b in part) for part in pairing.parts)


def members(pairing: Pairing, place: int) -> list[str]:
    """Name the members of the element that a component's values are in."""
    above = len(pairing.base.leaves[0].steps)
    return [
        step.name
        for branch in pairing.parts[place]
        for leaf in branch.leaves
        for step in leaf.steps[above : above + 1]
        if isinstance(step, Get)
    ]
