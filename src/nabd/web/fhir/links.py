"""Replace the references of a transaction that name its own entries, or a search.

http://hl7.org/fhir/R4/http.html#trules, http://hl7.org/fhir/R4/bundle.html#references
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nabd.errors import problem
from nabd.fhir.json import Json
from nabd.web.fhir.interaction import TYPES

Replace = Callable[[str], str]

_TYPES = frozenset(TYPES)
_ABSOLUTE = re.compile(r"(https?://.+)/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_URN = re.compile(r"urn:(uuid|oid):[A-Za-z0-9.\-]+")
_LINK = re.compile(r"""((?:href|src)\s*=\s*)(["'])(urn:(?:uuid|oid):[^"']+)\2""")
#: Texts that may hold a urn which is a name, not a link: ``Identifier.value`` above all.
_TEXTS = frozenset({"value", "valueString", "system"})


def linked(resource: Json, links: Mapping[str, str], full_url: str, place: str) -> Json:
    """Return the resource with every link to an entry replaced by ``Type/id``.

    ``links`` maps full urls to addresses.  A reference to a urn that no entry has is Problem
    N7021: it could never be followed.
    """
    found = _ABSOLUTE.fullmatch(full_url)
    root = f"{found[1]}/" if found else ""

    def reference(text: str) -> str:
        bare, mark, fragment = text.partition("#")
        target = links.get(bare) or links.get(root + bare)
        if target is not None:
            return target + mark + fragment
        if bare.startswith("urn:") and _URN.fullmatch(bare):
            raise problem("N7021", place)
        return text

    return _resource(resource, reference, lambda text: links.get(text, text))


def _resource(value: Json, reference: Replace, link: Replace) -> Json:
    return {key: _value(key, child, reference, link) for key, child in value.items()}


def _value(key: str, value: Any, reference: Replace, link: Replace) -> Any:
    if isinstance(value, dict):
        return _resource(value, reference, link)
    if isinstance(value, list):
        return [_value(key, item, reference, link) for item in value]
    if not isinstance(value, str):
        return value
    if key == "reference":
        return reference(value)
    if key == "div":
        return _LINK.sub(lambda m: f"{m[1]}{m[2]}{link(m[3])}{m[2]}", value)
    return link(value) if value.startswith("urn:") and key not in _TEXTS else value


def conditional(resource: Any) -> Iterator[str]:
    """Find the references that are searches: ``Patient?identifier=…``."""
    if isinstance(resource, list):
        for item in resource:
            yield from conditional(item)
    elif isinstance(resource, dict):
        text = resource.get("reference")
        if isinstance(text, str) and text.partition("?")[0] in _TYPES and "?" in text:
            yield text
        for child in resource.values():
            if isinstance(child, dict | list):
                yield from conditional(child)


def resolved(resource: Json, found: Mapping[str, str]) -> Json:
    """Return the resource with its conditional references replaced."""
    return _resource(resource, lambda text: found.get(text, text), lambda text: text)
