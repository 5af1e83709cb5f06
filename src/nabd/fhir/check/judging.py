"""Look at what a shape does not show: formats, conditions, empty objects, depth.

A function is written for each type, straight on, one question for each of its elements; a loop
that asks a table what to do is slower.  What a call would answer most of the time is asked where
the call would stand: in a memory of what has been found right, mostly.  Resources have many
elements that few of them use, so they get a function for each set of keys with which they come.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import Decimal
from functools import cache
from textwrap import indent
from typing import Any

from nabd.fhir import definitions
from nabd.fhir.check import formats, quick, shapes
from nabd.fhir.check.forms import CODED, ELSEWHERE, FORMS, RULES
from nabd.fhir.definitions import Element

# Takes an object, and how many levels it may hold; tells whether all is surely right.
Judge = Callable[[Any, int], bool]

# What the functions know: each other, and these names.
_SPACE: dict[str, Any] = {name: getattr(quick, name) for name in quick.__all__}
_SPACE |= {"NUMBERS": frozenset([int, Decimal]), "SYSTEM_OF": quick.SYSTEM_OF}

# Of the most frequent types: what is true of nearly all objects ``v`` that are right.
_USUAL = {
    "Coding": "SYSTEM_OF.get(v.get('code'), '') == v.get('system') and 'extension' not in v",
    "Money": "v.get('value').__class__ in NUMBERS and 'extension' not in v",
    "Quantity": "v.get('value').__class__ in NUMBERS and 'extension' not in v"
    " and SYSTEM_OF.get(v.get('code'), '') == v.get('system') is not None",
    "Period": "len(v) == 2 and v.get('start') in seen_dateTime and v.get('end') in seen_dateTime"
    " and in_order(v['start'], v['end'])",
}
# The same for a reference to some types; what it may name is remembered for these types apart.
_REFERENCE = (
    "v.get('reference') in seen_{name} and (len(v) == 1 or len(v) == 2 and 'display' in v)"
    " or len(v) == 1 and 'display' in v"
    " or is_Reference(v, room - {levels}) and ('reference' not in v or is_{name}(v['reference']))"
)
# The same for a concept, whose codings are asked one by one.
_CONCEPT = """
try:
    for c in v['coding']:
        if SYSTEM_OF[c['code']] != c['system'] or 'extension' in c: raise KeyError
    if 'extension' in v: raise KeyError
except KeyError:
    if not is_CodeableConcept(v, room - {levels}): return False
