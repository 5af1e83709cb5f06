"""Existence, subsetting and combining: http://hl7.org/fhirpath/N1/#existence."""

from __future__ import annotations

from nabd.fhir.fhirpath.equality import Seen, distinct
from nabd.fhir.fhirpath.evaluation import Evaluation, Run, boolean, integer, too_many, truth, wrong
from nabd.fhir.fhirpath.functions.registry import each, on_expressions, on_values
from nabd.fhir.fhirpath.model import Collection, system
from nabd.fhir.fhirpath.operators import combined, union


@on_values("empty")
def empty(_: Evaluation, focus: Collection) -> Collection:
    return [not focus]


@on_expressions("exists", 0, 1)
def exists(evaluation: Evaluation, focus: Collection, criteria: Run | None = None) -> Collection:
    if criteria is None:
        return [bool(focus)]
    return [any(truth(one, "exists()") for one in each(evaluation, focus, criteria))]


@on_expressions("all", 1)
def every(evaluation: Evaluation, focus: Collection, criteria: Run) -> Collection:
    return [all(truth(one, "all()") for one in each(evaluation, focus, criteria))]


@on_values("not")
def negation(_: Evaluation, focus: Collection) -> Collection:
    value = truth(focus, "not()")
    return boolean(None if value is None else not value)


def _booleans(focus: Collection, where: str) -> list[bool]:
    found: list[bool] = []
    for item in focus:
        value = system(item)
        if type(value) is not bool:
            raise wrong(item, "System.Boolean", where)
        found.append(value)
    return found


@on_values("allTrue")
def all_true(_: Evaluation, focus: Collection) -> Collection:
    return [all(_booleans(focus, "allTrue()"))]


@on_values("anyTrue")
def any_true(_: Evaluation, focus: Collection) -> Collection:
    return [any(_booleans(focus, "anyTrue()"))]


@on_values("allFalse")
def all_false(_: Evaluation, focus: Collection) -> Collection:
    return [not any(_booleans(focus, "allFalse()"))]


@on_values("anyFalse")
def any_false(_: Evaluation, focus: Collection) -> Collection:
    return [not all(_booleans(focus, "anyFalse()"))]


@on_values("count")
def count(_: Evaluation, focus: Collection) -> Collection:
    return [len(focus)]


@on_values("distinct")
def once(_: Evaluation, focus: Collection) -> Collection:
    return distinct(focus)


@on_values("isDistinct")
def is_distinct(_: Evaluation, focus: Collection) -> Collection:
    return [len(distinct(focus)) == len(focus)]


@on_values("subsetOf", 1)
def subset_of(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    whole = Seen(other)
    return [all(item in whole for item in focus)]


@on_values("supersetOf", 1)
def superset_of(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    whole = Seen(focus)
    return [all(item in whole for item in other)]


@on_values("single")
def the_single(_: Evaluation, focus: Collection) -> Collection:
    if len(focus) > 1:
        raise too_many(focus, "single()")
    return focus


@on_values("first")
def first(_: Evaluation, focus: Collection) -> Collection:
    return focus[:1]


@on_values("last")
def last(_: Evaluation, focus: Collection) -> Collection:
    return focus[-1:]


@on_values("tail")
def tail(_: Evaluation, focus: Collection) -> Collection:
    return focus[1:]


@on_values("skip", 1)
def skip(_: Evaluation, focus: Collection, number: Collection) -> Collection:
    return focus[max(0, integer(number, "skip()") or 0) :]


@on_values("take", 1)
def take(_: Evaluation, focus: Collection, number: Collection) -> Collection:
    return focus[: max(0, integer(number, "take()") or 0)]


@on_values("intersect", 1)
def intersect(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    both = Seen(other)
    return distinct([item for item in focus if item in both])


@on_values("exclude", 1)
def exclude(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    out = Seen(other)
    return [item for item in focus if item not in out]


@on_values("union", 1)
def merged(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    return union(focus, other)


@on_values("combine", 1)
def combine(_: Evaluation, focus: Collection, other: Collection) -> Collection:
    return combined(focus, other)
