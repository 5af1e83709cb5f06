"""Who belongs to a compartment, asked by the references of its members.

http://hl7.org/fhir/R4/compartmentdefinition.html
"""

from __future__ import annotations

from functools import cache

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, compartment
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.hashing import key
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.parameters import parameters
from nabd.fhir.search.query import Keys, Node, Terms

COMPARTMENTS = ("Patient", "Encounter", "Practitioner", "RelatedPerson", "Device")


def member_of(name: str, id_: str, types: tuple[str, ...] = ()) -> Node:
    """Ask for the members of ``name``/``id_`` among ``types`` (none: all), itself included."""
    if name not in COMPARTMENTS:
        raise problem("N2515", name)
    own = key(name, id_)
    wanted = types or RESOURCE_TYPES
    masks = tuple(mask for t in wanted for mask in _masks(name, t))
    nodes: list[Node] = []
    if masks:
        nodes.append(Terms(tuple(dict.fromkeys(own ^ mask for mask in masks)), 3))
    if name in wanted:
        nodes.append(Keys(((own, id_),)))
    if not nodes:
        raise problem("N2515", name)
    return any_of(nodes)


@cache
def _masks(name: str, resource_type: str) -> tuple[int, ...]:
    known = parameters(resource_type)
    return tuple(
        mask
        for code in compartment(name).get(resource_type, ())
        if code in known
        for mask in reference_masks(known[code], name)
    )
