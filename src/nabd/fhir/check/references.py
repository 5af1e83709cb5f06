"""What a reference names: a type that there is, and one that its element allows.

https://hl7.org/fhir/R4/references.html#literal
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions
from nabd.fhir.check import formats
from nabd.fhir.definitions import Element

Json = dict[str, Any]

# R4's expression for the URL of a resource on a server, relative or absolute.
REST = re.compile(
    r"(?a)(https?://(?:[A-Za-z0-9.\\:%$-]*/)+)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})"
    r"(?:/_history/([A-Za-z0-9.-]{1,64}))?\Z"
)
_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"


def of_format(value: Json, path: str) -> Iterator[Issue]:
    """Demand a reference that can be followed, to a type that there is."""
    text = value.get("reference", "#")
    found = REST.match(text)
    known = found is None or found[1] or found[2] in definitions.TYPE_NUMBER
    if not formats.is_reference(text) or not known:
        yield issue("N2125", f"{path}.reference")


def of_target(value: Json, element: Element, path: str) -> Iterator[Issue]:
    """Demand that a reference names a type that its element allows, and says so in ``type``."""
    named = named_type(value.get("reference", ""))
    stated = value.get("type", "").removeprefix(_DEFINITION)
    if named and stated and named != stated:
        yield issue("N2126", path, expected=_shown(stated), found=named)
    found = named or stated
    if found and not allows(element, found):
        yield issue("N2126", path, expected=", ".join(element.targets), found=_shown(found))


def named_type(reference: str) -> str:
    """Return the type of resource that a literal reference names, "" when its form tells none."""
    found = REST.match(reference)
    return found[2] if found and found[2] in definitions.TYPE_NUMBER else ""


def allows(element: Element, type_name: str) -> bool:
    """Tell whether an element may refer to resources of a type."""
    return not element.targets or bool({type_name, "Resource"} & set(element.targets))


def _shown(type_name: str) -> str:
    return type_name if type_name in definitions.TYPE_NUMBER else "?"
