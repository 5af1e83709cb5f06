"""Items of a collection, and what the R4 definitions say about them.

An item is a *system value* (``str``, ``bool``, ``int``, ``Decimal``, :class:`Temporal`,
:class:`Quantity`) or a :class:`Node`: a plain JSON value that knows its FHIR type and, for a
primitive, its sibling ``_name`` with id and extensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from nabd.fhir import definitions
from nabd.fhir.fhirpath import quantity, temporal
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal

#: The types whose values tell their own type in ``resourceType``.
RESOURCES = frozenset({"Resource", "DomainResource"})
SYSTEM_TYPES = frozenset(
    {"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"}
)
_QUANTITIES = (
    "Quantity",
    "Age",
    "Count",
    "Distance",
    "Duration",
)


class Node:
    """A FHIR element: its JSON value, its type (``""``: unknown) and its ``_name`` sibling."""

    __slots__ = ("extra", "type", "value")

    def __init__(self, value: Any, type_name: str, extra: Any = None) -> None:
        self.value = value
        self.type = type_name
        self.extra = extra

    def __repr__(self) -> str:
        return f"Node({self.value!r}, {self.type!r})"


#: What a collection holds: a Node or a system value.
Collection: TypeAlias = list[Any]


class Key(NamedTuple):
    """Where an element stands in JSON: ``valueQuantity`` is the element ``value``."""

    json: str
    type: str
    primitive: bool
    name: str


class Plan(NamedTuple):
    """The elements of one type, by the name a path uses and by the name JSON uses."""

    named: dict[str, tuple[Key, ...]]
    keyed: dict[str, Key]


@cache
def plan(type_name: str) -> Plan:
    """Read the elements of a type; an unknown type has none."""
    keyed = {
        json: Key(
            json, element.type, definitions.is_primitive(element.type), element.choice or json
        )
        for json, element in _elements(type_name).items()
    }
    named: dict[str, tuple[Key, ...]] = {}
    for key in keyed.values():
        named[key.name] = (*named.get(key.name, ()), key)
    return Plan(named, keyed)


def _elements(type_name: str) -> Mapping[str, definitions.Element]:
    return definitions.elements(type_name) if definitions.is_type(type_name) else {}


@cache
def ancestors(type_name: str) -> frozenset[str]:
    """List the type itself and all it specialises: Age, Quantity, Element."""
    if not definitions.is_type(type_name):
        return frozenset({type_name})
    return frozenset(definitions.lineage(type_name))


def node(value: Any, type_name: str, extra: Any = None) -> Node:
    """Make a node; a resource brings its own type."""
    if type_name in RESOURCES and isinstance(value, dict):
        type_name = resource_type(value) or type_name
    return Node(value, type_name, extra if type(extra) is dict else None)


def resource_type(value: dict[str, Any]) -> str:
    """Read the type that a resource says it is of; ``""`` when it says none."""
    found = value.get("resourceType")
    return found if type(found) is str else ""


# --- children -------------------------------------------------------------------------------------


def member(items: Collection, name: str) -> Collection:
    """Collect the elements called ``name`` of every item."""
    out: Collection = []
    for item in items:
        if type(item) is Node:
            value = item.value
            if type(value) is dict:
                _of_object(value, item.type, name, out)
            elif name in ("extension", "id") and item.extra:
                _grow(out, item.extra.get(name), None, "Extension" if name != "id" else "string")
        elif type(item) is Quantity and name in ("value", "unit"):
            out.append(item.value if name == "value" else item.unit)
    return out


def _of_object(value: dict[str, Any], type_name: str, name: str, out: Collection) -> None:
    keys = plan(type_name).named.get(name)
    if keys is None:
        _untyped(value, type_name, name, out)
    elif len(keys) == 1:
        _of_key(value, keys[0], out)
    else:
        keyed = plan(type_name).keyed
        for json in value:
            key = keyed.get(json.removeprefix("_"))
            if key is not None and key.name == name and (json[0] != "_" or json[1:] not in value):
                _of_key(value, key, out)


def _untyped(value: dict[str, Any], type_name: str, name: str, out: Collection) -> None:
    """Take the key as it stands, where no definition says more: types, unknown objects."""
    if name != "resourceType" and name in value and not plan(type_name).keyed:
        _grow(out, value[name], value.get("_" + name), "")


def _of_key(value: dict[str, Any], key: Key, out: Collection) -> None:
    raw = value.get(key.json)
    extra = value.get("_" + key.json) if key.primitive else None
    if raw is not None or extra is not None:
        _grow(out, raw, extra, key.type)


def _grow(out: Collection, raw: Any, extra: Any, type_name: str) -> None:
    if type(raw) is list:
        if not extra:
            out.extend([node(one, type_name) for one in raw if one is not None])
            return
    elif type(extra) is not list:
        if raw is not None or extra is not None:
            out.append(node(raw, type_name, extra))
        return
    ones, extras = (_listed(one) for one in (raw, extra))
    for one, more in zip_longest(ones, extras):
        if one is not None or more is not None:
            out.append(node(one, type_name, more))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if type(value) is list else [value]


def children(items: Collection) -> Collection:
    """Collect every direct element of every item, in the order of the JSON."""
    out: Collection = []
    for item in items:
        if type(item) is not Node:
            continue
        source = item.value if type(item.value) is dict else item.extra
        if type(source) is dict:
            type_name = item.type if source is item.value else "Element"
            for name in _names(source, type_name):
                _of_object(source, type_name, name, out)
    return out


def _names(value: dict[str, Any], type_name: str) -> Iterable[str]:
    keyed = plan(type_name).keyed
    plain = (json.removeprefix("_") for json in value if json != "resourceType")
    return dict.fromkeys(keyed[json].name if json in keyed else json for json in plain)


# --- system values --------------------------------------------------------------------------------


def _decimal(value: Any) -> Any:
    return Decimal(value) if type(value) is int else value


def _or_text(parse: Callable[[str], Temporal | None]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return (parse(value) or value) if type(value) is str else value

    return convert


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "date": _or_text(temporal.parse_date),
    "dateTime": _or_text(temporal.parse_datetime),
    "instant": _or_text(temporal.parse_datetime),
    "time": _or_text(temporal.parse_time),
    "decimal": _decimal,
    **{name: lambda value: quantity.from_json(value) or value for name in _QUANTITIES},
}


def system(item: Any) -> Any:
    """Turn a node into the system value that operators work on; an object stays an object."""
    if type(item) is not Node:
        return item
    convert = _CONVERT.get(item.type)
    return convert(item.value) if convert else item.value


def plain(item: Any) -> Any:
    """Turn an item into plain JSON: a date into its text, a quantity into a FHIR Quantity."""
    if type(item) is Node:
        return item.value
    if type(item) is Temporal:
        return str(item)
    return item.json() if type(item) is Quantity else item


# --- types ----------------------------------------------------------------------------------------

_SYSTEM_OF = {bool: "Boolean", str: "String", int: "Integer", Decimal: "Decimal"}


def type_of(item: Any) -> tuple[str, str]:
    """Name an item's type: ("FHIR", "Patient"), ("System", "Integer")."""
    if type(item) is Node:
        if item.type:
            return ("FHIR", _shown(item.type))
        return ("System", _SYSTEM_OF.get(type(item.value), "Any"))
    if type(item) is Temporal:
        return ("System", item.kind)
    if type(item) is Quantity:
        return ("System", "Quantity")
    return ("System", _SYSTEM_OF.get(type(item), "Any"))


