"""Conditions as straight Python: ``True``, ``False`` or ``None`` in a variable."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nabd.fhir import definitions
from nabd.fhir.fhirpath.straight.source import Source, Unwritable, Var
from nabd.fhir.fhirpath.syntax import Binary, Call, Dot, Expression, Literal, Name, Special

DATED = frozenset({"date", "dateTime", "instant", "time"})
_NUMBERS = frozenset({"integer", "positiveInt", "unsignedInt", "decimal"}) | {"System.Integer"}
_NOT_TEXT = _NUMBERS | DATED | {"boolean"}
_COMPARISONS = ("<", ">", "<=", ">=")


class Conditions(Source):
    """Writes conditions."""

    def boolean(self, tree: Expression, focus: Var, this: Var) -> Var:
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
                raise Unwritable

    def assigned(self, expression: str) -> Var:
        found = self.fresh("boolean")
        self.line(f"{found.name} = {expression}")
        return found

    def logic(
        self, operator: str, left: Expression, right: Expression, focus: Var, this: Var
    ) -> Var:
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

    def negated(self, left: Expression, focus: Var, this: Var) -> Var:
        found = self.boolean(left, focus, this).name
        return self.assigned(f"None if {found} is None else not {found}")

    def existence(self, name: str, left: Expression, focus: Var, this: Var) -> Var:
        found = self.fresh("boolean")
        self.line(f"{found.name} = {name == 'empty'}")
        self.each(left, focus, this, lambda _: self.line(f"{found.name} = {name != 'empty'}"))
        return found

    def counted(self, left: Expression, focus: Var, this: Var) -> tuple[str, str, list[str]]:
        """Write how many items there are, and the last of them."""
        count, last = self.fresh().name, self.fresh().name
        kinds: list[str] = []
        self.line(f"{count} = 0; {last} = None")

        def note(found: Var) -> None:
            kinds.append(found.type)
            self.line(f"{count} += 1; {last} = {found.name}")

        self.each(left, focus, this, note)
        return count, last, kinds

    def equal(self, operator: str, left: Expression, value: Any, focus: Var, this: Var) -> Var:
        count, last, kinds = self.counted(left, focus, this)
        if not all(_equals_plainly(kind, value) for kind in kinds):
            raise Unwritable
        answer = (
            f"{last} {'==' if operator == '=' else '!='} {value!r}"
            if type(value) is not bool
            else f"{last} {'is' if operator == '=' else 'is not'} {value!r}"
        )
        several = operator == "!="
        return self.assigned(f"None if {count} == 0 else ({answer}) if {count} == 1 else {several}")

    def compared(self, operator: str, left: Expression, limit: Any, focus: Var, this: Var) -> Var:
        count, last, kinds = self.counted(left, focus, this)
        if not all(kind in _NUMBERS for kind in kinds):
            raise Unwritable
        name = self.fresh().name
        self.names[name] = limit
        self.give_up(f"{count} > 1")
        return self.assigned(f"None if {count} == 0 else {last} {operator} {name}")

    def flag(self, tree: Expression, focus: Var, this: Var) -> Var:
        """Read a boolean element; several are an error that the general engine tells."""
        count, last, kinds = self.counted(tree, focus, this)
        if not all(kind == "boolean" for kind in kinds):
            raise Unwritable
        self.give_up(f"{count} > 1")
        return Var(last, "boolean")


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
