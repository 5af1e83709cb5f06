"""Filtering, projection, aggregates and control: http://hl7.org/fhirpath/N1/#filtering-and-projection."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from nabd.fhir.fhirpath.equality import Seen, order
from nabd.fhir.fhirpath.evaluation import Evaluation, Run, too_many, truth, wrong
from nabd.fhir.fhirpath.functions.registry import each, on_expressions, on_values
from nabd.fhir.fhirpath.model import Collection, children, system
from nabd.fhir.fhirpath.operators import bounded


@on_expressions("where", 1)
def where(evaluation: Evaluation, focus: Collection, criteria: Run) -> Collection:
    kept = each(evaluation, focus, criteria)
    return [item for item, one in zip(focus, kept, strict=True) if truth(one, "where()")]


@on_expressions("select", 1)
def select(evaluation: Evaluation, focus: Collection, projection: Run) -> Collection:
    return bounded([item for found in each(evaluation, focus, projection) for item in found])


@on_expressions("repeat", 1)
def repeat(evaluation: Evaluation, focus: Collection, projection: Run) -> Collection:
    seen, out, todo = Seen(), list[Any](), focus
    while todo:
        todo = [item for item in select(evaluation, todo, projection) if seen.add(item)]
        out.extend(todo)
        bounded(out)
    return out


@on_expressions("repeatAll", 1)
def repeat_all(evaluation: Evaluation, focus: Collection, projection: Run) -> Collection:
    out, todo = list[Any](), focus
    while todo:
        todo = select(evaluation, todo, projection)
        out.extend(todo)
        bounded(out)
    return out


@on_values("children")
def direct(_: Evaluation, focus: Collection) -> Collection:
    return children(focus)


@on_values("descendants")
def descendants(_: Evaluation, focus: Collection) -> Collection:
    out, todo = list[Any](), children(focus)
    while todo:
        out.extend(todo)
        todo = children(todo)
    return out


@on_expressions("aggregate", 1, 2)
def aggregate(
    evaluation: Evaluation, focus: Collection, step: Run, start: Run | None = None
) -> Collection:
    outer = evaluation.total
    total = start(evaluation, evaluation.this) if start else []

    def accumulate(inner: Evaluation, items: Collection) -> Collection:
        inner.total = accumulate_from[0]
        accumulate_from[0] = step(inner, items)
        return accumulate_from[0]

    accumulate_from = [total]
    each(evaluation, focus, accumulate)
    evaluation.total = outer
    return accumulate_from[0]


@on_expressions("iif", 2, 3)
def iif(
    evaluation: Evaluation, focus: Collection, criterion: Run, then: Run, other: Run | None = None
) -> Collection:
    """Choose; only the chosen branch is evaluated."""
    if len(focus) > 1:
        raise too_many(focus, "iif()")
    this = evaluation.this
    evaluation.this = focus or this
    answer = criterion(evaluation, evaluation.this)
    if answer and type(system(answer[0])) is not bool:
        raise wrong(answer[0], "System.Boolean", "iif()")
    chosen = then if truth(answer, "iif()") else other
    found = chosen(evaluation, evaluation.this) if chosen else []
    evaluation.this = this
    return found


@on_expressions("trace", 1, 2)
def trace(
    evaluation: Evaluation, focus: Collection, name: Run, projection: Run | None = None
) -> Collection:
    """Return the focus; nothing is written, since a trace could show a patient's data."""
    name(evaluation, evaluation.this)
    if projection is not None:
        each(evaluation, focus, projection)
    return focus


@on_expressions("sort", 0, 16)
def sort(evaluation: Evaluation, focus: Collection, *keys: Run) -> Collection:
    """Sort by each key in turn; the compiler marks a descending key (``-family``)."""
    if not keys:
        return sorted(focus, key=cmp_to_key(_before))
    columns = [(each(evaluation, focus, key), getattr(key, "sign", 1)) for key in keys]

    def compare(a: int, b: int) -> int:
        for values, sign in columns:
            if found := _before_empty(values[a], values[b], sign):
                return found
        return 0

    return [focus[i] for i in sorted(range(len(focus)), key=cmp_to_key(compare))]


def _before(a: Any, b: Any) -> int:
    return order(a, b, "sort()") or 0


def _before_empty(a: Collection, b: Collection, sign: int) -> int:
    """Order two keys; a missing one comes first, in both directions."""
    if len(a) > 1 or len(b) > 1:
        raise too_many(a if len(a) > 1 else b, "sort()")
    if not a or not b:
        return len(a) - len(b)
    return _before(a[0], b[0]) * sign
