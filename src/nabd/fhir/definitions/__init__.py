"""What the R4 standard says, as data: types, elements, bindings, invariants, search parameters.

https://hl7.org/fhir/R4/.  The data files are written by ``tools/definitions.py`` from the official
packages.  Each is read on first use, and each of its lines is decoded when it is asked for, so
that importing this package costs nothing.
"""

from nabd.fhir.definitions.searching import (
    Component,
    SearchParameter,
    compartment,
    search_parameters,
)
from nabd.fhir.definitions.structure import (
    RESOURCE_TYPES,
    TYPE_NAME,
    TYPE_NUMBER,
    Element,
    Invariant,
    element_names,
    elements,
    invariants,
    is_abstract,
    is_backbone,
    is_primitive,
    is_type,
    lineage,
    parent,
)
from nabd.fhir.definitions.terminology import ValueSet, code_system, value_set

__all__ = [
    "RESOURCE_TYPES",
    "TYPE_NAME",
    "TYPE_NUMBER",
    "Component",
    "Element",
    "Invariant",
    "SearchParameter",
    "ValueSet",
    "code_system",
    "compartment",
    "element_names",
    "elements",
    "invariants",
    "is_abstract",
    "is_backbone",
    "is_primitive",
    "is_type",
    "lineage",
    "parent",
    "search_parameters",
    "value_set",
]