def _shown(type_name: str) -> str:
    """Name the type of a nested element as the specification does: BackboneElement."""
    return "BackboneElement" if "." in type_name else type_name


class TypeName(NamedTuple):
    """A type specifier: what it means among FHIR's types and among the system's ("": nothing)."""

    fhir: str
    system: str


@cache
def type_name(specifier: str) -> TypeName | None:
    """Resolve a type specifier; ``None`` when it names no type."""
    space, _, name = specifier.rpartition(".")
    fhir = name if space in ("", "FHIR") and definitions.is_type(name) else ""
    system_name = name if space in ("", "System") and name in SYSTEM_TYPES else ""
    if space == "System" or fhir or system_name:
        return TypeName(fhir, system_name)
    return None


def is_type(item: Any, wanted: TypeName) -> bool:
    """Tell whether an item is of the type or of one that specialises it (``is``)."""
    if type(item) is Node and item.type:
        return bool(wanted.fhir) and wanted.fhir in ancestors(item.type)
    return type_of(item) == ("System", wanted.system)


def narrows(item: Any, wanted: TypeName) -> bool:
    """Tell whether ``as`` and ``ofType`` keep an item: primitives must be exactly of the type."""
    if type(item) is Node and item.type and type(item.value) is not dict:
        return item.type == wanted.fhir
    return is_type(item, wanted)
