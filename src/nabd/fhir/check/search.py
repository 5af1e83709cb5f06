"""What holds in the Bundle of a search's results.

https://hl7.org/fhir/R4/bundle.html#searchset
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from nabd.errors import Issue, issue
from nabd.fhir import definitions

Json = dict[str, Any]


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List the entries that are not what their search mode says; without a mode anything goes."""
    types = _searched(value)
    for place, entry in enumerate(value.get("entry", ())):
        mode, resource = entry.get("search", {}).get("mode"), entry.get("resource")
        where = f"{path}.entry[{place}].resource"
        if not isinstance(resource, dict):
            yield issue("N2011", f"{path}.entry[{place}]", name="resource")
        elif mode == "outcome":
            yield from _demand(resource, ["OperationOutcome"], where)
        elif mode is not None and "id" not in resource:
            yield issue("N2122", where)
        elif mode == "match" and types:
            yield from _demand(resource, types, where)


def _demand(resource: Json, types: list[str], path: str) -> Iterator[Issue]:
    found = resource.get("resourceType")
    if found not in types:
        known = found if found in definitions.TYPE_NUMBER else "?"
        yield issue("N2129", path, expected=", ".join(types), found=known)


def _searched(value: Json) -> list[str]:
    """Read from the link to itself which types were searched; none when it does not tell."""
    links = value.get("link", ())
    url = next((each.get("url", "") for each in links if each.get("relation") == "self"), "")
    place, _, query = url.partition("?")
    last = place.rpartition("/")[2]
    if last in definitions.TYPE_NUMBER:
        return [last]
    listed = (text for name, text in parse_qsl(query) if name == "_type")
    return [name for text in listed for name in text.split(",")]
