"""Ids within one resource: each comes once, and the links of narratives find them.

https://hl7.org/fhir/R4/element.html#id, https://hl7.org/fhir/R4/narrative.html#id
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir.check import narrative

Json = dict[str, Any]


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List the ids that come twice in a resource, and its narrative's links that lead nowhere."""
    seen: set[str] = set()
    for name, where in _ids(value, path):
        if name in seen and value["resourceType"] != "StructureDefinition":
            yield issue("N2132", where)  # there, elements of both views have the same ids
        seen.add(name)
    div = value.get("text", {}).get("div", "")
    links, anchors = narrative.links(div)
    contained = {c.get("id", "") for c in value.get("contained", ())}
    if links - anchors - seen - contained - {"", value.get("id", "")}:
        yield issue("N2133", f"{path}.text.div")


def _ids(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the ids of elements; resources within, and their elements, have ids of their own."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        where = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}"
        if isinstance(child, dict | list) and not _is_resource(child):
            if isinstance(child, dict) and "id" in child:
                yield child["id"], where
            yield from _ids(child, where)


def _is_resource(value: Any) -> bool:
    return isinstance(value, dict) and "resourceType" in value
