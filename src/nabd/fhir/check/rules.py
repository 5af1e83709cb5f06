"""Rules of the standard that no definition expresses as FHIRPath."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions
from nabd.fhir.check import (
    answers,
    bundle,
    contained,
    definitional,
    formats,
    narrative,
    questionnaire,
    references,
    vitals,
)
from nabd.fhir.definitions import Element

Json = dict[str, Any]
Rule = Callable[[Json, str], Iterator[Issue]]

_BOUND_TYPES = ("CodeableConcept", "Coding", "Quantity")


def json_type(kind: str) -> str:
    """Name the JSON type that carries a primitive type."""
    if kind == "boolean":
        return "boolean"
    return "number" if kind == "decimal" or kind in formats.LIMITS else "string"


def of_resource(value: Json, path: str) -> Iterator[Issue]:
    """Judge a whole resource by the rules of its type."""
    rule = _OF_RESOURCE.get(value["resourceType"])
    if rule is not None:
        yield from rule(value, path)


def of_type(value: Json, type_name: str, path: str) -> Iterator[Issue]:
    """Judge a datatype by the rules of its own."""
    for name in definitions.lineage(type_name):
        if name in _OF_TYPE:
            yield from _OF_TYPE[name](value, path)


def of_element(value: Any, element: Element, path: str) -> Iterator[Issue]:
    """Judge an element by its binding, or as a canonical."""
    if isinstance(value, str):
        if definitional.is_canonical(element):
            yield from definitional.of_canonical(value, element, path)
        return
    if element.type == "Reference":
        yield from references.of_target(value, element, path)
    if element.binding and element.type in _BOUND_TYPES and not is_bound(value, element.binding):
        yield issue("N2101", path, value_set=element.binding)


def is_bound(value: Json, binding: str) -> bool:
    """Tell whether a concept has a coding of a required value set, if that is known here."""
    value_set = definitions.value_set(binding)
    if value_set is None:
        return True
    codings = value.get("coding", [value])
    return any(value_set.contains(c.get("system", ""), c.get("code", "")) for c in codings)


def _coding(value: Json, path: str) -> Iterator[Issue]:
    system, code = value.get("system"), value.get("code")
    if system is None:
        return
    yield from _absolute(system, f"{path}.system")
    if formats.is_value_set(system):
        yield issue("N2131", f"{path}.system")
    known = definitions.code_system(system)
    if known is not None and code is not None and code not in known:
        yield issue("N2102", f"{path}.code", system=system)


def _identifier(value: Json, path: str) -> Iterator[Issue]:
    if "system" in value:
        yield from _absolute(value["system"], f"{path}.system")


def _absolute(uri: str, path: str) -> Iterator[Issue]:
    if not formats.is_absolute(uri):
        yield issue("N2107", path)


def _attachment(value: Json, path: str) -> Iterator[Issue]:
    if "size" in value and "data" in value:
        size = len(base64.b64decode("".join(value["data"].split())))
        if size != value["size"]:
            yield issue("N2106", path, expected=value["size"], found=size)


def _extension(value: Json, path: str) -> Iterator[Issue]:
    """An extension is named in full, without a version; within another, relative to it.

    https://hl7.org/fhir/R4/extensibility.html
    """
    if "|" in value.get("url", ""):
        yield issue("N2016", f"{path}.url", type="uri")
    elif not _NESTED.search(path):
        yield from _absolute(value.get("url", "urn:none"), f"{path}.url")


_NESTED = re.compile(r"xtension\[\d+\]\.extension\[\d+\]\Z")


def _narrative(value: Json, path: str) -> Iterator[Issue]:
    for fault in narrative.faults(value.get("div", "")) if "div" in value else ():
        yield issue(_NARRATIVE[fault], f"{path}.div")


# eld-19; each name of a path is one token, so that matching never goes back.
_PATH = re.compile(
    r"[^\s.,:;'\"/|?!@#$%&*()\[\]{}]{1,64}"
    r"(?:\.[^\s.,:;'\"/|?!@#$%&*()\[\]{}]{1,64}(?:\[x\])?(?::[^\s.]+)?)*\Z"
)


def _element_definition(value: Json, path: str) -> Iterator[Issue]:
    if not _PATH.match(value.get("path", "")):
        yield contained.broken("ElementDefinition", "eld-19", path)


def _constraint(value: Json, path: str) -> Iterator[Issue]:
    yield from definitional.of_expression(value.get("expression", "true"), f"{path}.expression")


_NARRATIVE = {
    "xml": "N2110",
    "root": "N2111",
    "element": "N2112",
    "attribute": "N2113",
    "empty": "N2114",
}
_OF_TYPE: dict[str, Rule] = {
    "Attachment": _attachment,
    "Coding": _coding,
    "ElementDefinition": _element_definition,
    "ElementDefinition.constraint": _constraint,
    "Quantity": _coding,
    "Extension": _extension,
    "Identifier": _identifier,
    "Narrative": _narrative,
    "Reference": references.of_format,
}
_OF_RESOURCE: dict[str, Rule] = {
    "Bundle": bundle.problems,
    "CodeSystem": definitional.of_code_system,
    "Observation": vitals.problems,
    "Questionnaire": questionnaire.problems,
    "QuestionnaireResponse": answers.problems,
    "SearchParameter": definitional.of_search_parameter,
    "ValueSet": definitional.of_value_set,
}
