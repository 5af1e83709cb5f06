"""The operators of two collections: http://hl7.org/fhirpath/N1/#operations."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal, DecimalException
from typing import Any, TypeAlias

from nabd.errors import Problem, problem
from nabd.fhir.fhirpath import quantity, temporal
from nabd.fhir.fhirpath.equality import Seen, distinct, equal, equivalent, order
from nabd.fhir.fhirpath.evaluation import boolean, single, string, too_many, truth
from nabd.fhir.fhirpath.model import Collection, type_of
from nabd.fhir.fhirpath.numbers import CONTEXT, calculated, whole
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal

#: More items than any resource has, and more text: what yields them grows without end.
_MOST = 1_000_000
_LONGEST = 10_000_000

Operator: TypeAlias = Callable[[Collection, Collection], Collection]


def union(left: Collection, right: Collection) -> Collection:
    """Merge, each value once (``|``)."""
    return distinct(combined(left, right))


def combined(left: Collection, right: Collection) -> Collection:
    """Put two collections together; N2215 when they are too large."""
    return bounded(left + right)


def bounded(items: Collection) -> Collection:
    """Insist that a collection is not larger than any resource can make it (N2215)."""
    if len(items) > _MOST:
        raise problem("N2215", limit=_MOST)
    return items


def _not(value: bool | None) -> Collection:
    return [] if value is None else [not value]


def _contains(left: Collection, right: Collection) -> Collection:
    if not right:
        return []
    if len(right) > 1:
        raise too_many(right, "in")
    return [right[0] in Seen(left)]


def _in(left: Collection, right: Collection) -> Collection:
    return _contains(right, left)


# --- logic: http://hl7.org/fhirpath/N1/#boolean-logic ---------------------------------------------


def conjunction(a: bool | None, b: bool | None) -> bool | None:
    """``and`` with three values."""
    if a is False or b is False:
        return False
    return True if a and b else None


def disjunction(a: bool | None, b: bool | None) -> bool | None:
    """``or`` with three values."""
    if a or b:
        return True
    return False if a is False and b is False else None


def exclusive(a: bool | None, b: bool | None) -> bool | None:
    """``xor`` with three values."""
    return None if a is None or b is None else a != b


def implication(a: bool | None, b: bool | None) -> bool | None:
    """``implies`` with three values."""
    return disjunction(None if a is None else not a, b)


def _logic(name: str, rule: Callable[[bool | None, bool | None], bool | None]) -> Operator:
    return lambda left, right: boolean(rule(truth(left, name), truth(right, name)))


# --- order ----------------------------------------------------------------------------------------


def _ordered(name: str, holds: Callable[[int], bool]) -> Operator:
    def compare(left: Collection, right: Collection) -> Collection:
        if not left or not right:
            return []
        if len(left) > 1 or len(right) > 1:
            raise too_many(left if len(left) > 1 else right, name)
        found = order(left[0], right[0], name)
        return [] if found is None else [holds(found)]

    return compare


# --- arithmetic -----------------------------------------------------------------------------------


def _unsupported(name: str, left: Collection, right: Collection) -> Problem:
    found = ", ".join(".".join(type_of(items[0])) for items in (left, right))
    return problem(
        "N2211",
        expected="Integer | Decimal | String | Quantity | Date + Quantity",
        where=name,
        found=found,
    )


def _arithmetic(name: str, work: Callable[[Any, Any], Any]) -> Operator:
    """Wrap a calculation on two single values; ``NotImplemented`` says that types do not fit."""

    def run(left: Collection, right: Collection) -> Collection:
        a, b = single(left, name), single(right, name)
        if a is None or b is None:
            return []
        result = work(a, b)
        if result is NotImplemented:
            raise _unsupported(name, left, right)
        return [] if result is None else [result]

    return run


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is Decimal


def _add(a: Any, b: Any) -> Any:
    if _is_number(a) and _is_number(b):
        return _plus(a, b)
    if type(a) is str and type(b) is str:
        return _concatenate([a], [b])[0]
    return _move(a, b, 1)


def _subtract(a: Any, b: Any) -> Any:
    if _is_number(a) and _is_number(b):
        return _plus(a, -b)
    return _move(a, b, -1)


def _plus(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        return whole(a + b)
    return calculated(lambda: CONTEXT.add(a, b))


def _move(a: Any, b: Any, sign: int) -> Any:
    if type(b) is not Quantity:
        return NotImplemented
    if type(a) is Quantity:
        return _quantities(a, b, lambda left, right: quantity.add(left, right, sign))
    if type(a) is not Temporal:
        return NotImplemented
    unit = quantity.calendar_unit(b)
    if unit is None:
        return NotImplemented
    return temporal.add(a, sign * b.value, unit)


def _multiply(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int:
        return whole(a * b)
    if _is_number(a) and _is_number(b):
        return calculated(lambda: CONTEXT.multiply(a, b))
    return _quantities(a, b, quantity.multiply)


def _divide(a: Any, b: Any) -> Any:
    if _is_number(a) and _is_number(b):
        return calculated(lambda: CONTEXT.divide(Decimal(a), Decimal(b)))
    return _quantities(a, b, quantity.divide)


def _quantities(a: Any, b: Any, work: Callable[[Quantity, Quantity], Quantity | None]) -> Any:
    left = Quantity(Decimal(a)) if _is_number(a) else a
    right = Quantity(Decimal(b)) if _is_number(b) else b
    if type(left) is not Quantity or type(right) is not Quantity:
        return NotImplemented
    try:
        return work(left, right)
    except DecimalException:
        return None


def _div(a: Any, b: Any) -> Any:
    if not (_is_number(a) and _is_number(b)):
        return NotImplemented
    found = calculated(lambda: CONTEXT.divide_int(Decimal(a), Decimal(b)))
    return None if found is None else int(found)


def _mod(a: Any, b: Any) -> Any:
    """Return what ``div`` leaves over; it has the sign of the dividend."""
    if not (_is_number(a) and _is_number(b)):
        return NotImplemented
    found = calculated(lambda: CONTEXT.remainder(Decimal(a), Decimal(b)))
    if found is None or not (type(a) is int and type(b) is int):
        return found
    return int(found.to_integral_value(ROUND_FLOOR))


def _concatenate(left: Collection, right: Collection) -> Collection:
    text = (string(left, "&") or "") + (string(right, "&") or "")
    if len(text) > _LONGEST:
        raise problem("N2215", limit=_LONGEST)
    return [text]


def negated(items: Collection) -> Collection:
    """Change the sign of a number or a quantity (unary ``-``)."""
    value = single(items, "-")
    if value is None:
        return []
    if type(value) is Quantity:
        return [Quantity(-value.value, value.unit, value.calendar)]
    return [-numeric(value, items)]


def positive(items: Collection) -> Collection:
    """Return a number or a quantity as it is (unary ``+``)."""
    value = single(items, "+")
    if value is None:
        return []
    return [value if type(value) is Quantity else numeric(value, items)]


def numeric(value: Any, items: Collection) -> int | Decimal:
    """Insist on a number (N2211)."""
    if type(value) is int or type(value) is Decimal:
        return value
    found = ".".join(type_of(items[0]))
    raise problem("N2211", expected="Integer | Decimal | Quantity", where="-", found=found)


OPERATORS: dict[str, Operator] = {
    "=": lambda a, b: boolean(equal(a, b)),
    "!=": lambda a, b: _not(equal(a, b)),
    "~": lambda a, b: [equivalent(a, b)],
    "!~": lambda a, b: [not equivalent(a, b)],
    "<": _ordered("<", lambda found: found < 0),
    ">": _ordered(">", lambda found: found > 0),
    "<=": _ordered("<=", lambda found: found <= 0),
    ">=": _ordered(">=", lambda found: found >= 0),
    "|": union,
    "in": _in,
    "contains": _contains,
    "and": _logic("and", conjunction),
    "or": _logic("or", disjunction),
    "xor": _logic("xor", exclusive),
    "implies": _logic("implies", implication),
    "+": _arithmetic("+", _add),
    "-": _arithmetic("-", _subtract),
    "*": _arithmetic("*", _multiply),
    "/": _arithmetic("/", _divide),
    "div": _arithmetic("div", _div),
    "mod": _arithmetic("mod", _mod),
    "&": _concatenate,
}
