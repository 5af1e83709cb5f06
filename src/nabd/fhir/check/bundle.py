"""What holds in a Bundle as a whole, beside its invariants.

https://hl7.org/fhir/R4/bundle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions
from nabd.fhir.check import formats, references, search

Json = dict[str, Any]

_COMPOSITION = (
    "subject encounter author attester.party custodian event.detail section.author section.focus "
    "section.entry"
)
_ASKED = ("batch", "transaction", "batch-response", "transaction-response")
_PAGES = ("first", "previous", "next", "last")


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List what is wrong with a Bundle beyond the soundness of its entries."""
    kind, entries = value.get("type"), value.get("entry", ())
    for place, entry in enumerate(entries):
        yield from _entry(entry, kind, f"{path}.entry[{place}]")
    yield from _links(value.get("link", ()), kind, path)
    if kind == "searchset":
        yield from search.problems(value, path)
    elif kind == "document" and entries:
        yield from _complete(entries, _COMPOSITION, f"{path}.entry[0].resource")
        yield from _reached(value, path)
    elif kind == "message" and entries:
        yield from _complete(entries, "focus", f"{path}.entry[0].resource")


def _links(links: list[Json], kind: Any, path: str) -> Iterator[Issue]:
    """Only searches and histories have pages; they and ``self`` come once."""
    seen: set[Any] = set()
    for place, link in enumerate(links):
        relation, where = link.get("relation"), f"{path}.link[{place}]"
        if relation in _PAGES and kind not in ("searchset", "history"):
            yield issue("N2128", where)
        if relation in seen:
            yield issue("N2109", where)
        seen |= {relation} & {"self", *_PAGES}


def _entry(entry: Json, kind: Any, path: str) -> Iterator[Issue]:
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if url is None:
        if kind not in _ASKED and not _is_outcome(resource):
            yield issue("N2127", path)
        return
    if not formats.is_absolute(url):
        yield issue("N2108", path)
    found = references.REST.match(url)
    if isinstance(resource, dict) and found and _is_other(found, resource):
        yield issue("N2123", path)


def _is_other(url: re.Match[str], resource: Json) -> bool:
    named = (resource.get("resourceType"), resource.get("id"))
    return url[2] in definitions.TYPE_NUMBER and (url[2], url[3]) != named


def _is_outcome(resource: Any) -> bool:
    """Tell what a server says of its own work: it is not kept, and has no URL."""
    return isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome"


def _complete(entries: list[Json], names: str, path: str) -> Iterator[Issue]:
    """A document holds what its Composition refers to, each once; a message what it is about.

    https://hl7.org/fhir/R4/documents.html#content, https://hl7.org/fhir/R4/messageheader.html
    """
    first = entries[0].get("resource", {})
    by_url: dict[str, list[Json]] = {}
    for entry in entries:
        by_url.setdefault(entry.get("fullUrl", ""), []).append(entry.get("resource", {}))
    base = _base(entries[0])
    for name in names.split():
        for reference, where in _references(first, name.split("."), path):
            matches = _matches(reference, base, by_url)
            if matches != 1:
                yield issue("N2124", where, found=matches)


def _base(entry: Json) -> str:
    """Return the server that relative references of an entry are relative to."""
    found = references.REST.match(entry.get("fullUrl", ""))
    return found[1] or "" if found else ""


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


def _reached(value: Json, path: str) -> Iterator[Issue]:
    """Every entry of a document is linked with the Composition: it leads there, or comes from it.

    https://hl7.org/fhir/R4/documents.html#content
    """
    entries = value["entry"]
    by_url = {entry.get("fullUrl"): place for place, entry in enumerate(entries)}
    neighbours: list[set[int]] = [set() for _ in entries]
    for place, entry in enumerate(entries):
        for text in _texts(entry.get("resource", {})):
            url = text.partition("/_history/")[0]
            target = by_url.get(url, by_url.get(_base(entry) + url))
            if target is not None:
                neighbours[place].add(target)
                neighbours[target].add(place)
    reached, waiting = {0}, [0]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting += new
    for place, entry in enumerate(entries):
        if place not in reached and not _is_stylesheet(value, entry):
            yield issue("N2130", f"{path}.entry[{place}]")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _texts(child)


def _is_stylesheet(value: Json, entry: Json) -> bool:
    resource = entry.get("resource", {})
    url = f"{resource.get('resourceType')}/{resource.get('id')}"
    links = value.get("link", ())
    return any(each.get("relation") == "stylesheet" and each.get("url") == url for each in links)
