"""Resolve the expression of a search parameter to branches and the JSON paths of each.

A *branch* is a union-free path of an expression, such as ``Observation.component.code``; two
parameters that speak of the same branch share what is indexed (decision 0004).  Choices
(``value[x]``) are spread over their JSON names, so that extraction needs no types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from nabd.fhir.definitions import elements, is_type, lineage
from nabd.fhir.fhirpath import parse
from nabd.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Dot,
    Expression,
    Item,
    Literal,
    Name,
    TypeTest,
    Variable,
)


class Get(msgspec.Struct, frozen=True):
    """Take the member ``name``; each of its items if it is an array."""

    name: str
    array: bool


class Equal(msgspec.Struct, frozen=True):
    """Keep the items whose member is this string: ``where(system='phone')``."""

    name: str
    value: str


class Extended(msgspec.Struct, frozen=True):
    """Keep the items that carry the extension: ``where(hasExtension(url))``."""

    url: str


class At(msgspec.Struct, frozen=True):
    """Keep the item at this place of the array before."""

    place: int


Step: TypeAlias = "Get | Equal | Extended | At"


class Leaf(msgspec.Struct, frozen=True):
    """Where values of one FHIR type lie."""

    steps: tuple[Step, ...]
    type: str
    binding: str = ""


class Branch(msgspec.Struct, frozen=True):
    """One union-free path; ``refers`` is the type that ``where(resolve() is …)`` asks for."""

    name: str
    leaves: tuple[Leaf, ...]
    refers: str = ""


class NotAPathError(Exception):
    """The expression is more than a path: it has to be compiled as FHIRPath."""


def branches(expression: str, resource_type: str, base: Branch | None = None) -> list[Branch]:
    """Resolve ``expression`` on a resource type, or on the elements of ``base``.

    Raises NotAPathError for what is no union of paths.
    """
    return [
        found
        for part in _union(parse(expression))
        if (found := _resolve(part, resource_type, base)).leaves
    ]


def _union(node: Expression) -> Iterator[Expression]:
    if isinstance(node, Binary) and node.operator == "|":
        yield from _union(node.left)
        yield from _union(node.right)
    else:
        yield node


class _Walk(msgspec.Struct):
    """The state of resolving one path: where it may be now, and what it is called."""

    root: str
    name: str
    leaves: tuple[Leaf, ...]
    refers: str = ""

    def member(self, name: str) -> None:
        """Go to ``name`` on every leaf; on the root, its type's name stays there."""
        if name == self.root and self.leaves == (Leaf((), self.root),):
            return
        if name in ("Resource", "DomainResource") and self.leaves == (Leaf((), self.root),):
            self.name = name  # one branch for all types: a search of all types asks once
            return
        self.name = f"{self.name}.{name}"
        self.leaves = tuple(down for leaf in self.leaves for down in _down(leaf, name))

    def of_type(self, name: str) -> None:
        """Keep the leaves of a type; ``DateTime`` of the standard's composites is ``dateTime``."""
        wanted = name.rpartition(".")[2]
        kept = tuple(leaf for leaf in self.leaves if _is(leaf.type, wanted))
        if not kept:
            wanted = wanted[0].lower() + wanted[1:]
            kept = tuple(leaf for leaf in self.leaves if _is(leaf.type, wanted))
        if len(kept) < len(self.leaves):
            self.name += wanted[0].upper() + wanted[1:]
        self.leaves = kept

    def filter(self, step: Step, shown: str) -> None:
        """Keep only items that pass ``step``."""
        self.name = f"{self.name}[{shown}]"
        self.leaves = tuple(
            Leaf((*leaf.steps, step), leaf.type, leaf.binding) for leaf in self.leaves
        )


def _is(type_name: str, wanted: str) -> bool:
    return is_type(type_name) and wanted in lineage(type_name)


def _down(leaf: Leaf, name: str) -> Iterator[Leaf]:
    if not is_type(leaf.type):
        return
    for element in elements(leaf.type).values():
        if name in (element.name, element.choice):
            step = Get(element.name, element.array)
            yield Leaf((*leaf.steps, step), element.type, element.binding)


def _resolve(node: Expression, resource_type: str, base: Branch | None) -> Branch:
    start = base or Branch(resource_type, (Leaf((), resource_type),))
    walk = _Walk(resource_type, start.name, start.leaves)
    _follow(node, walk)
    if walk.leaves and {leaf.type for leaf in walk.leaves} == {"Extension"}:
        walk.member("value")
    return Branch(walk.name, walk.leaves, walk.refers)


def _follow(node: Expression, walk: _Walk) -> None:
    match node:
        case Name(name):
            walk.member(name)
        case Dot(left, right):
            _follow(left, walk)
            _follow(right, walk)
        case TypeTest("as", operand, type_name):
            _follow(operand, walk)
            walk.of_type(type_name)
        case Item(left, Literal(int(place))):
            _follow(left, walk)
            walk.filter(At(place), str(place))
        case Variable("resource"):
            walk.name, walk.leaves = walk.root, (Leaf((), walk.root),)
        case Call(name, (argument,)):
            _call(name, argument, walk)
        case _:
            raise NotAPathError


def _call(name: str, argument: Expression, walk: _Walk) -> None:
    match name, argument:
        case "as" | "ofType", Name(type_name):
            walk.of_type(type_name)
        case "extension", Literal(str(url)):
            walk.member("extension")
            walk.filter(Equal("url", url), url)
        case "where", Binary("=", Name(member), Literal(str(value))):
            walk.filter(Equal(member, value), f"{member}={value}")
        case "where", Call("hasExtension", (Literal(str(url)),)):
            walk.filter(Extended(url), url)
        case "where", TypeTest("is", Call("resolve", ()), type_name):
            walk.refers = type_name.rpartition(".")[2]
        case _:
            raise NotAPathError
