"""What holds in a Bundle as a whole, beside its invariants.

https://hl7.org/fhir/R4/bundle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions
from nabd.fhir.check import formats

Json = dict[str, Any]

_REST = re.compile(r"(https?://.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/(.+))?\Z")
_COMPOSITION = (
    "subject encounter author attester.party custodian event.detail section.author section.focus "
    "section.entry"
)


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List what is wrong with a Bundle beyond the soundness of its entries."""
    entries = value.get("entry", ())
    for place, entry in enumerate(entries):
        yield from _entry(entry, value.get("type"), f"{path}.entry[{place}]")
    yield from _links(value.get("link", ()), path)
    if value.get("type") == "document" and entries:
        yield from _document(entries, f"{path}.entry[0].resource")


def _links(links: list[Json], path: str) -> Iterator[Issue]:
    seen: set[Any] = set()
    for place, link in enumerate(links):
        if link.get("relation", place) in seen:
            yield issue("N2109", f"{path}.link[{place}]")
        seen.add(link.get("relation", place))


def _entry(entry: Json, kind: Any, path: str) -> Iterator[Issue]:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if url is not None and not formats.is_absolute(url):
        yield issue("N2108", path)
    if not isinstance(resource, dict):
        return
    if kind == "searchset" and "id" not in resource and not _is_outcome(resource):
        yield issue("N2122", f"{path}.resource")
    found = _REST.match(url or "")
    if found and found[2] in definitions.TYPE_NUMBER and _is_other(found, resource):
        yield issue("N2123", path)


def _is_other(url: re.Match[str], resource: Json) -> bool:
    known = (resource.get("resourceType"), resource.get("id", url[3]))
    return (url[2], url[3]) != known


def _is_outcome(resource: Json) -> bool:
    return resource.get("resourceType") == "OperationOutcome"


def _document(entries: list[Json], path: str) -> Iterator[Issue]:
    """A document holds what its Composition refers to, each once.

    https://hl7.org/fhir/R4/documents.html#content
    """
    composition = entries[0].get("resource", {})
    by_url: dict[str, list[Json]] = {}
    for entry in entries:
        by_url.setdefault(entry.get("fullUrl", ""), []).append(entry.get("resource", {}))
    base = _REST.match(entries[0].get("fullUrl", ""))
    for name in _COMPOSITION.split():
        for reference, where in _references(composition, name.split("."), path):
            matches = _matches(reference, base[1] or "" if base else "", by_url)
            if matches != 1:
                yield issue("N2124", where, found=matches)


def _references(value: Any, names: list[str], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _references(item, names, f"{path}[{place}]")
    elif isinstance(value, dict) and names:
        yield from _references(value.get(names[0]), names[1:], f"{path}.{names[0]}")
        if names[0] == "section" or "section" in value:
            yield from _references(value.get("section"), names, f"{path}.section")
    elif isinstance(value, dict) and not str(value.get("reference", "#")).startswith("#"):
        yield value["reference"], path


def _matches(reference: str, base: str, by_url: dict[str, list[Json]]) -> int:
    """Count the resources that a reference means; ``base`` is the server of the Composition."""
    url, _, version = reference.partition("/_history/")
    found = by_url.get(url if formats.is_absolute(url) else base + url, ())
    return sum(not version or r.get("meta", {}).get("versionId") == version for r in found)
