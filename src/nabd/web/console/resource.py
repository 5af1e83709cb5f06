"""What a person sees of a resource: a caption, its elements in rows, and what changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nabd.fhir.json import Json

CAPTIONS = ("name", "title", "code", "vaccineCode", "medicationCodeableConcept", "type", "class")
"""Elements that say what a resource is, the most telling first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One element that differs between two versions; ``None`` where it is absent."""

    path: str
    old: str | None
    new: str | None


def caption(resource: Json) -> str:
    """Say in a few words what a resource is; empty when nothing in it tells."""
    for element in CAPTIONS:
        if words := _words(resource.get(element)):
            return words
    return ""


def _words(value: Any) -> str:
    """Put a name, a concept or a coding into words."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((words for one in value if (words := _words(one))), "")
    if isinstance(value, dict):
        return _named(value) or _coded(value)
    return ""


def _named(value: Json) -> str:
    """Put a HumanName into words. http://hl7.org/fhir/R4/datatypes.html#HumanName"""
    if "text" in value:
        return str(value["text"])
    given = value.get("given")
    return " ".join(
        [*(given if isinstance(given, list) else ()), value.get("family") or ""]
    ).strip()


def _coded(value: Json) -> str:
    """Put a Coding or a CodeableConcept into words."""
    return str(value.get("display") or "") or _words(value.get("coding")) or value.get("code", "")


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every primitive of a resource with its path, such as ``name[0].family``."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{path}[{number}]")
    else:
        yield path, _written(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def changes(old: Json, new: Json) -> Iterator[Change]:
    """Yield what differs, in the order of the new version, then what went."""
    before, after = dict(flat(old)), dict(flat(new))
    for path, value in after.items():
        if before.get(path) != value:
            yield Change(path, before.get(path), value)
    for path, value in before.items():
        if path not in after:
            yield Change(path, value, None)
