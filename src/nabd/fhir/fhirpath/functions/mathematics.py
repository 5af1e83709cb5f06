"""Math functions: http://hl7.org/fhirpath/N1/#math."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from nabd.errors import problem
from nabd.fhir.fhirpath.evaluation import Evaluation, integer, number, single, wrong
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection
from nabd.fhir.fhirpath.numbers import CONTEXT, calculated, whole
from nabd.fhir.fhirpath.quantity import Quantity

_MOST_PLACES = 28


def _number(name: str, work: Callable[[Decimal], Decimal]) -> None:
    """Register a function of one number; where it has no answer, the result is empty."""

    def call(_: Evaluation, focus: Collection) -> Collection:
        value = number(focus, f"{name}()")
        found = None if value is None else calculated(lambda: work(Decimal(value)))
        return [] if found is None else [found]

    on_values(name)(call)


def _rounding(name: str, rounding: str) -> None:
    """Register a function that makes a whole number."""

    def call(_: Evaluation, focus: Collection) -> Collection:
        value = number(focus, f"{name}()")
        found = None if value is None else whole(int(Decimal(value).to_integral_value(rounding)))
        return [] if found is None else [found]

    on_values(name)(call)


def _power_of_e(value: Decimal) -> Decimal:
    # Beyond this the result has more digits than anything measured; exp() would take for ever.
    return CONTEXT.exp(value) if abs(value) < 10_000 else Decimal("NaN")


_number("sqrt", CONTEXT.sqrt)
_number("exp", _power_of_e)
_number("ln", CONTEXT.ln)
_rounding("ceiling", ROUND_CEILING)
_rounding("floor", ROUND_FLOOR)
_rounding("truncate", ROUND_DOWN)


@on_values("abs")
def absolute(_: Evaluation, focus: Collection) -> Collection:
    value: Any = single(focus, "abs()")
    if value is None:
        return []
    if type(value) is Quantity:
        return [Quantity(abs(value.value), value.unit, value.calendar)]
    if type(value) is int or type(value) is Decimal:
        return [abs(value)]
    raise wrong(focus[0], "Integer | Decimal | Quantity", "abs()")


@on_values("log", 1)
def logarithm(_: Evaluation, focus: Collection, base: Collection) -> Collection:
    value, to = number(focus, "log()"), number(base, "log()")
    if value is None or to is None:
        return []
    found = calculated(lambda: CONTEXT.divide(CONTEXT.ln(Decimal(value)), CONTEXT.ln(Decimal(to))))
    # A quotient of two logarithms is a hair off: 16.log(2) is 4, not 3.999…
    return [] if found is None else [found.quantize(Decimal("1e-20")).normalize(CONTEXT) + 0]


@on_values("power", 1)
def power(_: Evaluation, focus: Collection, exponent: Collection) -> Collection:
    value, by = number(focus, "power()"), number(exponent, "power()")
    if value is None or by is None:
        return []
    found = calculated(lambda: CONTEXT.power(Decimal(value), Decimal(by)))
    if found is None:
        return []
    integers = type(value) is int and type(by) is int and by >= 0 and abs(found) < 2**63
    return [int(found) if integers else found]


@on_values("round", 0, 1)
def rounded(_: Evaluation, focus: Collection, places: Collection | None = None) -> Collection:
    value = number(focus, "round()")
    count = integer(places, "round()") if places else 0
    if value is None or count is None or count > _MOST_PLACES:
        return []
    if count < 0:
        raise problem("N2211", expected="Integer >= 0", where="round()", found="Integer < 0")
    step = Decimal(1).scaleb(-count)
    found = calculated(lambda: Decimal(value).quantize(step, ROUND_HALF_UP, CONTEXT))
    return [] if found is None else [found]
