"""TypedDict classes of the R4 types, made from the definitions when a type is first met.

A resource is decoded to them, which checks structure, JSON types, cardinality and bound codes at
the price of a plain decode, and yields the plain value itself (decision 0008).  What JSON text a
shape does not know, it leaves out; so ``nabd.fhir.check.fast`` compares what was read with the
text.  A shape may refuse what R4 allows, never the other way round: what it refuses is judged by
``nabd.fhir.check.walk``.  So a shape leaves out what is rare:

* ids and extensions of elements that are primitive values in a list,
* element ids, the type of a Reference, and in an Extension the value types that hardly anybody
  sends,
* the companion "_name" of codes, choices and metadata, and of primitives in types that have
  fast forms.

Formats, invariants and empty objects are looked at afterwards: ``nabd.fhir.check.judging``.
"""

from __future__ import annotations

import re
import sys
import typing
from functools import cache
from types import ModuleType
from typing import Annotated, Any, ForwardRef, Literal, NotRequired

import msgspec

from nabd.fhir import definitions
from nabd.fhir.check import formats
from nabd.fhir.check.forms import FORMS, RULES
from nabd.fhir.definitions import Element

# The classes refer to each other by name, and msgspec looks names up in their module.
_SPACE = ModuleType("nabd.fhir.check.shapes.space")
_SPACE.__dict__.update(
    ANY=Any,  # a decimal: only as such does it keep its digits
    FEW=msgspec.Meta(min_length=1),
    RAW=msgspec.Raw,  # another resource: judged by its own shape
    Annotated=Annotated,
    NotRequired=NotRequired,
)
sys.modules[_SPACE.__name__] = _SPACE
_typed_dict: Any = typing.TypedDict  # the checker of types knows only those written out

_USUAL_VALUES = (
    "boolean canonical code date dateTime decimal id instant integer markdown positiveInt string "
    "time unsignedInt uri url uuid Address CodeableConcept Coding ContactPoint HumanName "
    "Identifier Money Period Quantity Reference"
)


@cache
def shape(type_name: str) -> Any:
    """Return the shape of a resource type; it is made, with all it needs, the first time."""
    for name in reachable(type_name):
        if not hasattr(_SPACE, _name(name)):
            setattr(_SPACE, _name(name), _shape(name))
    return getattr(_SPACE, _name(type_name))


def reachable(type_name: str) -> set[str]:
    """Name the types that a resource of a type is made of, its own and Element among them."""
    found = {type_name, "Element"}
    pending = [type_name, "Element"]
    while pending:
        new = {element_type(e) for e in fields(pending.pop())} - {"Resource"} - found
        found |= new
        pending += new
    return found


@cache
def fields(type_name: str) -> tuple[Element, ...]:
    """Choose the elements that the shape of a type has."""
    found = tuple(definitions.elements(type_name).values())
    if "Element" in definitions.lineage(type_name):
        found = tuple(e for e in found if e.name != "id")
    if type_name == "Reference":
        return tuple(e for e in found if e.name != "type")  # it has to agree with the reference
    if type_name == "Extension":
        return tuple(e for e in found if not e.choice or e.type in _USUAL_VALUES.split())
    return found


def element_type(element: Element) -> str:
    """Name the type of an element's objects; Element for a primitive, whose companion it is."""
    found = element.profile or element.type
    return "Element" if definitions.is_primitive(found) else found


def has_companion(type_name: str, element: Element) -> bool:
    """Tell whether the shape of a type has the "_name" of an element."""
    if element.array or element.binding or element.choice or _has_conditions(type_name):
        return False
    if not definitions.is_primitive(element.type):
        return False
    return not element.path.startswith(("Resource.", "Meta."))


def _has_conditions(type_name: str) -> bool:
    return any(t in FORMS or t in RULES for t in definitions.lineage(type_name))


def _shape(type_name: str) -> Any:
    keys: dict[str, Any] = {}
    if type_name in definitions.TYPE_NUMBER:
        keys["resourceType"] = Literal[type_name]
    for element in fields(type_name):
        annotation = _annotation(element)
        if element.choice or not element.required:
            annotation = f"NotRequired[{annotation}]"
        keys[element.name] = ForwardRef(annotation, module=_SPACE.__name__)
        if has_companion(type_name, element):
            companion = f"NotRequired[{_name('Element')}]"
            keys[f"_{element.name}"] = ForwardRef(companion, module=_SPACE.__name__)
    return _typed_dict(_name(type_name), keys)


def _name(type_name: str) -> str:
    return type_name.replace(".", "_") + "_"  # "List" must not hide the name in annotations


def _annotation(element: Element) -> str:
    """Write the type of an element, as a name or expression of the space."""
    kind = element.profile or element.type
    if kind == "Resource":
        annotation = "RAW"
    elif definitions.is_primitive(kind):
        annotation = _primitive(kind, element.binding)
    else:
        annotation = _name(kind)
    return f"Annotated[list[{annotation}], FEW]" if element.array else annotation


@cache
def _primitive(kind: str, binding: str) -> str:
    """Put the type of a primitive into the space, and name it."""
    value_set = definitions.value_set(binding) if binding else None
    if value_set and not value_set.rule:
        return _put(re.sub(r"\W", "_", value_set.url), Literal[tuple(sorted(value_set.codes))])
    return "ANY" if kind == "decimal" else _put(f"_{kind}", _value(kind))


def _put(name: str, annotation: Any) -> str:
    setattr(_SPACE, name, annotation)
    return name


def _value(kind: str) -> Any:
    if kind == "boolean":
        return bool
    if kind in formats.LIMITS:
        low, high = formats.LIMITS[kind]
        return Annotated[int, msgspec.Meta(ge=low, le=high)]
    longest = None if kind == "base64Binary" else formats.MAX_TEXT
    return Annotated[str, msgspec.Meta(min_length=1, max_length=longest)]
