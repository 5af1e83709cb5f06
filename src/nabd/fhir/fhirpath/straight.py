"""Write simple paths as straight Python: no closure, no node, nothing interpreted.

Most paths of views and rules are member names, ``where(system = '…')``, ``first()`` and the like
on types that the definitions know.  For these, Python source is generated that reads the JSON
directly (3 to 10 times faster than closures over nodes).  What this module cannot write it refuses
(``None``), and what the source meets at run time but cannot decide — a primitive with extensions,
several values where one is needed — it leaves to the general engine by returning ``None``.
``tests/property/test_fhirpath_laws.py`` holds both engines against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from nabd.fhir import definitions
from nabd.fhir.fhirpath.equality import distinct
from nabd.fhir.fhirpath.functions.keys import reference_id
from nabd.fhir.fhirpath.model import RESOURCES, Key, ancestors, plan, type_name
from nabd.fhir.fhirpath.parser import type_argument
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

#: Reads a JSON value: the values found, or ``None``: ask the general engine.
Straight: TypeAlias = Callable[[Any], "list[Any] | None"]

_NUMBERS = frozenset({"integer", "positiveInt", "unsignedInt", "decimal"}) | {"System.Integer"}
_DATED = frozenset({"date", "dateTime", "instant", "time"})
_NOT_TEXT = _NUMBERS | _DATED | {"boolean"}
_COMPARISONS = ("<", ">", "<=", ">=")


class _Unwritable(Exception):  # noqa: N818  (no error: the general engine takes over)
    """The path is more than this module writes."""


class _Var(NamedTuple):
    """A variable of the generated source and the FHIR type of its value (``""``: unknown)."""

    name: str
    type: str


_Body: TypeAlias = Callable[[_Var], None]


@lru_cache(maxsize=8192)
def straight(tree: Expression, type_name: str) -> Straight | None:
    """Write ``tree`` for values of a type; ``None`` where it is more than straight code can say."""
    if not definitions.is_type(type_name):
        return None
    writer = _Writer()
    try:
        root = _Var("value", type_name)
        writer.each(tree, root, root, lambda found: writer.line(f"add({found.name})"))
        return writer.function()
    except (_Unwritable, SyntaxError):  # SyntaxError: more than twenty nested loops
        return None


class _Writer:
    """Writes one function: nested loops, one level for each step of the path."""

    def __init__(self) -> None:
        self.lines = ["def straight(value):", " out = []", " add = out.append"]
        self.names: dict[str, Any] = {"reference_id": reference_id, "distinct": distinct}
        self.indent = 1
        self.count = 0

    def function(self) -> Straight:
        source = "\n".join([*self.lines, " return out"])
        exec(compile(source, "<fhirpath>", "exec"), self.names)
        made: Straight = self.names["straight"]
        return made

    def line(self, text: str) -> None:
        self.lines.append(" " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.indent += 1
        yield
        self.indent -= 1

    def fresh(self, type_name: str = "") -> _Var:
        self.count += 1
        return _Var(f"v{self.count}", type_name)

    def give_up(self, condition: str) -> None:
        self.line(f"if {condition}: return None")

    # --- paths ------------------------------------------------------------------------------------

    def each(self, tree: Expression, focus: _Var, this: _Var, body: _Body) -> None:
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
            case Item(left, Literal(int() as index)):
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

    def union(
        self, left: Expression, right: Expression, focus: _Var, this: _Var, body: _Body
    ) -> None:
        """Collect both sides, each value once; dates and quantities are compared elsewhere."""
        both, kinds = self.fresh().name, set[str]()
        self.line(f"{both} = []")

        def collect(found: _Var) -> None:
            kinds.add(found.type)
            self.line(f"{both}.append({found.name})")

        self.each(left, focus, this, collect)
        self.each(right, focus, this, collect)
        if not all(_compares_plainly(kind) for kind in kinds):
            raise _Unwritable
        found = self.fresh(kinds.pop() if len(kinds) == 1 else "")
        with self.block(f"for {found.name} in distinct({both}):"):
            body(found)

    def constant(self, value: Any) -> _Var:
        if type(value) is not str and type(value) is not int and type(value) is not bool:
            raise _Unwritable
        kind = {str: "System.String", int: "System.Integer", bool: "boolean"}[type(value)]
        return _Var(repr(value), kind)

    def head(self, name: str, focus: _Var, body: _Body) -> None:
        if focus.type and name in ancestors(focus.type):
            body(focus)
        else:
            self.member(focus, name, body)

    def member(self, focus: _Var, name: str, body: _Body) -> None:
        keys = self.keys(focus, name)
        if len(keys) == 1:
            self.read(focus, keys[0], body)
        else:
            self.choice(focus, keys, body)

    def keys(self, focus: _Var, name: str) -> tuple[Key, ...]:
        known = definitions.is_type(focus.type) and focus.type not in RESOURCES
        keys = plan(focus.type).named.get(name) if known else None
        if not keys or definitions.is_primitive(focus.type):
            raise _Unwritable
        return keys

    def read(self, focus: _Var, key: Key, body: _Body) -> None:
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

    def choice(self, focus: _Var, keys: tuple[Key, ...], body: _Body) -> None:
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

    def narrowed(
        self, operand: Expression, name: str, focus: _Var, this: _Var, body: _Body
    ) -> None:
        """Read a choice of one type: ``value.ofType(Quantity)`` is ``valueQuantity``."""
        match operand:
            case Name(element):
                self.typed(focus, element, name, body)
            case Dot(left, Name(element)):
                self.each(left, focus, this, lambda v: self.typed(v, element, name, body))
            case _:
                raise _Unwritable

    def typed(self, focus: _Var, element: str, specifier: str, body: _Body) -> None:
        wanted = type_name(specifier)
        fhir = wanted.fhir if wanted else ""
        keys = self.keys(focus, element)
        found = [
            k for k in keys if k.type == fhir or (not k.primitive and fhir in ancestors(k.type))
        ]
        if len(found) != 1 or len(keys) == 1:
            raise _Unwritable
        self.read(focus, found[0], body)

    # --- functions --------------------------------------------------------------------------------

    def call(self, call: Call, left: Expression, focus: _Var, this: _Var, body: _Body) -> None:
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
                body(_Var(count, "System.Integer"))
            case _:
                found = self.boolean(Dot(left, call), focus, this)
                with self.block(f"if {found.name} is not None:"):
                    body(found)

    def kept(self, criteria: Expression, focus: _Var, body: _Body) -> None:
        answer = self.boolean(criteria, focus, focus)
        with self.block(f"if {answer.name}:"):
            body(focus)

    def chosen(self, left: Expression, focus: _Var, this: _Var, body: _Body, index: int) -> None:
        """Take the item at a place."""
        taken, number = self.fresh().name, self.fresh().name
        kind: list[str] = []
        self.line(f"{taken} = None; {number} = 0")

        def take(found: _Var) -> None:
            kind.append(found.type)
            self.line(f"if {number} == {index}: {taken} = {found.name}")
            self.line(f"{number} += 1")

        self.each(left, focus, this, take)
        with self.block(f"if {taken} is not None:"):
            body(_Var(taken, kind[0]))

    def extension(self, left: Expression, url: str, focus: _Var, this: _Var, body: _Body) -> None:
        """Read extensions of an object, or of a primitive that is no list (``_name``)."""

        def read(owner: _Var) -> None:
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

    def an_object(self, found: _Var) -> _Var:
        if not definitions.is_type(found.type) or definitions.is_primitive(found.type):
            raise _Unwritable
        return found

    def is_plain_primitive(self, focus: _Var, name: str) -> bool:
        keys = plan(focus.type).named.get(name, ()) if focus.type else ()
        if len(keys) != 1 or not keys[0].primitive:
            return False
        return not definitions.elements(focus.type)[keys[0].json].array

    def reference(self, call: Call, left: Expression, focus: _Var, this: _Var, body: _Body) -> None:
        specifier = type_argument(call) if call.arguments else ""
        wanted = type_name(specifier) if specifier else None
        fhir = wanted.fhir if wanted else ""

        def read(found: _Var) -> None:
            if found.type != "Reference":
                raise _Unwritable
            key = self.fresh("id")
            self.line(f"{key.name} = reference_id({found.name}, {fhir!r})")
            with self.block(f"if {key.name} is not None:"):
                body(key)

        self.each(left, focus, this, read)

    # --- conditions -------------------------------------------------------------------------------

    def boolean(self, tree: Expression, focus: _Var, this: _Var) -> _Var:
        """Write a condition into a variable: ``True``, ``False`` or ``None``."""
        match tree:
            case Binary("and" | "or" | "implies" | "xor" as operator, left, right):
                return self.logic(operator, left, right, focus, this)
            case Binary("=" | "!=" as operator, left, Literal(value)):
                return self.equal(operator, left, value, focus, this)
            case Binary(operator, left, Literal(int() | Decimal() as limit)) if (
                operator in _COMPARISONS and type(limit) is not bool
            ):
                return self.compared(operator, left, limit, focus, this)
            case Dot(left, Call("exists" | "empty" as name, ())):
                return self.existence(name, left, focus, this)
            case Dot(left, Call("exists", (criteria,))):
                return self.existence("exists", Dot(left, Call("where", (criteria,))), focus, this)
            case Call("exists" | "empty", ()):
                return self.boolean(Dot(Special("this"), tree), focus, focus)
            case Dot(left, Call("not", ())):
                return self.negated(left, focus, this)
            case Name() | Dot(_, Name()):
                return self.flag(tree, focus, this)
            case _:
                raise _Unwritable

    def assigned(self, expression: str) -> _Var:
        found = self.fresh("boolean")
        self.line(f"{found.name} = {expression}")
        return found

    def logic(
        self, operator: str, left: Expression, right: Expression, focus: _Var, this: _Var
    ) -> _Var:
        a = self.boolean(left, focus, this).name
        b = self.boolean(right, focus, this).name
        if operator == "and":
            return self.assigned(
                f"False if {a} is False or {b} is False else True if {a} and {b} else None"
            )
        if operator == "xor":
            return self.assigned(f"None if {a} is None or {b} is None else {a} != {b}")
        if operator == "implies":
            a = self.assigned(f"None if {a} is None else not {a}").name
        return self.assigned(
            f"True if {a} or {b} else False if {a} is False and {b} is False else None"
        )

    def negated(self, left: Expression, focus: _Var, this: _Var) -> _Var:
        found = self.boolean(left, focus, this).name
        return self.assigned(f"None if {found} is None else not {found}")

    def existence(self, name: str, left: Expression, focus: _Var, this: _Var) -> _Var:
        found = self.fresh("boolean")
        self.line(f"{found.name} = {name == 'empty'}")
        self.each(left, focus, this, lambda _: self.line(f"{found.name} = {name != 'empty'}"))
        return found

    def counted(self, left: Expression, focus: _Var, this: _Var) -> tuple[str, str, list[str]]:
        """Write how many items there are, and the last of them."""
        count, last = self.fresh().name, self.fresh().name
        kinds: list[str] = []
        self.line(f"{count} = 0; {last} = None")

        def note(found: _Var) -> None:
            kinds.append(found.type)
            self.line(f"{count} += 1; {last} = {found.name}")

        self.each(left, focus, this, note)
        return count, last, kinds

    def equal(self, operator: str, left: Expression, value: Any, focus: _Var, this: _Var) -> _Var:
        count, last, kinds = self.counted(left, focus, this)
        if not all(_equals_plainly(kind, value) for kind in kinds):
            raise _Unwritable
        answer = (
            f"{last} {'==' if operator == '=' else '!='} {value!r}"
            if type(value) is not bool
            else f"{last} {'is' if operator == '=' else 'is not'} {value!r}"
        )
        several = operator == "!="
        return self.assigned(f"None if {count} == 0 else ({answer}) if {count} == 1 else {several}")

    def compared(
        self, operator: str, left: Expression, limit: Any, focus: _Var, this: _Var
    ) -> _Var:
        count, last, kinds = self.counted(left, focus, this)
        if not all(kind in _NUMBERS for kind in kinds):
            raise _Unwritable
        name = self.fresh().name
        self.names[name] = limit
        self.give_up(f"{count} > 1")
        return self.assigned(f"None if {count} == 0 else {last} {operator} {name}")

    def flag(self, tree: Expression, focus: _Var, this: _Var) -> _Var:
        """Read a boolean element; several are an error that the general engine tells."""
        count, last, kinds = self.counted(tree, focus, this)
        if not all(kind == "boolean" for kind in kinds):
            raise _Unwritable
        self.give_up(f"{count} > 1")
        return _Var(last, "boolean")


def _is_element(tree: Expression) -> bool:
    """Tell whether a path is one element of the focus: ``onset``, ``Condition.onset``."""
    return type(tree) is Name or (type(tree) is Dot and type(tree.left) is Name)


def _compares_plainly(kind: str) -> bool:
    return definitions.is_type(kind) and kind not in _DATED and "Quantity" not in ancestors(kind)


def _equals_plainly(kind: str, value: Any) -> bool:
    """Tell whether Python's ``==`` is FHIRPath's ``=`` for this type and this literal."""
    if type(value) is str:
        known = kind == "System.String" or (
            definitions.is_type(kind) and definitions.is_primitive(kind)
        )
        return known and kind not in _NOT_TEXT
    if type(value) is bool:
        return kind == "boolean"
    return type(value) is int and kind in _NUMBERS
