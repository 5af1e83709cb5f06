"""FHIRPath Patch: http://hl7.org/fhir/R4/fhirpatch.html."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nabd.errors import Problem, issue, problem
from nabd.fhir import definitions
from nabd.fhir.definitions import Element
from nabd.fhir.fhirpath.parser import parse
from nabd.fhir.json import Json
from nabd.fhir.patch.places import Locator, Place, split
from nabd.fhir.patch.values import copied

_Parts = dict[str, Json]


def fhirpath_patch(resource: Json, parameters: Json) -> Json:
    """Apply all operations of a Parameters resource in their order, or none.

    Raises:
        Problem: N2410 for what is no patch, N2411 when a path must lead to one element and does
            not, N2412 for an element that does not exist in R4 or may not be there twice, N2413
            for a path that leads out of the resource, N2414 for a place outside a list; N22xx for
            a wrong FHIRPath.  The path tells which operation: ``Parameters.parameter[0]``.
    """
    document: Json = copied(resource)
    if parameters.get("resourceType") != "Parameters":
        raise problem("N2410", expected="resourceType = Parameters")
    for number, parameter in enumerate(parameters.get("parameter", [])):
        where = f"Parameters.parameter[{number}]"
        if parameter.get("name") != "operation":
            raise problem("N2410", f"{where}.name", expected="name = operation")
        _told(document, _parts(parameter), where)
    return document


def _parts(parameter: Json) -> _Parts:
    return {part.get("name", ""): part for part in parameter.get("part", [])}


def _told(document: Json, parts: _Parts, where: str) -> None:
    """Apply one operation; its problems carry its place."""
    kind = parts.get("type", {}).get("valueCode")
    work = _OPERATIONS.get(kind)
    if work is None:
        raise problem(
            "N2410", f"{where}.part", expected="type = add | insert | delete | replace | move"
        )
    try:
        work(document, parts)
    except Problem as error:
        found = [issue(one.code, one.path or where, **one.params) for one in error.issues]
        raise Problem(found) from None


def _path(parts: _Parts) -> str:
    return str(_given(parts, "path", "valueString"))


def _given(parts: _Parts, name: str, key: str) -> Any:
    value = parts.get(name, {}).get(key)
    if value is None:
        raise problem("N2410", expected=f"part({name}).{key}")
    return value


def _one(document: Json, parts: _Parts) -> Place:
    found = Locator(document).places(parse(_path(parts)))
    if len(found) != 1:
        raise problem("N2411", count=len(found))
    return found[0]


# --- operations -----------------------------------------------------------------------------------


def _add(document: Json, parts: _Parts) -> None:
    """Append to a list, or set an element that is not there yet."""
    place = _one(document, parts)
    key, element, value = _content(place, str(_given(parts, "name", "valueString")), parts)
    owner = place.node.value
    if element.array:
        owner.setdefault(key, []).append(value)
        _pad(owner, key)
    elif key in owner or _other_choice(owner, place, element):
        raise problem("N2412", name=element.choice or key, type=place.node.type)
    else:
        owner[key] = value


def _insert(document: Json, parts: _Parts) -> None:
    """Insert into a list before the item at ``index``."""
    place, name = _list(document, parts)
    key, element, value = _content(place, name, parts)
    if not element.array:
        raise problem("N2412", name=name, type=place.node.type)
    items = place.node.value.get(key, [])
    index = _index(parts, "index", len(items) + 1)
    place.node.value[key] = items
    items.insert(index, value)
    if extra := place.node.value.get("_" + key):
        extra.insert(min(index, len(extra)), None)
        _pad(place.node.value, key)


def _delete(document: Json, parts: _Parts) -> None:
    """Remove an element; one that is not there is no error."""
    found = Locator(document).places(parse(_path(parts)))
    if len(found) > 1:
        raise problem("N2411", count=len(found))
    if found:
        _remove(found[0])


def _remove(place: Place) -> None:
    if place.owner is None:
        raise problem("N2413")
    for key in (place.key, "_" + place.key):
        items = place.owner.get(key)
        if place.at is None:
            place.owner.pop(key, None)
        elif items is not None and place.at < len(items):
            del items[place.at]
            if not any(item is not None for item in items):
                del place.owner[key]


def _replace(document: Json, parts: _Parts) -> None:
    """Put another value in the place of one element; a choice may change its type."""
    place = _one(document, parts)
    if place.owner is None:
        raise problem("N2413")
    element = _element_at(place, parts)
    key, value = _typed(element, parts)
    if place.at is not None:
        place.owner[key][place.at] = value
        extra = place.owner.get("_" + key)
        if extra and place.at < len(extra):
            extra[place.at] = None
        return
    before = dict(place.owner)
    place.owner.clear()
    for name, one in before.items():  # the new value stands where the old one stood
        if name == place.key:
            place.owner[key] = value
        elif name != "_" + place.key:
            place.owner[name] = one
    place.owner.setdefault(key, value)


def _move(document: Json, parts: _Parts) -> None:
    """Take the item at ``source`` out of a list and put it at ``destination``."""
    place, name = _list(document, parts)
    items = place.node.value.get(name)
    if not isinstance(items, list):
        raise problem("N2411", count=0)
    source = _index(parts, "source", len(items))
    destination = _index(parts, "destination", len(items))
    _pad(place.node.value, name)
    for key in (name, "_" + name):
        if key in place.node.value:
            row = place.node.value[key]
            row.insert(destination, row.pop(source))


_OPERATIONS: dict[Any, Callable[[Json, _Parts], None]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


# --- lists ----------------------------------------------------------------------------------------


def _list(document: Json, parts: _Parts) -> tuple[Place, str]:
    owner, name = split(parse(_path(parts)))
    found = Locator(document).places(owner)
    if len(found) != 1:
        raise problem("N2411", count=len(found))
    return found[0], name


def _index(parts: _Parts, name: str, limit: int) -> int:
    index = _given(parts, name, "valueInteger")
    if not isinstance(index, int) or not 0 <= index < limit:
        raise problem("N2414", limit=limit - 1)
    return index


def _pad(owner: Json, key: str) -> None:
    """Keep the list of extensions as long as the list of values."""
    extra = owner.get("_" + key)
    if extra is not None:
        extra.extend([None] * (len(owner[key]) - len(extra)))


# --- values ---------------------------------------------------------------------------------------


def _content(place: Place, name: str, parts: _Parts) -> tuple[str, Element, Any]:
    """Find the element that ``name`` and the type of the value mean, and read the value."""
    if not isinstance(place.node.value, dict):
        raise problem("N2412", name=name, type=place.node.type)
    key, value = _typed(_named(place.node.type, name, parts), parts)
    return key, definitions.elements(place.node.type)[key], value


def _named(type_name: str, name: str, parts: _Parts) -> Element:
    known = definitions.elements(type_name)
    base = name.removesuffix("[x]")
    if base in known:
        return known[base]
    for one in known.values():
        if one.choice == base and one.name == base + _suffix(parts):
            return one
    raise problem("N2412", name=name, type=type_name)


def _element_at(place: Place, parts: _Parts) -> Element:
    """Find the definition of the element at a place; of a choice, the one of the new type."""
    element = definitions.elements(place.owner_type)[place.key]
    return _named(place.owner_type, element.choice, parts) if element.choice else element


def _suffix(parts: _Parts) -> str:
    value = next((key for key in parts.get("value", {}) if key.startswith("value")), "")
    return value.removeprefix("value")


def _typed(element: Element, parts: _Parts) -> tuple[str, Any]:
    """Read the part ``value`` as a value of the element."""
    part = parts.get("value")
    if part is None:
        raise problem("N2410", expected="part(value)")
    return element.name, _read(part, element.type)


def _read(part: Json, type_name: str) -> Any:
    """Read one value: ``value[x]``, a resource, or parts that name the elements of a backbone."""
    for key, value in part.items():
        if key.startswith("value") or key == "resource":
            return copied(value)
    if "part" not in part:
        raise problem("N2410", expected="value[x] | resource | part")
    return _object(part["part"], type_name)


def _object(parts: list[Json], type_name: str) -> Json:
    found: Json = {}
    for part in parts:
        element = _named(type_name, part.get("name", ""), {"value": part})
        value = _read(part, element.type)
        if element.array:
            found.setdefault(element.name, []).append(value)
        elif element.name in found:
            raise problem("N2412", name=element.name, type=type_name)
        else:
            found[element.name] = value
    return found


def _other_choice(owner: Json, place: Place, element: Element) -> bool:
    """Tell whether the choice has a value of another type already."""
    if not element.choice:
        return False
    known = definitions.elements(place.node.type)
    return any(name in known and known[name].choice == element.choice for name in owner)
