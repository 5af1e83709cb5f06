"""Rules of the resources that define things: canonical URLs, code systems, search parameters.

https://hl7.org/fhir/R4/references.html#canonical
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nabd.errors import Issue, Problem, issue
from nabd.fhir import definitions, fhirpath
from nabd.fhir.check import formats
from nabd.fhir.definitions import Element

Json = dict[str, Any]

_CORE = re.compile(r"http://hl7\.org/fhir/([A-Z][A-Za-z]+)/")
_VALUE_TYPES = {"valueCode": "code", "valueCoding": "Coding", "valueString": "string"} | {
    f"value{name[0].upper()}{name[1:]}": name
    for name in ("integer", "boolean", "dateTime", "decimal")
}

# What a code system does not say itself: a supplement has its system's, not-present no concept.
_ELSEWHERE = {"supplement": ("caseSensitive", "hierarchyMeaning"), "not-present": ("concept",)}
# http://hl7.org/fhir/concept-properties: properties that are booleans in every code system.
_BOOLEANS = ("inactive", "notSelectable")


def is_canonical(element: Element) -> bool:
    """Tell whether an element is a canonical, or the url that canonicals name."""
    owner, _, name = element.path.rpartition(".")
    return element.type == "canonical" or (name == "url" and owner in definitions.TYPE_NUMBER)


def of_canonical(value: str, element: Element, path: str) -> Iterator[Issue]:
    """Demand that a url or profile is absolute, and a canonical of R4 itself of a right type.

    Other canonicals may be relative: R4 wants them absolute only where it can, and its own examples
    are not.
    """
    if (element.type == "uri" or element.path == "Meta.profile") and not formats.is_absolute(value):
        yield issue("N2107", path)
    found = _CORE.match(value)
    if found and element.targets and _is_foreign(found[1], element.targets):
        yield issue("N2115", path, expected=", ".join(element.targets), found=found[1])


def _is_foreign(type_name: str, targets: tuple[str, ...]) -> bool:
    return type_name in definitions.TYPE_NUMBER and not {type_name, "Resource"} & set(targets)


def of_code_system(value: Json, path: str) -> Iterator[Issue]:
    """Judge a CodeSystem. https://hl7.org/fhir/R4/codesystem.html"""
    if ("supplements" in value) != (value.get("content") == "supplement"):
        yield issue("N2116", f"{path}.content")
    for name in _ELSEWHERE.get(value.get("content", ""), ()):
        if name in value:
            yield issue("N2135", f"{path}.{name}", name=name)
    yield from _count(value, path)
    declared: dict[str, str] = {}
    for place, each in enumerate(value.get("property", ())):
        if each.get("code") in declared:
            yield issue("N2117", f"{path}.property[{place}]")
        declared[each.get("code", "")] = each.get("type", "")
    yield from _properties(value.get("concept", ()), declared, path)


def _count(value: Json, path: str) -> Iterator[Issue]:
    """A complete code system has as many concepts as it says."""
    found = len(list(_concepts(value)))
    if value.get("content") == "complete" and value.get("count", found) != found:
        yield issue("N2118", f"{path}.count", expected=value["count"], found=found)


def _concepts(value: Json) -> Iterator[Json]:
    for concept in value.get("concept", ()):
        yield concept
        yield from _concepts(concept)


def _properties(concepts: list[Json], declared: dict[str, str], path: str) -> Iterator[Issue]:
    for place, concept in enumerate(concepts):
        where = f"{path}.concept[{place}]"
        for number, each in enumerate(concept.get("property", ())):
            expected = declared.get(each.get("code", ""))
            found = next((t for name, t in _VALUE_TYPES.items() if name in each), None)
            if expected and found and expected != found:
                at = f"{where}.property[{number}]"
                yield issue("N2119", at, expected=expected, found=found)
        yield from _properties(concept.get("concept", ()), declared, where)


def of_expression(expression: str, path: str) -> Iterator[Issue]:
    """Demand that an expression is FHIRPath."""
    try:
        fhirpath.parse(expression)
    except Problem as problem:
        yield from (issue(i.code, path, **i.params) for i in problem.issues)


def of_search_parameter(value: Json, path: str) -> Iterator[Issue]:
    """Judge a SearchParameter. https://hl7.org/fhir/R4/searchparameter.html"""
    if value.get("type") == "composite" and len(value.get("component", ())) < 2:
        yield issue("N2120", path)
    yield from of_expression(value.get("expression", "true"), f"{path}.expression")
    bases = set(value.get("base", ()))
    starts = set(re.findall(r"(?:^|\|)[(\s]*([A-Z][A-Za-z]+)\.", value.get("expression", "")))
    foreign = starts & definitions.TYPE_NUMBER.keys() - bases
    if foreign and not bases & {"Resource", "DomainResource"}:
        yield issue("N2121", f"{path}.expression", found=", ".join(sorted(foreign)))


def of_value_set(value: Json, path: str) -> Iterator[Issue]:
    """Judge a ValueSet: the systems it draws from are absolute, and its filters make sense."""
    for kind in ("include", "exclude"):
        for place, each in enumerate(value.get("compose", {}).get(kind, ())):
            where = f"{path}.compose.{kind}[{place}]"
            if not formats.is_absolute(each.get("system", "urn:none")):
                yield issue("N2107", where)
            yield from _filters(each, where)


def _filters(chosen: Json, path: str) -> Iterator[Issue]:
    for place, each in enumerate(chosen.get("filter", ())):
        name, wanted = each.get("property", ""), each.get("value")
        if name in _BOOLEANS and each.get("op") == "=" and wanted not in ("true", "false"):
            yield issue("N2136", f"{path}.filter[{place}]", property=name)
