"""Struct classes of the R4 types, made from the definitions when a type is first met.

A plain value is converted to them, which checks it; they are thrown away (decision 0001).  A
shape may refuse what R4 allows, never the other way round: what it refuses is judged by
``nabd.fhir.check.walk``.  So a shape leaves out what is rare and would cost every record:

* ids and extensions of elements that are primitive values in a list,
* element ids, the type of a Reference, and in an Extension the value types that hardly anybody
  sends,
* the companion "_name" of codes, and of primitives in types that have fast forms.
"""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from types import ModuleType
from typing import Annotated, Any, Literal

import msgspec

from nabd.fhir import definitions
from nabd.fhir.check import formats, judging
from nabd.fhir.check.forms import REMEMBERED
from nabd.fhir.definitions import Element

# The classes refer to each other by name, and msgspec looks names up in their module.
_SPACE = ModuleType("nabd.fhir.check.shapes.space")
_SPACE.__dict__.update(
    Annotated=Annotated, Any=Any, FEW=msgspec.Meta(min_length=1), U=msgspec.UnsetType
)
sys.modules[_SPACE.__name__] = _SPACE

_USUAL_VALUES = (
    "boolean canonical code date dateTime decimal id instant integer markdown positiveInt string "
    "time unsignedInt uri url uuid Address CodeableConcept Coding ContactPoint HumanName "
    "Identifier Money Period Quantity Reference"
)


@cache
def shape(type_name: str) -> type[msgspec.Struct]:
    """Return the shape of a resource type; it is made, with all it needs, the first time.

    Raises KeyError when there is no such type.
    """
    definitions.TYPE_NUMBER[type_name]
    _build(type_name)
    found: type[msgspec.Struct] = getattr(_SPACE, _name(type_name))
    return found


def _build(type_name: str) -> None:
    pending = [type_name]
    while pending:
        name = pending.pop()
        if not hasattr(_SPACE, _name(name)):
            setattr(_SPACE, _name(name), _shape(name))
            pending += {_element_type(e) for e in _fields(_base(name))} - {"Resource"}
            pending.append("Element")


def _shape(name: str) -> type[msgspec.Struct]:
    type_name = _base(name)
    needed: list[tuple[str, Any, Any]] = []
    if type_name in definitions.TYPE_NUMBER:
        needed.append(("resourceType", Literal[type_name], msgspec.field()))
    free: list[tuple[str, Any, Any]] = []
    for element in _fields(type_name):
        if element.required and not element.choice:
            needed.append(_field(element, _own(name, element) or _annotation(element)))
        else:
            own = _own(name, element)
            annotation = f"{own} | U" if own else _annotation(element, " | U")
            free.append(_field(element, annotation, msgspec.UNSET))
        if _has_companion(type_name, element):
            free.append((f"_{element.name}", "Element_ | U", msgspec.field(default=msgspec.UNSET)))
    return msgspec.defstruct(
        _name(name),
        needed + free,
        namespace=judging.namespace(type_name),
        module=_SPACE.__name__,
        forbid_unknown_fields=True,
        gc=False,
    )


def _name(type_name: str) -> str:
    return re.sub(r"\W", "_", type_name) + "_"  # "List" must not hide the name in annotations


def _base(name: str) -> str:
    """Return the type of a shape: references to other types, nested extensions have their own."""
    return name.partition(">")[0]


def _own(name: str, element: Element) -> str:
    """Put the text of an element that depends on the place of its shape into the space."""
    if element.path == "Reference.reference":
        targets = name.partition(">")[2]
        types = definitions.TYPE_NUMBER if targets in ("", "Resource") else targets.split("+")
        pattern = formats.reference_to(types)
    elif name == "Extension" and element.name == "url":
        pattern = formats.SCHEME  # only within another extension may it be relative
    else:
        return ""
    return _put(
        f"{_name(name)}{element.name}", lambda: Annotated[str, msgspec.Meta(pattern=pattern)]
    )


def _fields(type_name: str) -> list[Element]:
    """Choose the elements that the shape of a type has."""
    found = list(definitions.elements(type_name).values())
    if "Element" in definitions.lineage(type_name):
        found = [e for e in found if e.name != "id"]
    if type_name == "Reference":
        return [e for e in found if e.name != "type"]  # it has to agree with the reference
    if type_name == "Extension":
        found = [e for e in found if not e.choice or e.type in _USUAL_VALUES.split()]
        return [msgspec.structs.replace(e, path=f"Extension.{e.name}") for e in found]
    return found


def _element_type(element: Element) -> str:
    found = element.profile or element.type
    if found == "Reference":
        return f"{found}>{'+'.join(element.targets)}"
    if element.path == "Extension.extension":
        return "Extension>nested"
    return "Element" if definitions.is_primitive(found) else found


def _has_companion(type_name: str, element: Element) -> bool:
    if element.array or element.binding or not definitions.is_primitive(element.type):
        return False
    if judging.has_forms(type_name):
        return False
    return element.path not in ("Resource.id", "Extension.url", "Narrative.div")


def _field(element: Element, annotation: str, default: Any = msgspec.NODEFAULT) -> Any:
    name = element.name + "_" if keyword.iskeyword(element.name) else element.name
    return name, annotation, msgspec.field(name=element.name, default=default)


def _annotation(element: Element, optional: str = "") -> str:
    """Write the type of an element, as a name or expression of the space."""
    kind = element.profile or element.type
    if kind in ("Extension", "Reference"):
        kind = _element_type(element)
    if kind == "Resource":
        annotation = "Any"  # another resource: judged by its own shape
    elif definitions.is_primitive(_base(kind)):
        annotation = _primitive(kind, element.binding, element.path)
    else:
        annotation = _name(kind)
    return (f"Annotated[list[{annotation}], FEW]" if element.array else annotation) + optional


def _primitive(kind: str, binding: str, path: str) -> str:
    """Put the type of a primitive into the space, and name it."""
    if binding and (value_set := definitions.value_set(binding)):
        name = re.sub(r"\W", "_", value_set.url)
        return _put(name, partial(_codes, value_set))
    kind = formats.stricter(path, "string" if path in REMEMBERED else kind)
    return _put(f"_{kind}", partial(_text, kind))


def _put(name: str, make: Callable[[], Any]) -> str:
    if not hasattr(_SPACE, name):
        setattr(_SPACE, name, make())
    return name


def _codes(value_set: definitions.ValueSet) -> Any:
    if value_set.rule:
        return Annotated[str, msgspec.Meta(pattern=rf"\A(?:{value_set.rule})\Z")]
    return Literal[tuple(sorted(value_set.codes))]


def _text(kind: str) -> Any:
    if kind == "boolean":
        return bool
    if kind == "decimal":
        return int | Decimal
    if kind in formats.LIMITS:
        low, high = formats.LIMITS[kind]
        return Annotated[int, msgspec.Meta(ge=low, le=high)]
    return Annotated[str, msgspec.Meta(min_length=1, pattern=formats.whole(kind) or None)]
