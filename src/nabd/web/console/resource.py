"""What a person sees of a resource: a caption, its elements in rows, and what changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nabd.fhir.json import Json
from nabd.registry.codes import label, systems
from nabd.registry.names import BASE

CAPTIONS = ("name", "title", "code", "vaccineCode", "medicationCodeableConcept", "type", "class")
"""Elements that say what a resource is, the most telling first."""
DATED = ("date", "datetime", "on", "created", "instant")
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
OWN_SYSTEMS = f"{BASE}CodeSystem/"
LANGUAGE = "http://hl7.org/fhir/StructureDefinition/language"


@dataclass(frozen=True, slots=True)
class Change:
    """One element that differs between two versions; ``None`` where it is absent."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One element in a list: its words, and the ``Type/id`` or ``#id`` that it refers to."""

    text: str
    reference: str = ""
    dated: bool = False


def caption(resource: Json, language: str = "") -> str:
    """Say in a few words what a resource is; empty when nothing in it tells.

    A name in the reader's script is preferred: ``language`` is "ar", "fr" or "en".
    """
    for element in CAPTIONS:
        if words := _element(resource, element, language):
            return words
    return ""


def cell(resource: Json, element: str, language: str = "") -> Cell:
    """Say one element of a resource; that of a choice, such as ``value[x]``, whatever its type."""
    name = element
    if element.endswith("[x]"):
        stem = element[:-3]
        name = next((one for one in resource if one.startswith(stem) and one != stem), stem)
    value = resource.get(name)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict) and isinstance(first.get("reference"), str):
        return Cell(str(first.get("display") or first["reference"]), first["reference"])
    if value is None and element == "value[x]":
        return Cell(", ".join(_components(resource, language)))
    dated = name.lower().endswith(DATED) or (isinstance(first, dict) and "start" in first)
    return Cell(_element(resource, name, language), dated=dated)


def _components(resource: Json, language: str) -> Iterator[str]:
    """Say each component of an Observation that has no value of its own."""
    for one in resource.get("component", ()):
        words = _words(one.get("code"), language)
        yield f"{words}: {cell(one, 'value[x]', language).text or '–'}"


def _element(resource: Json, name: str, language: str) -> str:
    """Put an element into words; a string may carry its translation in an extension."""
    beside = resource.get(f"_{name}")
    translated = _translated(beside, language) if isinstance(beside, dict) else ""
    return translated or _words(resource.get(name), language)


def _translated(beside: Json, language: str) -> str:
    """Find a translation. http://hl7.org/fhir/R4/extension-translation.html"""
    for one in beside.get("extension", ()):
        if one.get("url") == TRANSLATION:
            parts = {part.get("url"): part for part in one.get("extension", ())}
            if parts.get("lang", {}).get("valueCode") == language:
                return str(parts.get("content", {}).get("valueString", ""))
    return ""


def _words(value: Any, language: str = "") -> str:
    """Put a value of any datatype into words."""
    if isinstance(value, bool):
        return _written(value)
    if isinstance(value, str | int | Decimal):
        return str(value)
    if isinstance(value, list):
        ordered = sorted(value, key=lambda one: not _spoken(one, language))
        return next((words for one in ordered if (words := _words(one, language))), "")
    if isinstance(value, dict):
        return _named(value) or _coded(value, language) or _measured(value)
    return ""


def _spoken(value: Any, language: str) -> bool:
    """Say whether a name is marked as written in the reader's language, or its script."""
    wanted = "ar" if language == "ar" else "fr"
    marks = value.get("extension", ()) if isinstance(value, dict) else ()
    return any(one.get("url") == LANGUAGE and one.get("valueCode") == wanted for one in marks)


def _named(value: Json) -> str:
    """Put a HumanName into words. http://hl7.org/fhir/R4/datatypes.html#HumanName"""
    if "text" in value:
        return str(value["text"])
    given = value.get("given")
    return " ".join(
        [*(given if isinstance(given, list) else ()), value.get("family") or ""]
    ).strip()


def _coded(value: Json, language: str) -> str:
    """Put a Coding or a CodeableConcept into words: our own codes in the reader's language."""
    system, code = str(value.get("system") or ""), str(value.get("code") or "")
    own = system.removeprefix(OWN_SYSTEMS)
    if language and own != system and own in systems():
        return label(own, code, language)
    return str(value.get("display") or "") or _words(value.get("coding"), language) or code


def _measured(value: Json) -> str:
    """Put a Quantity, an Identifier or a Period into words; an address by its place."""
    number = " ".join(str(value[one]) for one in ("value", "unit") if one in value)
    return number or str(value.get("start") or value.get("end") or value.get("city") or "")


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
