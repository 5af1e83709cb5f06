"""Search parameters and compartments. https://hl7.org/fhir/R4/searchparameter-registry.html"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from nabd.fhir.definitions.data import lines
from nabd.fhir.definitions.structure import lineage


class Component(msgspec.Struct, frozen=True):
    """One part of a composite parameter; its expression starts at the composite's value."""

    code: str
    type: str
    expression: str
    targets: tuple[str, ...] = ()


class SearchParameter(msgspec.Struct, frozen=True):
    """An official search parameter as it is for one resource type.

    ``expression`` is narrowed to the branches of that type; it is "" for the parameters that no
    path expresses (``_text``, ``_content``, ``_query``, ``_filter``).
    """

    code: str
    type: str
    expression: str
    url: str
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()


class _Declared(msgspec.Struct, frozen=True):
    type: str
    expression: str
    url: str
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()


@cache
def search_parameters(resource_type: str) -> Mapping[str, SearchParameter]:
    """Map codes to the parameters of a type; those of Resource and DomainResource come first."""
    found: dict[str, SearchParameter] = {}
    for name in reversed(lineage(resource_type)):
        declared = lines("search").get(name, msgspec.Raw(b"{}"))
        for code, row in msgspec.json.decode(declared, type=dict[str, _Declared]).items():
            found[code] = SearchParameter(code, **msgspec.structs.asdict(row))
    return MappingProxyType(found)


@cache
def compartment(name: str) -> Mapping[str, tuple[str, ...]]:
    """Map resource types to the parameters that put a resource into a compartment.

    ``name`` is Patient, Encounter, Practitioner, RelatedPerson or Device.
    https://hl7.org/fhir/R4/compartmentdefinition.html
    """
    found = msgspec.json.decode(lines("compartment")[name], type=dict[str, tuple[str, ...]])
    return MappingProxyType(found)
