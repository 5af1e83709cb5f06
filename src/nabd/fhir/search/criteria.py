"""Read one search parameter, with its modifier, chain and values, into a node of the query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, TYPE_NUMBER, search_parameters
from nabd.fhir.search import exact, ordered
from nabd.fhir.search.branch import Branch
from nabd.fhir.search.comparing import compared
from nabd.fhir.search.composite import composite
from nabd.fhir.search.fold import fold
from nabd.fhir.search.hashing import branch_mask, key, param
from nabd.fhir.search.kin import kin
from nabd.fhir.search.lists import listed
from nabd.fhir.search.near import near
from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.parameters import Parameter, common, has_rows, parameters
from nabd.fhir.search.query import (
    Any,
    Chain,
    Has,
    Keys,
    Missing,
    Node,
    Not,
    OfType,
    Strings,
    Terms,
)
from nabd.fhir.search.text import alternatives, unescape

#: How deep chains may go: what follows is abuse.
DEEPEST = 6

_UNSUPPORTED = frozenset({"_contained", "_containedType", "_type"})
#: The modifiers of each type of parameter; a reference also takes :Type.
MODIFIERS = {
    "token": ("missing", "not", "text", "in", "not-in", "of-type", "above", "below"),
    "string": ("missing", "exact", "contains"),
    "uri": ("missing", "above", "below"),
    "reference": ("missing", "identifier", "above", "below"),
    "date": ("missing",),
    "number": ("missing",),
    "quantity": ("missing",),
    "composite": (),
    "special": ("missing",),
}


class Scope(msgspec.Struct, frozen=True):
    """Where a parameter is read: on which types, under which base url, how deep in a chain."""

    types: tuple[str, ...]
    base: str = ""
    depth: int = 0
    #: of ``_filter``: how the parameter at the end of the path is compared
    operator: str = ""

    def inside(self, resource_type: str) -> Scope:
        """Go through a reference to a type."""
        return Scope((resource_type,), self.base, self.depth + 1, self.operator)


def criterion(scope: Scope, name: str, value: str) -> Node:
    """Read one parameter; raises Problem N25xx."""
    if scope.depth > DEEPEST:
        raise problem("N2520", name)
    if name.startswith("_has:"):
        return _has(scope, name, value)
    head, chained, rest = name.partition(".")
    code, _, modifier = head.partition(":")
    if code == "_id" and not chained and scope.operator in ("", "eq"):
        return _keys(scope, modifier, value)
    if code == "_list" and not chained and not scope.operator:
        if modifier:
            raise problem("N2503", code, expected="-", modifier=modifier)
        return listed(value)
    found = [(t, _parameter(scope, t, code)) for t in scope.types or RESOURCE_TYPES[:1]]
    if chained:
        return any_of(_chain(scope, p, modifier, rest, value) for _, p in found)
    return _each({t: _single(scope, p, modifier, value) for t, p in found})


def _each(nodes: dict[str, Node]) -> Node:
    """Ask each type its own: what a term denies of one type says nothing of another."""
    if len(set(nodes.values())) == 1 or all(isinstance(n, Terms) for n in nodes.values()):
        return any_of(nodes.values())
    return any_of(all_of([OfType(name), node]) for name, node in nodes.items())


def _parameter(scope: Scope, resource_type: str, code: str) -> Parameter:
    known = parameters(resource_type)
    if code in known and (scope.types or code in common()):
        return known[code]
    shared = code.startswith("_") or scope.types
    if code in _UNSUPPORTED or (shared and code in search_parameters(resource_type)):
        raise problem("N2502", code)
    raise problem("N2501", code, type=resource_type if scope.types else "Resource")


def _single(scope: Scope, parameter: Parameter, modifier: str, value: str) -> Node:
    if scope.operator:
        if modifier:
            raise problem("N2503", parameter.code, expected="-", modifier=modifier)
        return compared(parameter, scope.operator, value, partial(_modified, scope, parameter))
    _check_modifier(parameter, modifier)
    if modifier == "missing":
        return _missing(parameter, value)
    texts = alternatives(parameter.code, value)
    if modifier in ("not", "not-in"):
        positive = "in" if modifier == "not-in" else ""
        return Not(any_of(_value(scope, parameter, positive, text) for text in texts))
    return any_of(_value(scope, parameter, modifier, text) for text in texts)


def _check_modifier(parameter: Parameter, modifier: str) -> None:
    allowed = MODIFIERS[parameter.type]
    if parameter.code == "_lastUpdated":
        allowed = ()
    if parameter.type == "uri" and not all(has_rows(b.name) for b in parameter.branches):
        allowed = tuple(name for name in allowed if name != "below")
    if not modifier or modifier in allowed:
        return
    if parameter.type == "reference" and modifier in TYPE_NUMBER:
        return
    expected = ", ".join(f":{name}" for name in allowed) or "-"
    raise problem("N2503", parameter.code, expected=expected, modifier=modifier)


def _missing(parameter: Parameter, value: str) -> Node:
    if value not in ("true", "false"):
        raise problem("N2511", parameter.code)
    missing = Missing(parameter.bit)
    return missing if value == "true" else Not(missing)


def _modified(scope: Scope, parameter: Parameter, modifier: str, text: str) -> Node:
    _check_modifier(parameter, modifier)
    return _value(scope, parameter, modifier, text)


def _value(scope: Scope, parameter: Parameter, modifier: str, text: str) -> Node:
    match parameter.type:
        case "composite":
            return composite(parameter, text, plain_value(scope))
        case "token" if modifier in ("above", "below"):
            return exact.subsumed(parameter, text, modifier)
        case "token" if modifier:
            special: dict[str, Callable[[Parameter, str], Node]] = {
                "text": exact.beside,
                "in": exact.member,
                "of-type": exact.of_type,
            }
            return special[modifier](parameter, text)
        case "uri":
            kinds = {"": exact.uri, "above": exact.above, "below": exact.below}
            return kinds[modifier](parameter, text)
        case "special":
            return near(parameter, text)
        case "reference" if modifier in ("above", "below"):
            return kin(parameter, text, modifier, scope.base)
        case "reference" if modifier == "identifier":
            return exact.identified(parameter, text)
        case _ if parameter.code == "_lastUpdated":
            return ordered.updated(parameter.code, text)
    return plain_value(scope, modifier)(parameter, parameter.branches, text)


Plain = Callable[[Parameter, Iterable[Branch], str], Node]


def plain_value(scope: Scope, modifier: str = "") -> Plain:
    """Give the reader of a value on some branches of a parameter: composites read parts of it."""

    def read(parameter: Parameter, branches: Iterable[Branch], text: str) -> Node:
        if parameter.type == "token":
            return exact.token(parameter, branches, text)
        if parameter.type == "reference":
            return exact.reference(parameter, branches, text, modifier, scope.base)
        params = tuple(param(branch.name) for branch in branches)
        match parameter.type:
            case "string":
                return _string(params, modifier, unescape(text))
            case "date":
                return ordered.date(parameter.code, params, text)
            case "number":
                return ordered.number(parameter.code, params, text)
            case _:
                return ordered.quantity(parameter.code, params, text)

    return read


def _string(params: tuple[int, ...], modifier: str, text: str) -> Node:
    match modifier:
        case "exact":
            return Strings(params, "exact", fold(text), text)
        case "contains":
            return Strings(params, "contains", fold(text))
        case _:
            return Strings(params, "starts", fold(text))


def _keys(scope: Scope, modifier: str, value: str) -> Node:
    if modifier:
        raise problem("N2503", "_id", expected="-", modifier=modifier)
    ids = [unescape(text) for text in alternatives("_id", value)]
    return Keys(tuple((key(t, i), i) for t in scope.types or RESOURCE_TYPES for i in ids))


def _chain(scope: Scope, parameter: Parameter, wanted: str, rest: str, value: str) -> Node:
    if parameter.type != "reference":
        raise problem("N2510", parameter.code)
    if wanted and wanted not in TYPE_NUMBER:
        raise problem("N2517", parameter.code, type=wanted)
    code = rest.partition(".")[0].partition(":")[0]
    targets = [wanted] if wanted else [t for t in parameter.targets if _knows(t, code)]
    if not targets:
        raise problem("N2510", parameter.code)
    return any_of(
        Chain(masks, target, criterion(scope.inside(target), rest, value))
        for target in targets
        if (masks := reference_masks(parameter, target))
    )


def _knows(resource_type: str, code: str) -> bool:
    return code in ("_has", "_list") or code in parameters(resource_type)


def reference_masks(parameter: Parameter, target: str = "") -> tuple[int, ...]:
    """Give the masks of the branches that hold literal references to ``target``."""
    return tuple(
        branch_mask(branch.name)
        for branch in parameter.branches
        if branch.refers in ("", target) or not target
    )


def _has(scope: Scope, name: str, value: str) -> Node:
    parts = name.split(":", 3)
    if len(parts) != 4 or not parts[3]:
        raise problem("N2516", "_has")
    _, source, code, rest = parts
    if source not in TYPE_NUMBER:
        raise problem("N2517", "_has", type=source)
    parameter = _parameter(scope.inside(source), source, code)
    if parameter.type != "reference":
        raise problem("N2510", code)
    inner = criterion(scope.inside(source), rest, value)
    targets = scope.types or ("",)
    masks = dict.fromkeys(m for target in targets for m in reference_masks(parameter, target))
    return Has(tuple(masks), source, inner) if masks else Any(())
