"""Keys of SQL on FHIR: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html#getresourcekey."""

from __future__ import annotations

from nabd.fhir.fhirpath.evaluation import Evaluation, Run
from nabd.fhir.fhirpath.functions.fhir import reference, referred_type
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection, Node


@on_values("getResourceKey")
def resource_key(_: Evaluation, focus: Collection) -> Collection:
    """The key of a resource is its id."""
    return [
        item.value["id"]
        for item in focus
        if type(item) is Node and type(item.value) is dict and item.value.get("id")
    ]


def reference_key(type_name: str) -> Run:
    """Make ``getReferenceKey(type)``: the id that a literal reference names, of that type only."""

    def run(_evaluation: Evaluation, focus: Collection) -> Collection:
        found: Collection = []
        for item in focus:
            path = reference(item).partition("/_history/")[0]
            kind, _, name = path.rpartition("/")
            if kind and name and (not type_name or referred_type(item) == type_name):
                found.append(name)
        return found

    return run
