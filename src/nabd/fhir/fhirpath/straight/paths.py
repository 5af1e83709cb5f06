"""Paths as straight Python: nested loops, one level for each step."""

from __future__ import annotations

from typing import Any

from nabd.fhir import definitions
from nabd.fhir.fhirpath.model import RESOURCES, Key, ancestors, plan, type_name
from nabd.fhir.fhirpath.parser import type_argument
from nabd.fhir.fhirpath.straight.conditions import DATED, Conditions
from nabd.fhir.fhirpath.straight.source import Body, Unwritable, Var
from nabd.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Dot,
    Expression,
    Item,
    Literal,
    Name,
    Special,
    TypeTest,
)


class Paths(Conditions):
    """Writes paths, and the functions that lead from items to items."""

    def each(self, tree: Expression, focus: Var, this: Var, body: Body) -> None:
        """Write a loop over the items of ``tree``; ``body`` writes what is done with each."""
        match tree:
            case Name(name):
                self.head(name, focus, body)
            case Special("this"):
                body(this)
            case Dot(left, Name(name)):
                self.each(left, focus, this, lambda v: self.member(v, name, body))
            case Dot(left, Call() as call):
                self.call(call, left, focus, this, body)
            case Call():
                self.call(tree, Special("this"), focus, focus, body)
            case Item(left, Literal(int() as index)) if type(index) is int:
                self.chosen(left, focus, this, body, index)
            case TypeTest("as", operand, name):
                self.narrowed(operand, name, focus, this, body)
            case Literal(value):
                body(self.constant(value))
            case Binary("|", left, right):
                self.union(left, right, focus, this, body)
            case _:
                found = self.boolean(tree, focus, this)
                with self.block(f"if {found.name} is not None:"):
                    body(found)

    def union(self, left: Expression, right: Expression, focus: Var, this: Var, body: Body) -> None:
        """Collect both sides, each value once; dates and quantities are compared elsewhere."""
        both, kinds = self.fresh().name, set[str]()
        self.line(f"{both} = []")

        def collect(found: Var) -> None:
            kinds.add(found.type)
            self.line(f"{both}.append({found.name})")

        self.each(left, focus, this, collect)
        self.each(right, focus, this, collect)
        if not all(_compares_plainly(kind) for kind in kinds):
            raise Unwritable
        found = self.fresh(kinds.pop() if len(kinds) == 1 else "")
        with self.block(f"for {found.name} in distinct({both}):"):
            body(found)

    def constant(self, value: Any) -> Var:
        if type(value) is not str and type(value) is not int and type(value) is not bool:
            raise Unwritable
        kind = {str: "System.String", int: "System.Integer", bool: "boolean"}[type(value)]
        return Var(repr(value), kind)

    def head(self, name: str, focus: Var, body: Body) -> None:
        if focus.type and name in ancestors(focus.type):
            body(focus)
        else:
            self.member(focus, name, body)

    def member(self, focus: Var, name: str, body: Body) -> None:
        keys = self.keys(focus, name)
        if len(keys) == 1:
            self.read(focus, keys[0], body)
        else:
            self.choice(focus, keys, body)

    def keys(self, focus: Var, name: str) -> tuple[Key, ...]:
        known = definitions.is_type(focus.type) and focus.type not in RESOURCES
        keys = plan(focus.type).named.get(name) if known else None
        if not keys or definitions.is_primitive(focus.type):
            raise Unwritable
        return keys

    def read(self, focus: Var, key: Key, body: Body) -> None:
        """Read one JSON name; extensions of a primitive are the general engine's."""
        if key.primitive:
            self.give_up(f"{'_' + key.json!r} in {focus.name}")
        found = self.fresh(key.type)
        array = definitions.elements(focus.type)[key.json].array
        source = self.fresh() if array else found
        self.line(f"{source.name} = {focus.name}.get({key.json!r})")
        with self.block(f"if {source.name} is not None:"):
            self.give_up(f"type({source.name}) is {'not ' if array else ''}list")
            if not array:
                body(found)
                return
            with self.block(f"for {found.name} in {source.name}:"):
                body(found)

    def choice(self, focus: Var, keys: tuple[Key, ...], body: Body) -> None:
        """Read a choice without its type: nothing more can be asked of the value."""
        names = self.fresh().name
        self.names[names] = {key.json for key in keys} | {"_" + key.json for key in keys}
        key = self.fresh().name
        with (
            self.block(f"for {key} in {focus.name}:"),
            self.block(f"if {key} in {names}:"),
        ):
            self.give_up(f"{key}[0] == '_'")
            found = self.fresh()
            self.line(f"{found.name} = {focus.name}[{key}]")
            body(found)

    def narrowed(self, operand: Expression, name: str, focus: Var, this: Var, body: Body) -> None:
        """Read a choice of one type: ``value.ofType(Quantity)`` is ``valueQuantity``."""
        match operand:
            case Name(element):
                self.typed(focus, element, name, body)
            case Dot(left, Name(element)):
                self.each(left, focus, this, lambda v: self.typed(v, element, name, body))
            case _:
                raise Unwritable

    def typed(self, focus: Var, element: str, specifier: str, body: Body) -> None:
        wanted = type_name(specifier)
        fhir = wanted.fhir if wanted else ""
        keys = self.keys(focus, element)
        found = [
            k for k in keys if k.type == fhir or (not k.primitive and fhir in ancestors(k.type))
        ]
        if len(found) != 1 or len(keys) == 1:
            raise Unwritable
        self.read(focus, found[0], body)

    # --- functions --------------------------------------------------------------------------------

    def call(self, call: Call, left: Expression, focus: Var, this: Var, body: Body) -> None:
        """Write ``left.call``."""
        match call:
            case Call("where", (criteria,)):
                self.each(left, focus, this, lambda v: self.kept(criteria, v, body))
            case Call("select", (projection,)):
                self.each(left, focus, this, lambda v: self.each(projection, v, v, body))
            case Call("first", ()):
                self.chosen(left, focus, this, body, 0)
            case Call("ofType", _):
                self.narrowed(left, type_argument(call) or "", focus, this, body)
            case Call("as", _) if _is_element(left):
                self.narrowed(left, type_argument(call) or "", focus, this, body)
            case Call("extension", (Literal(str() as url),)):
                self.extension(left, url, focus, this, body)
            case Call("getResourceKey", ()):
                self.each(left, focus, this, lambda v: self.member(v, "id", body))
            case Call("getReferenceKey", _):
                self.reference(call, left, focus, this, body)
            case Call("count", ()):
                count = self.counted(left, focus, this)[0]
                body(Var(count, "System.Integer"))
            case _:
                found = self.boolean(Dot(left, call), focus, this)
                with self.block(f"if {found.name} is not None:"):
                    body(found)

    def kept(self, criteria: Expression, focus: Var, body: Body) -> None:
        answer = self.boolean(criteria, focus, focus)
        with self.block(f"if {answer.name}:"):
            body(focus)

    def chosen(self, left: Expression, focus: Var, this: Var, body: Body, index: int) -> None:
        """Take the item at a place."""
        taken, number = self.fresh().name, self.fresh().name
        kind: list[str] = []
        self.line(f"{taken} = None; {number} = 0")

        def take(found: Var) -> None:
            kind.append(found.type)
            self.line(f"if {number} == {index}: {taken} = {found.name}")
            self.line(f"{number} += 1")

        self.each(left, focus, this, take)
        with self.block(f"if {taken} is not None:"):
            body(Var(taken, kind[0]))

    def extension(self, left: Expression, url: str, focus: Var, this: Var, body: Body) -> None:
        """Read extensions of an object, or of a primitive that is no list (``_name``)."""

        def read(owner: Var) -> None:
            found = self.fresh("Extension")
            with (
                self.block(f"for {found.name} in {owner.name}.get('extension', ()):"),
                self.block(f"if {found.name}.get('url') == {url!r}:"),
            ):
                body(found)

        match left:
            case Name(name) if self.is_plain_primitive(focus, name):
                sibling = self.fresh()
                self.line(f"{sibling.name} = {focus.name}.get({'_' + name!r})")
                with self.block(f"if {sibling.name} is not None:"):
                    read(sibling)
            case _:
                self.each(left, focus, this, lambda v: read(self.an_object(v)))

    def an_object(self, found: Var) -> Var:
        if not definitions.is_type(found.type) or definitions.is_primitive(found.type):
            raise Unwritable
        return found

    def is_plain_primitive(self, focus: Var, name: str) -> bool:
        keys = plan(focus.type).named.get(name, ()) if focus.type else ()
        if len(keys) != 1 or not keys[0].primitive:
            return False
        return not definitions.elements(focus.type)[keys[0].json].array

    def reference(self, call: Call, left: Expression, focus: Var, this: Var, body: Body) -> None:
        specifier = type_argument(call) if call.arguments else ""
        wanted = type_name(specifier) if specifier else None
        fhir = wanted.fhir if wanted else ""

        def read(found: Var) -> None:
            if found.type not in ("Reference", ""):
                raise Unwritable
            key = self.fresh("id")
            self.give_up(f"type({found.name}) is not dict")
            self.line(f"{key.name} = reference_id({found.name}, {fhir!r})")
            with self.block(f"if {key.name} is not None:"):
                body(key)

        self.each(left, focus, this, read)


def _is_element(tree: Expression) -> bool:
    """Tell whether a path is one element of the focus: ``onset``, ``Condition.onset``."""
    return type(tree) is Name or (type(tree) is Dot and type(tree.left) is Name)


def _compares_plainly(kind: str) -> bool:
    return definitions.is_type(kind) and kind not in DATED and "Quantity" not in ancestors(kind)
