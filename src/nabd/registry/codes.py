"""The registry's code systems: labels in three languages, and the CodeSystem resources.

The codes are data, in ``data/codes.toml``, each system with its source.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache

import msgspec

from nabd.fhir.json import Json
from nabd.registry.names import BASE
from nabd.registry.territory import DATA


class Code(msgspec.Struct, frozen=True):
    """One code with its labels and, where the system has one, its property."""

    en: str
    fr: str
    ar: str
    property: str = ""


class System(msgspec.Struct, frozen=True):
    """One code system; ``property`` names what the codes' property means."""

    title: str
    source: str
    codes: dict[str, Code]
    property: str = ""


@cache
def systems() -> dict[str, System]:
    """Return every code system of the registry by its short name."""
    text = (DATA / "codes.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, System])


def label(system: str, code: str, language: str) -> str:
    """Say a code in ``language`` ("en", "fr" or "ar"); the code itself when it is unknown."""
    known = systems()[system].codes.get(code)
    return code if known is None else str(getattr(known, language))


@cache
def _diagnoses() -> dict[str, dict[str, Code]]:
    text = (DATA / "diagnoses.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, dict[str, Code]])


def diagnosis(system: str, code: str, language: str) -> str:
    """Say a diagnosis in ``language``; the code itself where ``data/diagnoses.toml`` lacks it."""
    known = _diagnoses().get(system, {}).get(code)
    return code if known is None else str(getattr(known, language))


def level_of_care(category: str) -> str:
    """Return primary, secondary or tertiary; "" for an unknown category."""
    known = systems()["facility-category"].codes.get(category)
    return known.property if known else ""


def code_systems() -> Iterator[Json]:
    """Yield each system as a CodeSystem.

    https://hl7.org/fhir/R4/codesystem.html
    """
    for name, system in systems().items():
        yield _code_system(name, system)


def _code_system(name: str, system: System) -> Json:
    resource: Json = {
        "resourceType": "CodeSystem",
        "id": name,
        "url": f"{BASE}CodeSystem/{name}",
        "name": "".join(word.title() for word in name.split("-")),
        "title": system.title,
        "status": "active",
        "publisher": "Nabd",
        "copyright": system.source,
        "caseSensitive": True,
        "content": "complete",
        "count": len(system.codes),
    }
    if system.property:
        resource["property"] = [{"code": system.property, "type": "code"}]
    resource["concept"] = [_concept(system, *pair) for pair in system.codes.items()]
    return resource


def _concept(system: System, code: str, words: Code) -> Json:
    said = [{"language": "fr", "value": words.fr}, {"language": "ar", "value": words.ar}]
    concept: Json = {"code": code, "display": words.en, "designation": said}
    if system.property:
        concept["property"] = [{"code": system.property, "valueCode": words.property}]
    return concept
