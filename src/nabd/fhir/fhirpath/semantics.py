"""Find what cannot be right before a record is read: names that no type has.

Types are followed through the expression as far as the definitions carry; where a value may be of
any type (``resolve()``, ``contained``, ``children()``) nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from nabd.errors import Problem, problem
from nabd.fhir import definitions
from nabd.fhir.fhirpath.functions.results import (
    OF_TEXT,
    ON_ITEMS,
    RESULTS,
    SAME,
    UNORDERED,
    WANTS_ORDER,
)
from nabd.fhir.fhirpath.model import RESOURCES, ancestors, plan, type_name
from nabd.fhir.fhirpath.parser import type_argument
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Dot,
    Empty,
    Expression,
    Item,
    Literal,
    Name,
    Special,
    TypeTest,
    Unary,
    Variable,
)
from nabd.fhir.fhirpath.temporal import Temporal

#: The types that the items of a collection may have; ``None``: any.
Types: TypeAlias = "frozenset[str] | None"

_BOOLEAN: Types = frozenset({"System.Boolean"})
_LITERALS = {bool: "Boolean", str: "String", int: "Integer", Decimal: "Decimal"}
_NUMBERS = frozenset({"System.Integer", "System.Decimal"})
_DATED = frozenset(
    {"date", "dateTime", "instant", "time", "System.Date", "System.DateTime", "System.Time"}
)
_NOT_TEXT = frozenset({"boolean", "integer", "decimal", "positiveInt", "unsignedInt"})


def check(tree: Expression, type_name: str) -> None:
    """Raise N2204 to N2208 where the types of the definitions rule an expression out.

    In a union, branches that start with another resource type are let pass: R4's search parameters
    share one expression among many types (``AllergyIntolerance.code | Condition.code``).
    """
    own: Types = frozenset({type_name}) if definitions.is_type(type_name) else None
    foreign: list[Problem] = []
    branches = _branches(tree)
    for branch in branches:
        try:
            infer(branch, own, own)
        except Problem as error:
            if len(branches) == 1 or error.issues[0].code != "N2207":
                raise
            foreign.append(error)
    if len(foreign) == len(branches):
        raise foreign[0]


def _branches(tree: Expression) -> list[Expression]:
    if type(tree) is Binary and tree.operator == "|":
        return [*_branches(tree.left), *_branches(tree.right)]
    return [tree]


def infer(tree: Expression, focus: Types, this: Types) -> Types:
    """Return the types that ``tree`` may yield on a focus."""
    return _INFER[type(tree)](tree, focus, this)


def _literal(tree: Literal, _: Types, __: Types) -> Types:
    value = tree.value
    if type(value) is Temporal:
        return frozenset({f"System.{value.kind}"})
    name = "Quantity" if type(value) is Quantity else _LITERALS[type(value)]
    return frozenset({f"System.{name}"})


def _empty(_: Empty, __: Types, ___: Types) -> Types:
    return frozenset()


def _special(tree: Special, _: Types, this: Types) -> Types:
    if tree.name == "this":
        return this
    return frozenset({"System.Integer"}) if tree.name == "index" else None


def _variable(_: Variable, __: Types, ___: Types) -> Types:
    return None


def _head(tree: Name, focus: Types, _: Types) -> Types:
    name = tree.name
    if focus is None or not name[:1].isupper():
        return members(focus, name)
    own = frozenset(one for one in focus if name in ancestors(one))
    if own:
        return own
    if definitions.is_type(name) and focus:
        raise problem("N2207", expected=_shown(focus), found=name)
    return members(focus, name)


def members(focus: Types, name: str) -> Types:
    """Return the types of an element; N2204 when no type of the focus has it."""
    if not focus:
        return focus
    found: set[str] = set()
    for one in focus:
        keys = _keys(one, name)
        if keys is None:
            return None
        found |= keys
    if not found:
        raise problem("N2204", type=_shown(focus), name=name)
    return None if found & RESOURCES else frozenset(found)


def _keys(type_name: str, name: str) -> set[str] | None:
    if type_name in RESOURCES or type_name in ("Element", "BackboneElement", ""):
        return None
    if type_name.startswith("System."):
        return {"System.Any"} if type_name in ("System.Quantity", "System.Any") else set()
    return {key.type for key in plan(type_name).named.get(name, ())}


def _shown(types: frozenset[str]) -> str:
    return ", ".join(sorted(types)[:5])


def _dot(tree: Dot, focus: Types, this: Types) -> Types:
    left = infer(tree.left, focus, this)
    if type(tree.right) is Name:
        return members(left, tree.right.name)
    if _is_call(tree.left, UNORDERED) and _is_call(tree.right, WANTS_ORDER):
        raise problem(
            "N2208", expected="children().where(…)", where="[ ]", found="children().first()"
        )
    return infer(tree.right, left, this)


def _is_call(tree: Expression, names: frozenset[str]) -> bool:
    if type(tree) is Dot:
        tree = tree.right
    return type(tree) is Call and tree.name in names


def _item(tree: Item, focus: Types, this: Types) -> Types:
    infer(tree.index, this, this)
    return infer(tree.left, focus, this)


def _unary(tree: Unary, focus: Types, this: Types) -> Types:
    return infer(tree.operand, focus, this)


def _binary(tree: Binary, focus: Types, this: Types) -> Types:
    left, right = infer(tree.left, focus, this), infer(tree.right, focus, this)
    if tree.operator == "|":
        return _either(left, right)
    if tree.operator not in ("+", "-", "*", "/", "div", "mod", "&"):
        return _BOOLEAN
    if tree.operator in "+-" and left and right and left <= _DATED and right <= _NUMBERS:
        expected = "System.Quantity (7 days)"
        raise problem("N2208", expected=expected, where=tree.operator, found=_shown(right))
    if tree.operator == "&":
        return frozenset({"System.String"})
    return _either(left, right) if _numeric(left) and _numeric(right) else None


def _numeric(types: Types) -> bool:
    return types is not None and types <= _NUMBERS


def _either(left: Types, right: Types) -> Types:
    return None if left is None or right is None else left | right


def _type_test(tree: TypeTest, focus: Types, this: Types) -> Types:
    operand = infer(tree.operand, focus, this)
    return _BOOLEAN if tree.operator == "is" else _narrow(operand, tree.type)


def _narrow(focus: Types, specifier: str | None) -> Types:
    """Keep the types that ``as`` and ``ofType`` let through."""
    found = type_name(specifier or "")
    if found is None or found.fhir in RESOURCES:
        return None
    system = f"System.{found.system}"
    kept = {one for one in focus or () if found.fhir in ancestors(one) or one == system}
    return frozenset(kept or {found.fhir or system})


# --- functions ------------------------------------------------------------------------------------


def _call(tree: Call, focus: Types, this: Types) -> Types:
    special = _CALLS.get(tree.name)
    if special is not None:
        return special(tree, focus, this)
    inner = focus if tree.name in ON_ITEMS else this
    for argument in tree.arguments:
        infer(argument, inner, inner)
    if tree.name in OF_TEXT:
        _wants_text(tree.name, focus)
    if tree.name in SAME:
        return focus
    result = RESULTS.get(tree.name)
    return frozenset({result}) if result else None


def _wants_text(name: str, focus: Types) -> None:
    if focus and not any(map(_is_text, focus)):
        raise problem("N2208", expected="System.String", where=f"{name}()", found=_shown(focus))


def _is_text(type_name: str) -> bool:
    if type_name.startswith("System.") or not definitions.is_type(type_name):
        return type_name in ("System.String", "System.Any", "")
    return definitions.is_primitive(type_name) and type_name not in _NOT_TEXT


def _is(_: Call, __: Types, ___: Types) -> Types:
    return _BOOLEAN


def _narrowed(tree: Call, focus: Types, _: Types) -> Types:
    return _narrow(focus, type_argument(tree))


def _select(tree: Call, focus: Types, _: Types) -> Types:
    return infer(tree.arguments[0], focus, focus)


def _repeat(tree: Call, focus: Types, _: Types) -> Types:
    found = infer(tree.arguments[0], focus, focus)
    while found is not None:
        try:
            more = _either(found, infer(tree.arguments[0], found, found))
        except Problem:  # what was found has no such element: there it ends
            return found
        if more == found:
            return found
        found = more
    return None


def _iif(tree: Call, focus: Types, this: Types) -> Types:
    inner = focus or this
    criterion = infer(tree.arguments[0], inner, inner)
    if criterion and not criterion & {"System.Boolean", "boolean", "System.Any"}:
        raise problem("N2208", expected="System.Boolean", where="iif()", found=_shown(criterion))
    found: Types = frozenset()
    for argument in tree.arguments[1:]:
        found = _either(found, infer(argument, inner, inner))
    return found


def _merge(tree: Call, focus: Types, this: Types) -> Types:
    return _either(focus, infer(tree.arguments[0], this, this))


_CALLS: dict[str, Callable[[Call, Types, Types], Types]] = {
    "is": _is,
    "as": _narrowed,
    "ofType": _narrowed,
    "getReferenceKey": lambda *_: frozenset({"System.String"}),
    "select": _select,
    "repeat": _repeat,
    "repeatAll": _repeat,
    "iif": _iif,
    "union": _merge,
    "combine": _merge,
}

_INFER: dict[type, Callable[[Any, Types, Types], Types]] = {
    Literal: _literal,
    Empty: _empty,
    Special: _special,
    Variable: _variable,
    Name: _head,
    Call: _call,
    Dot: _dot,
    Item: _item,
    Unary: _unary,
    Binary: _binary,
    TypeTest: _type_test,
}
