"""What holds in a Bundle as a whole: invariants bdl-1 to bdl-12 and the rules of its links.

https://hl7.org/fhir/R4/bundle.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir.check import formats

Json = dict[str, Any]


def problems(value: Json, path: str) -> Iterator[Issue]:
    """List what is wrong with a Bundle beyond the soundness of its entries."""
    for place, entry in enumerate(value.get("entry", ())):
        yield from _entry(entry, f"{path}.entry[{place}]")
    relations = [link["relation"] for link in value.get("link", ()) if "relation" in link]
    if len(relations) > len(set(relations)):
        yield issue("N2109", f"{path}.link")


def _entry(entry: Json, path: str) -> Iterator[Issue]:
    url = entry.get("fullUrl")
    if url is not None and not formats.is_absolute(url):
        yield issue("N2108", path)
