"""A Pratt parser for FHIRPath: http://hl7.org/fhirpath/N1/#operator-precedence."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from nabd.errors import Problem, problem
from nabd.fhir.fhirpath import syntax
from nabd.fhir.fhirpath.lexer import Token, syntax_problem, tokens
from nabd.fhir.fhirpath.quantity import CALENDAR, Quantity
from nabd.fhir.fhirpath.syntax import Binary, Call, Dot, Expression, Item, Literal, Name, TypeTest
from nabd.fhir.fhirpath.temporal import Temporal, parse_literal

#: How deep an expression may nest; evaluation recurses once or twice a level.
DEEPEST = 150
_NESTING = 60
_MOST_DIGITS = 100

_BINDING = {
    "implies": 1,
    "or": 2,
    "xor": 2,
    "and": 3,
    "in": 4,
    "contains": 4,
    "=": 5,
    "~": 5,
    "!=": 5,
    "!~": 5,
    "<": 6,
    ">": 6,
    "<=": 6,
    ">=": 6,
    "|": 7,
    "is": 8,
    "as": 8,
    "+": 9,
    "-": 9,
    "&": 9,
    "*": 10,
    "/": 10,
    "div": 10,
    "mod": 10,
    "[": 12,
    ".": 12,
}
_UNARY = 11
_RESERVED = frozenset({"and", "or", "xor", "implies", "div", "mod"})


@lru_cache(maxsize=4096)
def parse(expression: str) -> Expression:
    """Parse ``expression`` into its syntax tree.

    Raises:
        Problem: N2201 where it is not FHIRPath, N2202 when it is too long or nests too deep.
    """
    parser = _Parser(expression)
    tree = parser.expression(0)
    parser.expect("end", "operator | EOF")
    if syntax.depth(tree) > DEEPEST:
        raise problem("N2202", limit=f"{DEEPEST} levels")
    return tree


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.at = 0
        self.nesting = 0

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, symbol: str) -> bool:
        token = self.peek()
        if token.kind == "symbol" and token.text == symbol:
            self.at += 1
            return True
        return False

    def expect(self, what: str, expected: str) -> Token:
        token = self.peek()
        if what not in (token.kind, token.text if token.kind == "symbol" else ""):
            raise self.wrong(token, expected)
        return self.take()

    def wrong(self, token: Token, expected: str) -> Problem:
        return syntax_problem(self.source, token.at, expected)

    def expression(self, floor: int) -> Expression:
        self.nesting += 1
        if self.nesting > _NESTING:
            raise problem("N2202", limit=f"{_NESTING} nested parentheses")
        left = self.prefix()
        while (power := self.binding()) > floor:
            left = self.infix(left, self.take().text, power)
        self.nesting -= 1
        return left

    def binding(self) -> int:
        token = self.peek()
        return _BINDING.get(token.text, 0) if token.kind in ("symbol", "name") else 0

    def infix(self, left: Expression, operator: str, power: int) -> Expression:
        if operator == ".":
            return Dot(left, self.member())
        if operator == "[":
            index = self.expression(0)
            self.expect("]", "]")
            return Item(left, index)
        if operator in ("is", "as"):
            return TypeTest(operator, left, self.type_specifier())
        return Binary(operator, left, self.expression(power))

    def prefix(self) -> Expression:
        token = self.take()
        match token.kind:
            case "name" | "delimited":
                return self.named(token)
            case "string":
                return Literal(token.text)
            case "number":
                return self.number(token)
            case "datetime" | "time":
                return Literal(self.temporal(token))
            case "variable":
                return syntax.Variable(token.text)
            case "special":
                return syntax.Special(token.text[1:])
            case _:
                return self.symbol(token)

    def symbol(self, token: Token) -> Expression:
        if token.text in ("-", "+"):
            return syntax.Unary(token.text, self.expression(_UNARY))
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")", ")")
            return inner
        if token.text == "{":
            self.expect("}", "}")
            return syntax.Empty()
        raise self.wrong(token, "term")

    def named(self, token: Token) -> Expression:
        if token.kind == "name":
            if token.text in ("true", "false"):
                return Literal(token.text == "true")
            if token.text in _RESERVED:
                raise self.wrong(token, "term")
        return self.invocation(token)

    def member(self) -> Expression:
        token = self.take()
        if token.kind in ("name", "delimited"):
            return self.invocation(token)
        if token.kind == "special":
            return syntax.Special(token.text[1:])
        raise self.wrong(token, "identifier | function")

    def invocation(self, token: Token) -> Expression:
        return Call(token.text, self.arguments()) if self.accept("(") else Name(token.text)

    def arguments(self) -> tuple[Expression, ...]:
        found: list[Expression] = []
        if self.accept(")"):
            return ()
        while True:
            found.append(self.expression(0))
            if self.accept(")"):
                return tuple(found)
            self.expect(",", ", | )")

    def number(self, token: Token) -> Expression:
        if len(token.text) > _MOST_DIGITS:
            raise problem("N2202", limit=f"{_MOST_DIGITS} digits")
        value = Decimal(token.text)
        unit = self.peek()
        if unit.kind == "string":
            self.take()
            return Literal(Quantity(value, unit.text))
        if unit.kind == "name" and unit.text in CALENDAR:
            self.take()
            return Literal(Quantity(value, CALENDAR[unit.text], calendar=True))
        return Literal(value if "." in token.text else int(token.text))

    def temporal(self, token: Token) -> Temporal:
        value = parse_literal(token.text[1:])
        if value is None:
            raise self.wrong(token, "@YYYY-MM-DDThh:mm:ss.fff±hh:mm")
        return value

    def type_specifier(self) -> str:
        name = self.type_part()
        while self.accept("."):
            name = f"{name}.{self.type_part()}"
        return name

    def type_part(self) -> str:
        token = self.take()
        if token.kind not in ("name", "delimited"):
            raise self.wrong(token, "typeSpecifier")
        return token.text


def type_argument(call: Call) -> str | None:
    """Read the argument of ``is(…)``, ``as(…)`` or ``ofType(…)`` as the name of a type."""
    match call.arguments:
        case (Name(name),):
            return name
        case (Dot(Name(space), Name(name)),):
            return f"{space}.{name}"
        case _:
            return None
