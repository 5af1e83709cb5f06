"""The paths of a view: straight Python where the types are known, else the general engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from nabd.errors import Problem, issue, problem
from nabd.fhir import definitions
from nabd.fhir.fhirpath import parse, syntax
from nabd.fhir.fhirpath.compiler import build, constant_of
from nabd.fhir.fhirpath.evaluation import Evaluation, Run
from nabd.fhir.fhirpath.model import RESOURCES, Collection, Node
from nabd.fhir.fhirpath.semantics import check, infer
from nabd.fhir.fhirpath.straight import Straight, straight

#: Reads the items of a path from an item: a node, or a JSON value whose type the view knows.
Read: TypeAlias = Callable[[Evaluation, Any], Collection]

#: The item of a row that has none (``forEachOrNull``): paths find nothing on it.
NOTHING = Node(None, "")

_BUILT_IN = frozenset({"resource", "rootResource", "context", "rowIndex"})
_LITERALS = (str, int, bool)
_DATED = frozenset({"date", "dateTime", "instant", "time"})


def reader(expression: str, type_name: str, constants: Mapping[str, Node], where: str) -> Read:
    """Compile a path for items of a type (``""``: nodes that know their own).

    Raises:
        Problem: N22xx with the place of the path in the definition.
    """
    return loop(expression, type_name, constants, where, ends=True)[0]


def loop(
    expression: str,
    type_name: str,
    constants: Mapping[str, Node],
    where: str,
    *,
    ends: bool = False,
) -> tuple[Read, str]:
    """Compile a path whose items are read on, unless it ``ends``; name the type of the items.

    Items of several types stay nodes, and the type is ``""``.
    """
    try:
        tree = _with_constants(parse(expression), constants)
        run = build(tree)
        if type_name:
            check(tree, type_name)
        kind = _only_type(tree, type_name)
    except Problem as error:
        found = [issue(one.code, where, **one.params) for one in error.issues]
        raise Problem(found) from None
    quick = straight(tree, type_name) if kind or ends else None
    return _read(run, quick, type_name), kind


def _only_type(tree: syntax.Expression, type_name: str) -> str:
    """Name the type of all items that a path can find; ``""`` when there are several."""
    own = frozenset({type_name}) if type_name else None
    kinds = infer(tree, own, own) or frozenset()
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    return kind if definitions.is_type(kind) and kind not in RESOURCES else ""


def general(run: Run, evaluation: Evaluation, item: Any, type_name: str) -> Collection:
    """Run the general engine on an item."""
    if item is NOTHING:
        evaluation.this = []
    else:
        evaluation.this = [item if type(item) is Node else Node(item, type_name)]
    return run(evaluation, evaluation.this)


def _read(run: Run, quick: Straight | None, type_name: str) -> Read:
    if quick is None:
        return lambda evaluation, item: general(run, evaluation, item, type_name)

    def read(evaluation: Evaluation, item: Any) -> Collection:
        if type(item) is dict:
            try:
                found = quick(item)
            except (AttributeError, TypeError):  # not as its type says
                found = None
            if found is not None:
                return found
        return general(run, evaluation, item, type_name)

    return read


def _with_constants(tree: syntax.Expression, constants: Mapping[str, Node]) -> syntax.Expression:
    """Write constants into the tree as literals; insist that every variable is known (N2212)."""
    if type(tree) is syntax.Variable:
        return _constant(tree, constants)
    changed = {
        field: _replaced(getattr(tree, field), constants) for field in tree.__struct_fields__
    }
    return msgspec.structs.replace(tree, **changed)


def _replaced(value: Any, constants: Mapping[str, Node]) -> Any:
    if isinstance(value, tuple):
        return tuple(_replaced(one, constants) for one in value)
    is_tree = type(value).__module__ == syntax.__name__
    return _with_constants(value, constants) if is_tree else value


def _constant(tree: syntax.Variable, constants: Mapping[str, Node]) -> syntax.Expression:
    name = tree.name
    if name in constants:
        one = constants[name]
        plainly = isinstance(one.value, _LITERALS) and one.type not in _DATED
        return syntax.Literal(one.value) if plainly else tree
    if name not in _BUILT_IN and constant_of(name) is None:
        raise problem("N2212", name=name)
    return tree