""".strip()

NESTED = "Extension>nested"
"""Extensions within extensions: their urls may be relative."""

# Formats of what comes once: nothing worth remembering.
_UNIQUE = ("base64Binary", "id", "uuid")
_MANY_JUDGES = 32  # of one type; beyond that, little is won


class Judges(dict[tuple[str, ...], Judge]):
    """The functions that judge resources of a type, by their keys; written when keys first come.

    When there are many, the function that asks for every element serves all others.
    """

    def __init__(self, type_name: str) -> None:
        self._type = type_name
        for name in (*shapes.reachable(type_name), NESTED):
            if _name(name) not in _SPACE:
                _SPACE[_name(name)] = _written(name)

    def __missing__(self, keys: tuple[str, ...]) -> Judge:
        if len(self) >= _MANY_JUDGES:
            found: Judge = _SPACE[_name(self._type)]
            return found
        return self.setdefault(keys, _written(self._type, keys))


def _written(name: str, keys: Collection[str] | None = None) -> Judge:
    """Write the function of a type, or of its objects that have these keys."""
    space: dict[str, Judge] = {}
    exec(_source(name, keys), _SPACE, space)  # made of R4's names and the tables of this room
    return space[_name(name)]


def unformed(type_name: str) -> list[str]:
    """List the invariants of a type that have no fast form."""
    return sorted(_keys(type_name) - ELSEWHERE - _formed(type_name))


def _keys(type_name: str) -> set[str]:
    own = definitions.invariants(type_name)
    of_elements = [i for e in definitions.elements(type_name).values() for i in e.invariants]
    return {i.key for i in (*own, *of_elements) if i.severity == "error"}


def _formed(type_name: str) -> set[str]:
    return {key for t in definitions.lineage(type_name) for key in FORMS.get(t, {})}


def _name(type_name: str) -> str:
    return "is_" + re.sub(r"\W", "_", type_name)


def _source(name: str, keys: Collection[str] | None) -> str:
    """Write the function of a type, or of extensions within extensions."""
    type_name = name.partition(">")[0]
    head = f"def {_name(name)}(o, room):"
    if unformed(type_name):
        return f"{head} return False"
    conditions = " and ".join(f"({_translated(c)})" for c in _conditions(type_name))
    body = [*_beginning(type_name), *_looks(name, keys), f"return {conditions or 'True'}"]
    return _block(head, body)


def _block(head: str, body: Iterable[str]) -> str:
    return f"{head}\n{indent(chr(10).join(body), '    ')}"


def _beginning(type_name: str) -> Iterator[str]:
    yield "if room < 0: return False"
    needed = any(e.required and not e.choice for e in shapes.fields(type_name))
    if not needed and type_name not in definitions.TYPE_NUMBER:
        yield "if not o: return False"
    yield from (f"{_count(choice)} = 0" for choice in _choices(type_name))


def _looks(name: str, keys: Collection[str] | None) -> Iterator[str]:
    """Write what is asked of each element that is there, or may be."""
    type_name = name.partition(">")[0]
    choices = _choices(type_name)
    for element in shapes.fields(type_name):
        asked = _asked(element, name)
        if element.choice in choices:
            asked.insert(0, f"{_count(element.choice)} += 1")
        yield from _where(element.name, asked, keys)
        if shapes.has_companion(type_name, element):
            question = f"if not is_Element(o['_{element.name}'], room - 1): return False"
            yield from _where(f"_{element.name}", [question], keys)


def _where(key: str, asked: list[str], keys: Collection[str] | None) -> Iterator[str]:
    """Ask where a key is, and do not ask whether it is when the keys are known."""
    if keys is None and asked:
        yield _block(f"if {key!r} in o:", asked)
    elif keys and key in keys:
        yield from asked


def _asked(element: Element, owner: str) -> list[str]:
    question = _question(element, owner)
    if not question:
        return []
    if element.array:
        return [_block(f"for v in o[{element.name!r}]:", [question])]
    return [f"v = o[{element.name!r}]", question]


def _question(element: Element, owner: str) -> str:
    """Write the question of a value ``v`` of an element, "" when the shape has answered it."""
    kind = element.profile or element.type
    if kind == "Resource":
        return ""  # judged by itself
    if kind == "CodeableConcept":
        return _CONCEPT.format(levels=1 + element.array)
    if definitions.is_primitive(kind):
        known = _known(element, kind, owner)
    elif kind == "Reference":
        known = _referred(element)
    else:
        if kind == "Extension" and owner in ("Extension", NESTED):
            kind = NESTED
        known = f"{_name(kind)}(v, room - {1 + element.array})"
        known = f"{_USUAL[kind]} or {known}" if kind in _USUAL else known
    return f"if not ({known}): return False" if known else ""


def _referred(element: Element) -> str:
    """Write what is true of a Reference ``v`` to one of the types that the element allows."""
    every = element.targets in ((), ("Resource",))
    types = definitions.TYPE_NUMBER if every else element.targets
    name = "reference" if every else "_".join(("reference", *sorted(types)))
    _seen(name, formats.reference_to(types))
    return _REFERENCE.format(name=name, levels=1 + element.array)


def _known(element: Element, kind: str, owner: str) -> str:
    """Write what is true of a primitive ``v`` of the right format."""
    if element.path == "Reference.reference":
        return ""  # asked where it stands: it depends on the types that the element allows
    if owner in ("Extension", NESTED) and element.name == "url":
        return _seen(f"url_{_name(owner)}", formats.extension_url(nested=owner == NESTED))
    if kind == "decimal":
        return "v.__class__ in NUMBERS"
    value_set = definitions.value_set(element.binding) if element.binding else None
    if value_set and not value_set.rule:
        return ""  # the shape lists its codes
    if value_set:
        return _seen(re.sub(r"\W", "_", value_set.url), rf"(?:{value_set.rule})\Z")
    kind = formats.stricter(element.path, "string" if element.path in CODED else kind)
    return _seen(kind, formats.whole(kind))


def _seen(name: str, pattern: str) -> str:
    """Write the question whether ``v`` has a format; most formats are asked in a memory first."""
    if not pattern:
        return ""
    if name in _UNIQUE:
        _SPACE[f"is_{name}"] = re.compile(pattern).match
        return f"is_{name}(v)"
    if f"is_{name}" not in _SPACE:
        seen, is_right = quick.remembering(pattern)
        _SPACE.update({f"seen_{name}": seen, f"is_{name}": is_right})
    return f"v in seen_{name} or is_{name}(v)"


def _conditions(type_name: str) -> list[str]:
    """List the conditions of a type: choices, its invariants' fast forms, rules, bindings."""
    found = []
    for choice, required in _choices(type_name).items():
        found.append(f"{_count(choice)} {'==' if required else '<='} 1")
    for name in definitions.lineage(type_name):
        found += FORMS.get(name, {}).values()
        found += RULES.get(name, ())
    found += _bindings(type_name)
    return [c for c in found if c != "True"]


def _bindings(type_name: str) -> list[str]:
    bound = [e for e in definitions.elements(type_name).values() if e.binding]
    return [
        f"all(is_bound(c, {e.binding!r}) for c in o.{e.name} or ())"
        if e.array
        else f"is_bound(o.{e.name}, {e.binding!r})"
        for e in bound
        if not definitions.is_primitive(e.type)
    ]


@cache
def _choices(type_name: str) -> dict[str, bool]:
    """Map the choices of a type to whether one must be made; an Extension counts by itself."""
    elements = shapes.fields(type_name) if type_name != "Extension" else ()
    return {e.choice: e.required for e in elements if e.choice}


def _count(choice: str) -> str:
    return f"{choice}_count"


class _Translation(ast.NodeTransformer):
    """Turn the fields of objects, ``o.x``, into lookups in dictionaries."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name):
            return node  # a method of a text
        get = ast.Attribute(node.value, "get", ast.Load())
        return ast.Call(get, [ast.Constant(node.attr)], [])


def _translated(condition: str) -> str:
    """Write a fast form in Python; ``value@`` is whether there is any value[x]."""
    counted = re.sub(r"(\w+)@", lambda found: f"({_count(found[1])} > 0)", condition)
    return ast.unparse(_Translation().visit(ast.parse(counted, mode="eval")))
