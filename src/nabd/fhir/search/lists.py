"""Read ``_list``: what a List resource names. http://hl7.org/fhir/R4/search.html#list."""

from __future__ import annotations

from nabd.errors import problem
from nabd.fhir.search.hashing import branch_mask, key
from nabd.fhir.search.parameters import parameters
from nabd.fhir.search.query import Has, Keys, Node
from nabd.fhir.search.text import alternatives, unescape

_TYPE = "List"


def listed(value: str) -> Node:
    """Read the ids of lists; N2526 for the functional ones (``$current-problems`` …)."""
    ids = [unescape(text).removeprefix(f"{_TYPE}/") for text in alternatives("_list", value)]
    if any(id_.startswith("$") for id_ in ids):
        raise problem("N2526", "_list")
    masks = tuple(branch_mask(branch.name) for branch in parameters(_TYPE)["item"].branches)
    return Has(masks, _TYPE, Keys(tuple((key(_TYPE, id_), id_) for id_ in ids)))
