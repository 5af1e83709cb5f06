"""Turn a syntax tree into closures, once: no tree is walked while a record is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nabd.errors import problem
from nabd.fhir.fhirpath.evaluation import Evaluation, Run, integer
from nabd.fhir.fhirpath.functions import FUNCTIONS, bind
from nabd.fhir.fhirpath.functions.fhir import referred_type
from nabd.fhir.fhirpath.functions.keys import reference_key
from nabd.fhir.fhirpath.functions.types import narrowed, type_test
from nabd.fhir.fhirpath.model import (
    Collection,
    Node,
    TypeName,
    ancestors,
    member,
    resource_type,
    type_name,
)
from nabd.fhir.fhirpath.operators import OPERATORS, negated, positive
from nabd.fhir.fhirpath.parser import type_argument
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

CONSTANTS: dict[str, str] = {
    "ucum": "http://unitsofmeasure.org",
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
}
_PREFIXES = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}


def build(tree: Expression) -> Run:
    """Compile a tree.

    Raises:
        Problem: N2203 for an unknown function, N2205 for a wrong number of arguments, N2206 for an
            unknown type.
    """
    return _BUILD[type(tree)](tree)


def _literal(tree: Literal) -> Run:
    value = tree.value
    return lambda _, __: [value]


def _empty(_: Empty) -> Run:
    return lambda _, __: []


def _special(tree: Special) -> Run:
    if tree.name == "this":
        return lambda evaluation, _: evaluation.this
    if tree.name == "index":
        return lambda evaluation, _: [evaluation.index]
    return lambda evaluation, _: evaluation.total


def _variable(tree: Variable) -> Run:
    name = tree.name
    constant = constant_of(name)
    if constant is not None:
        return lambda _, __: [constant]

    def run(evaluation: Evaluation, _: Collection) -> Collection:
        if name in evaluation.variables:
            return as_collection(evaluation.variables[name])
        if name == "context":
            return [evaluation.root]
        if name in ("resource", "rootResource"):
            return [evaluation.resource]
        raise problem("N2212", name=name)

    return run


def constant_of(name: str) -> str | None:
    """Return the text of a variable that is the same everywhere; ``None`` for the others."""
    for prefix, base in _PREFIXES.items():
        if name.startswith(prefix):
            return base + name.removeprefix(prefix)
    return CONSTANTS.get(name)


def as_collection(value: Any) -> Collection:
    """Take the value of a variable: plain JSON, an item, or a list of them."""
    items = value if isinstance(value, list) else [value]
    return [
        Node(item, resource_type(item)) if isinstance(item, dict) else item
        for item in items
        if item is not None
    ]


def _head(tree: Name) -> Run:
    """The first name of a path may be the type of the focus: ``Patient.name``."""
    name = tree.name
    if not name[:1].isupper():
        return _name(tree)

    def run(_: Evaluation, focus: Collection) -> Collection:
        own = [item for item in focus if type(item) is Node and name in ancestors(item.type)]
        return own or member(focus, name)

    return run


def _name(tree: Name) -> Run:
    name = tree.name
    return lambda _, focus: member(focus, name)


def _dot(tree: Dot) -> Run:
    left = build(tree.left)
    right = _name(tree.right) if type(tree.right) is Name else build(tree.right)
    return lambda evaluation, focus: right(evaluation, left(evaluation, focus))


def _item(tree: Item) -> Run:
    left, index = build(tree.left), build(tree.index)

    def run(evaluation: Evaluation, focus: Collection) -> Collection:
        at = integer(index(evaluation, evaluation.this), "[ ]")
        items = left(evaluation, focus)
        return [items[at]] if at is not None and 0 <= at < len(items) else []

    return run


def _unary(tree: Unary) -> Run:
    operand = build(tree.operand)
    work = negated if tree.operator == "-" else positive
    return lambda evaluation, focus: work(operand(evaluation, focus))


def _binary(tree: Binary) -> Run:
    left, right = build(tree.left), build(tree.right)
    if tree.operator in _SHORT:
        return _SHORT[tree.operator](left, right, OPERATORS[tree.operator])
    work = OPERATORS[tree.operator]
    return lambda evaluation, focus: work(left(evaluation, focus), right(evaluation, focus))


def _stopping(stop: bool, result: bool) -> Callable[[Run, Run, Any], Run]:
    """Spare the right side where the left one decides; types of the right go unchecked then."""

    def make(left: Run, right: Run, work: Any) -> Run:
        def run(evaluation: Evaluation, focus: Collection) -> Collection:
            first = left(evaluation, focus)
            if len(first) == 1 and first[0] is stop:
                return [result]
            found: Collection = work(first, right(evaluation, focus))
            return found

        return run

    return make


_SHORT = {
    "and": _stopping(False, False),
    "or": _stopping(True, True),
    "implies": _stopping(False, True),
}


def _type_test(tree: TypeTest) -> Run:
    if tree.operator == "as":
        return narrowed(build(tree.operand), named_type(tree.type), single=False)
    return _is(tree.operand, tree.type)


def _is(operand: Expression, specifier: str) -> Run:
    wanted = named_type(specifier)
    match operand:
        case Dot(left, Call("resolve", ())):
            return _refers(build(left), wanted)
        case Call("resolve", ()):
            return _refers(lambda _, focus: focus, wanted)
        case _:
            return type_test(build(operand), wanted)


def _refers(operand: Run, wanted: TypeName) -> Run:
    """``resolve() is Patient``: the reference itself tells, and nothing needs to be fetched."""

    def run(evaluation: Evaluation, focus: Collection) -> Collection:
        items = operand(evaluation, focus)
        found = [referred_type(item) for item in items]
        return [wanted.fhir in ancestors(found[0])] if len(found) == 1 and found[0] else []

    return run


def named_type(specifier: str) -> TypeName:
    """Resolve a type specifier (N2206)."""
    found = type_name(specifier)
    if found is None:
        raise problem("N2206", name=specifier)
    return found


def _call(tree: Call) -> Run:
    """A call on the focus; ``is``, ``as`` and ``ofType`` take a type, not an expression."""
    if tree.name in ("is", "as", "ofType"):
        specifier = type_argument(tree)
        if specifier is None:
            raise problem(
                "N2205", function=tree.name, expected="typeSpecifier", found=len(tree.arguments)
            )
        wanted = named_type(specifier)
        focus: Run = lambda _, items: items  # noqa: E731
        if tree.name == "is":
            return type_test(focus, wanted)
        return narrowed(focus, wanted, single=tree.name == "as")
    if tree.name == "getReferenceKey":
        return reference_key(_optional_type(tree))
    function = FUNCTIONS.get(tree.name)
    if function is None:
        raise problem("N2203", name=tree.name)
    if not function.least <= len(tree.arguments) <= function.most:
        least, most = function.least, function.most
        expected = str(least) if least == most else f"{least}–{most}"
        raise problem("N2205", function=tree.name, expected=expected, found=len(tree.arguments))
    if tree.name == "sort":
        return bind(function, [_sort_key(argument) for argument in tree.arguments])
    return bind(function, [build(argument) for argument in tree.arguments])


def _optional_type(tree: Call) -> str:
    """Read the type that ``getReferenceKey(Patient)`` may name."""
    if not tree.arguments:
        return ""
    specifier = type_argument(tree)
    if specifier is None:
        raise problem(
            "N2205", function=tree.name, expected="typeSpecifier", found=len(tree.arguments)
        )
    return named_type(specifier).fhir


class _Descending:
    """A sort key that was written with a minus."""

    sign = -1

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, evaluation: Evaluation, focus: Collection) -> Collection:
        return self.run(evaluation, focus)


def _sort_key(tree: Expression) -> Run:
    if type(tree) is Unary and tree.operator == "-":
        return _Descending(build(tree.operand))
    return build(tree)


_BUILD: dict[type, Callable[[Any], Run]] = {
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
