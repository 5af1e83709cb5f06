"""Keys of SQL on FHIR: https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html#getresourcekey."""

from __future__ import annotations

from typing import Any

from nabd.fhir.fhirpath.evaluation import Evaluation, Run
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
        values = [item.value if type(item) is Node else item for item in focus]
        found = [reference_id(value, type_name) for value in values if type(value) is dict]
        return [key for key in found if key is not None]

    return run


def reference_id(reference: dict[str, Any], type_name: str) -> str | None:
    """Read the id of ``Type/id`` (or of a URL that ends so); ``None`` for another type."""
    text = reference.get("reference")
    if type(text) is not str:
        return None
    if "/_history/" in text:
        text = text.partition("/_history/")[0]
    path, _, name = text.rpartition("/")
    if not path or not name:
        return None
    own = path if "/" not in path else path.rpartition("/")[2]
    return name if not type_name or own == type_name else None
