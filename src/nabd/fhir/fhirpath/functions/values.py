"""Boundaries, precision, comparability and the clock: https://hl7.org/fhirpath/#utility-functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nabd.fhir.fhirpath import quantity, temporal
from nabd.fhir.fhirpath.evaluation import Evaluation, integer, single, wrong
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection
from nabd.fhir.fhirpath.numbers import boundary, digits
from nabd.fhir.fhirpath.quantity import Quantity
from nabd.fhir.fhirpath.temporal import Temporal


@on_values("now")
def now(evaluation: Evaluation, _: Collection) -> Collection:
    return [evaluation.now()]


@on_values("today")
def today(evaluation: Evaluation, _: Collection) -> Collection:
    return [Temporal("Date", evaluation.now().parts[:3])]


@on_values("timeOfDay")
def time_of_day(evaluation: Evaluation, _: Collection) -> Collection:
    return [Temporal("Time", evaluation.now().parts[3:])]


@on_values("lowBoundary", 0, 1)
def low_boundary(_: Evaluation, focus: Collection, places: Collection | None = None) -> Collection:
    return _boundary(focus, places, high=False)


@on_values("highBoundary", 0, 1)
def high_boundary(_: Evaluation, focus: Collection, places: Collection | None = None) -> Collection:
    return _boundary(focus, places, high=True)


def _boundary(focus: Collection, places: Collection | None, *, high: bool) -> Collection:
    where = "highBoundary()" if high else "lowBoundary()"
    value = single(focus, where)
    count = integer(places, where) if places else None
    if value is None:
        return []
    found = _bound(value, count, high=high)
    if found is NotImplemented:
        raise wrong(focus[0], "Integer | Decimal | Quantity | Date | DateTime | Time", where)
    return [] if found is None else [found]


def _bound(value: Any, places: int | None, *, high: bool) -> Any:
    if type(value) is Temporal:
        return temporal.boundary(value, places, high=high)
    if type(value) is int or type(value) is Decimal:
        return boundary(Decimal(value), places, high=high)
    if type(value) is not Quantity:
        return NotImplemented
    number = boundary(value.value, places, high=high)
    return None if number is None else Quantity(number, value.unit, value.calendar)


@on_values("precision")
def precision(_: Evaluation, focus: Collection) -> Collection:
    value = single(focus, "precision()")
    if value is None:
        return []
    if type(value) is Temporal:
        return [temporal.precision(value)]
    if type(value) is int or type(value) is Decimal:
        return [digits(value)]
    raise wrong(focus[0], "Integer | Decimal | Date | DateTime | Time", "precision()")


@on_values("comparable", 1)
def comparable(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    """Tell whether two quantities have units that convert."""
    a, b = single(focus, "comparable()"), single(other, "comparable()")
    if a is None or b is None:
        return []
    for value, items in ((a, focus), (b, other)):
        if type(value) is not Quantity:
            raise wrong(items[0], "System.Quantity", "comparable()")
    return [quantity.in_common(a, b) is not None]
