"""The syntax tree of a FHIRPath expression: what :func:`parse` returns.

Grammar: http://hl7.org/fhirpath/N1/#grammar.  The nodes are values: equal expressions have equal
trees, and a tree can be a key of a cache.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec

from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal

Constant: TypeAlias = "str | bool | int | Decimal | Temporal | Quantity"


class Literal(msgspec.Struct, frozen=True):
    """A constant written in the expression: ``'male'``, ``5``, ``@2024-01``, ``4 'mg'``."""

    value: Constant


class Empty(msgspec.Struct, frozen=True):
    """The empty collection ``{}``."""


class Special(msgspec.Struct, frozen=True):
    """``$this``, ``$index`` or ``$total``; the name carries no dollar."""

    name: str


class Variable(msgspec.Struct, frozen=True):
    """An environment variable: ``%resource`` has the name ``resource``."""

    name: str


class Name(msgspec.Struct, frozen=True):
    """An element of the focus, or the type of the root: ``given``, ``Patient``."""

    name: str


class Call(msgspec.Struct, frozen=True):
    """A function invoked on the focus: ``where(use = 'official')``."""

    name: str
    arguments: tuple[Expression, ...]


class Dot(msgspec.Struct, frozen=True):
    """``left.right``: the items of ``left`` are the focus of ``right``."""

    left: Expression
    right: Expression


class Item(msgspec.Struct, frozen=True):
    """``left[index]``."""

    left: Expression
    index: Expression


class Unary(msgspec.Struct, frozen=True):
    """``-operand`` or ``+operand``."""

    operator: str
    operand: Expression


class Binary(msgspec.Struct, frozen=True):
    """``left operator right`` for every operator of two collections."""

    operator: str
    left: Expression
    right: Expression


class TypeTest(msgspec.Struct, frozen=True):
    """``operand is type`` or ``operand as type``; the type may carry its namespace."""

    operator: str
    operand: Expression
    type: str


Expression: TypeAlias = (
    "Literal | Empty | Special | Variable | Name | Call | Dot | Item | Unary | Binary | TypeTest"
)


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the direct parts of ``node``, left to right."""
    match node:
        case Dot(left, right) | Binary(_, left, right) | Item(left, right):
            return (left, right)
        case Unary(_, operand) | TypeTest(_, operand, _):
            return (operand,)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def depth(node: Expression) -> int:
    """Measure how deep the tree is, without recursion."""
    deepest, todo = 0, [(node, 1)]
    while todo:
        one, level = todo.pop()
        deepest = max(deepest, level)
        todo.extend((child, level + 1) for child in children(one))
    return deepest
