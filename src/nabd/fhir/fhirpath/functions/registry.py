"""The table of functions: a name, how many arguments, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nabd.fhir.fhirpath.evaluation import Evaluation, Run
from nabd.fhir.fhirpath.model import Collection


class Function(NamedTuple):
    """One function of the language."""

    least: int
    most: int
    lazy: bool
    call: Callable[..., Collection]


FUNCTIONS: dict[str, Function] = {}


def on_values(name: str, least: int = 0, most: int | None = None) -> Callable[[Any], Any]:
    """Register a function of collections: ``f(evaluation, focus, *collections)``."""
    return _register(name, least, most, lazy=False)


def on_expressions(name: str, least: int = 0, most: int | None = None) -> Callable[[Any], Any]:
    """Register a function of expressions: ``f(evaluation, focus, *runs)``."""
    return _register(name, least, most, lazy=True)


def _register(name: str, least: int, most: int | None, *, lazy: bool) -> Callable[[Any], Any]:
    def register(call: Callable[..., Collection]) -> Callable[..., Collection]:
        FUNCTIONS[name] = Function(least, least if most is None else most, lazy, call)
        return call

    return register


def bind(function: Function, arguments: list[Run]) -> Run:
    """Make a run of a function and its compiled arguments.

    The arguments of a function of values are evaluated on ``$this``, not on the focus:
    ``name.select(use.union(given))`` takes ``given`` from the name.
    """
    call = function.call
    if not arguments:
        return call
    if function.lazy:
        return lambda evaluation, focus: call(evaluation, focus, *arguments)
    if len(arguments) == 1:
        one = arguments[0]
        return lambda evaluation, focus: call(evaluation, focus, one(evaluation, evaluation.this))
    return lambda evaluation, focus: call(
        evaluation, focus, *[run(evaluation, evaluation.this) for run in arguments]
    )


def each(evaluation: Evaluation, focus: Collection, run: Run) -> list[Collection]:
    """Run an expression once for each item, as ``$this`` with its ``$index``."""
    this, index = evaluation.this, evaluation.index
    found: list[Collection] = []
    for evaluation.index, item in enumerate(focus):
        evaluation.this = [item]
        found.append(run(evaluation, evaluation.this))
    evaluation.this, evaluation.index = this, index
    return found
