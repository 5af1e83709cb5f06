"""Contained resources and references to them: invariants dom-2 to dom-5 and ref-1.

https://hl7.org/fhir/R4/references.html#contained.  Written out, because R4's expressions need
the whole resource for each of its elements, and forget the reference "#" to the container.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions

Json = dict[str, Any]


def problems(value: Json, path: str) -> list[Issue]:
    """List what is wrong with the contained resources of a resource, and with its "#" links.

    A Bundle and a Parameters contain nothing, and links do not cross their entries.
    """
    if value["resourceType"] in ("Bundle", "Parameters"):
        return []
    contained = [c for c in value.get("contained", ()) if isinstance(c, dict)]
    links = set(fragments(value))
    ids = {str(c.get("id", "")) for c in contained}
    found = [
        problem
        for place, each in enumerate(contained)
        for problem in _of_one(each, f"{path}.contained[{place}]", links)
    ]
    broken_links = (p for p, link in _references(value, path) if link not in ids | {""})
    if len(ids) < len(contained):
        found.append(issue("N2132", f"{path}.contained"))
    return found + [broken("Reference", "ref-1", place) for place in broken_links]


def _of_one(contained: Json, path: str, links: set[str]) -> Iterator[Issue]:
    meta = contained.get("meta", {})
    if "contained" in contained:
        yield broken("DomainResource", "dom-2", path)
    if contained.get("id", "") not in links and "" not in set(fragments(contained)):
        yield broken("DomainResource", "dom-3", path)
    if "versionId" in meta or "lastUpdated" in meta:
        yield broken("DomainResource", "dom-4", path)
    if "security" in meta:
        yield broken("DomainResource", "dom-5", path)


def fragments(value: Any) -> Iterator[str]:
    """Yield the ids that the "#" links of a value name; "" is the container itself."""
    if isinstance(value, dict):
        for child in value.values():
            yield from fragments(child)
    elif isinstance(value, list):
        for child in value:
            yield from fragments(child)
    elif isinstance(value, str) and value.startswith("#"):
        yield value[1:]


def _references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the References that link to a contained resource: where they are, and its id."""
    if isinstance(value, list):
        for place, child in enumerate(value):
            yield from _references(child, f"{path}[{place}]")
    elif isinstance(value, dict):
        link = value.get("reference")
        if isinstance(link, str) and link.startswith("#"):
            yield path, link[1:]
        for name, child in value.items():
            if isinstance(child, dict | list):
                yield from _references(child, f"{path}.{name}")


def broken(type_name: str, key: str, path: str) -> Issue:
    """Say that an invariant of a type does not hold."""
    human = next(i.human for i in definitions.invariants(type_name) if i.key == key)
    return issue("N2103", path, key=key, human=human)
