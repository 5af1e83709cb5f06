"""The slow path: every problem of a resource, each at its FHIRPath location.

It runs only when the fast path says no, and it decides.  https://hl7.org/fhir/R4/json.html
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir import definitions
from nabd.fhir.check import contained, formats, identity, invariants, rules
from nabd.fhir.check.fast import safe_name
from nabd.fhir.definitions import Element

Json = dict[str, Any]

_JSON_NAMES = {bool: "boolean", int: "number", str: "string"}


def problems(value: Any, path: str = "") -> list[Issue]:
    """List all problems of a resource; structure first, and rules only on sound structure."""
    return list(_resource(value, path))


def _resource(value: Any, path: str, within: bool = False) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield issue("N2004", path, found=_json_name(value))
        return
    type_name = value.get("resourceType")
    if not isinstance(type_name, str) or type_name not in definitions.TYPE_NUMBER:
        yield issue("N2006", path)
        return
    path = path or type_name
    unsound = list(_object(value, type_name, path))
    yield from unsound
    if not unsound:
        yield from _rules_of_object(value, type_name, path, value)
        yield from rules.of_resource(value, path)
        yield from identity.problems(value, path)
    if not unsound and not within:
        yield from contained.problems(value, path)


# ------------------------------------------------------------------------------- structure


def _object(value: Json, type_name: str, path: str) -> Iterator[Issue]:
    elements = definitions.elements(type_name)
    if not value.keys() - {"id", "resourceType"} and type_name not in definitions.TYPE_NUMBER:
        yield issue("N2005", path)
        return
    for key, child in value.items():
        if key == "resourceType" and type_name in definitions.TYPE_NUMBER:
            continue
        name = key.removeprefix("_")
        element = elements.get(name)
        if element is None or (name != key and not definitions.is_primitive(element.type)):
            yield issue("N2010", f"{path}.{safe_name(key)}", type=type_name)
        elif name == key:
            yield from _element(value, element, child, path)
        elif name not in value:
            yield from _element(value, element, None, path)
    yield from _missing(value, type_name, path)


def _missing(value: Json, type_name: str, path: str) -> Iterator[Issue]:
    choices: dict[str, list[str]] = {}
    needed: set[str] = set()
    for element in definitions.elements(type_name).values():
        group = choices.setdefault(element.choice or element.name, [])
        if element.name in value or f"_{element.name}" in value:
            group.append(element.name)
        if element.required:
            needed.add(element.choice or element.name)
    for name, present in choices.items():
        if len(present) > 1:
            yield issue("N2017", f"{path}.{name}", name=name)
        elif not present and name in needed:
            yield issue("N2011", path, name=name)


def _element(owner: Json, element: Element, value: Any, path: str) -> Iterator[Issue]:
    """Check one element of an object: the value and, for primitives, its companion."""
    where = _location(element, path)
    companion = owner.get(f"_{element.name}")
    if value is None and (element.name in owner or companion is None):
        yield issue("N2018", where)
    elif definitions.is_primitive(element.type):
        yield from _primitives(element, value, companion, where, f"_{element.name}" in owner)
    elif not element.array:
        yield from _single(value, element, where)
    elif not isinstance(value, list):
        yield issue("N2012", where)
    elif not value:
        yield issue("N2005", where)
    else:
        for place, item in enumerate(value):
            yield from _single(item, element, f"{where}[{place}]")


def _location(element: Element, path: str) -> str:
    if element.choice:
        return f"{path}.{element.choice}.ofType({element.type})"
    return f"{path}.{element.name}"


def _single(value: Any, element: Element, path: str) -> Iterator[Issue]:
    if isinstance(value, list):
        yield issue("N2013", path)
    elif value is None:
        yield issue("N2018", path)
    elif element.type == "Resource":
        yield from _resource(value, path, element.name == "contained")
    elif not isinstance(value, dict):
        yield issue("N2014", path, expected="object", found=_json_name(value))
    else:
        yield from _object(value, element.profile or element.type, path)


def _primitives(
    element: Element, value: Any, companion: Any, path: str, has_companion: bool
) -> Iterator[Issue]:
    if not element.array:
        yield from _primitive(element, value, companion, path, has_companion)
        return
    if not all(v is None or isinstance(v, list) for v in (value, companion)):
        yield issue("N2012", path)
        return
    values, companions = value or [], companion or []
    length = max(len(values), len(companions))
    if not length or (value == [] or (has_companion and companion == [])):
        yield issue("N2005", path)
    if values and companions and len(values) != len(companions):
        yield issue("N2019", path)
        return
    pad: list[None] = [None] * length
    for place, (v, c) in enumerate(zip(values or pad, companions or pad, strict=True)):
        yield from _primitive(element, v, c, f"{path}[{place}]", c is not None)


def _primitive(
    element: Element, value: Any, companion: Any, path: str, has_companion: bool
) -> Iterator[Issue]:
    if has_companion:
        yield from _companion(companion, path)
    if value is not None:
        yield from _value(element, value, path)
    elif not has_companion:
        yield issue("N2018", path)
    elif element.binding:
        yield issue("N2101", path, value_set=element.binding)


def _companion(value: Any, path: str) -> Iterator[Issue]:
    """Check the "_name" of a primitive: an Element with extensions and perhaps an id."""
    if not isinstance(value, dict):
        yield issue("N2014", path, expected="object", found=_json_name(value))
    else:
        yield from _object(value, "Element", path)


def _value(element: Element, value: Any, path: str) -> Iterator[Issue]:
    kind = element.type
    expected = rules.json_type(kind)
    if _json_name(value) != expected or (kind in formats.LIMITS and not isinstance(value, int)):
        yield issue("N2014", path, expected=expected, found=_json_name(value))
    elif isinstance(value, str):
        yield from _text(element, value, path)
    elif kind in formats.LIMITS and not in_limits(kind, value):
        low, high = formats.LIMITS[kind]
        yield issue("N2021", path, low=low, high=high)


def in_limits(kind: str, value: int) -> bool:
    """Tell whether an integer is within the limits of its type."""
    low, high = formats.LIMITS[kind]
    return low <= value <= high


def _text(element: Element, value: str, path: str) -> Iterator[Issue]:
    if not value:
        yield issue("N2005", path)
    elif not formats.is_text(value) and element.type != "base64Binary":
        yield issue("N2020", path, limit=formats.MAX_TEXT)
    elif not formats.has_format(element.type, value):
        yield issue("N2016", path, type=element.type)
    elif element.binding:
        value_set = definitions.value_set(element.binding)
        if value_set is not None and not value_set.has(value):
            yield issue("N2101", path, value_set=element.binding)


def _json_name(value: Any) -> str:
    if isinstance(value, list):
        return "array"
    if isinstance(value, Decimal | float):
        return "number" if isfinite(value) else "null"
    return "object" if isinstance(value, dict) else _JSON_NAMES.get(type(value), "null")


# ----------------------------------------------------------------------------------- rules


def _rules_of_object(value: Json, type_name: str, path: str, resource: Json) -> Iterator[Issue]:
    """Judge an object of sound structure, then what it holds; resources judge themselves."""
    yield from invariants.problems(value, type_name, path, resource)
    yield from rules.of_type(value, type_name, path)
    for name, child in value.items():
        element = definitions.elements(type_name).get(name.removeprefix("_"))
        if element is None or element.type == "Resource":
            continue
        where = _location(element, path)
        for item, place in _items(child, where):
            if item is not None:
                yield from _rules_of_item(item, name, element, place, resource)


def _items(value: Any, path: str) -> Iterator[tuple[Any, str]]:
    if isinstance(value, list):
        yield from ((item, f"{path}[{place}]") for place, item in enumerate(value))
    else:
        yield value, path


def _rules_of_item(
    value: Any, name: str, element: Element, path: str, resource: Json
) -> Iterator[Issue]:
    if not isinstance(value, dict):
        yield from invariants.problems_of_element(value, element, path, resource)
        yield from rules.of_element(value, element, path)
        return
    type_name = "Element" if name.startswith("_") else element.profile or element.type
    if type_name != "Element":
        yield from invariants.problems_of_element(value, element, path, resource)
        yield from rules.of_element(value, element, path)
    yield from _rules_of_object(value, type_name, path, resource)
