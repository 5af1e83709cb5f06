"""Read searches of what is exact: tokens, references and uris, as the terms of their branches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nabd.errors import problem
from nabd.fhir.definitions import hierarchy, value_set
from nabd.fhir.search.branch import Branch
from nabd.fhir.search.fold import fold
from nabd.fhir.search.hashing import branch_mask, param, term
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.parameters import Parameter
from nabd.fhir.search.query import Any, Missing, Node, Not, Strings, Terms, Texts
from nabd.fhir.search.text import split, unescape
from nabd.fhir.search.values import of_code, of_system

#: Types that carry no system of their own.
_PLAIN = frozenset(
    {"code", "boolean", "string", "id", "uri", "url", "canonical", "oid", "uuid", "ContactPoint"}
)
_UNIQUE = frozenset({"Identifier", "ContactPoint", "id"})
_SPECIAL_VALUES = (
    "http://terminology.hl7.org/CodeSystem/special-values",
    "http://hl7.org/fhir/special-values",
)
_IDENTIFYING, _CODED, _COMMON = 3, 2, 1
#: How many codes of a value set ``:in`` may stand for.
_MOST_CODES = 2_000


def token(parameter: Parameter, branches: Iterable[Branch], text: str) -> Node:
    """Read ``code``, ``system|code``, ``|code`` or ``system|``."""
    parts = [unescape(part) for part in split(text, "|", 1)]
    if parts in ([""], ["", ""]):
        raise problem("N2507", parameter.code)
    return any_of(n for branch in branches for n in _token(parameter, branch, parts))


def _token(parameter: Parameter, branch: Branch, parts: list[str]) -> Iterator[Node]:
    types = {leaf.type for leaf in branch.leaves}
    if "Identifier" in types:
        yield Terms((term(f"{branch.name}={'|'.join(parts)}"),), _IDENTIFYING)
    elif types - _PLAIN:
        yield _coded(branch.name, parts)
    if types & _PLAIN:
        yield from _plain_token(parameter, branch, parts)


def _coded(branch: str, parts: list[str]) -> Terms:
    """Read a token of Codings: a code or a system alone is looked up in the vocabulary."""
    if len(parts) == 1:
        return Terms((), _CODED, ((of_code(branch), parts[0]),))
    if not parts[1]:
        return Terms((), _COMMON, ((of_system(branch), parts[0]),))
    return Terms((term(f"{branch}={'|'.join(parts)}"),), _CODED)


def _plain_token(parameter: Parameter, branch: Branch, parts: list[str]) -> Iterator[Node]:
    """Read a token of an element without systems: only its binding can say which is meant."""
    system, code = parts if len(parts) == 2 else ("", parts[0])
    known = [leaf for leaf in branch.leaves if leaf.type in _PLAIN]
    if system and not any(_implied(system, code, leaf.type, leaf.binding) for leaf in known):
        yield Any(())
    elif code:
        unique = any(leaf.type in _UNIQUE for leaf in known)
        yield Terms((term(f"{branch.name}={code}"),), _IDENTIFYING if unique else _COMMON)
    else:
        yield Not(Missing(parameter.bit))


def _implied(system: str, code: str, type_name: str, binding: str) -> bool:
    if type_name == "boolean":
        return system in _SPECIAL_VALUES
    bound = value_set(binding) if binding else None
    if bound is None:
        return False
    return bound.contains(system, code) if code else list(bound.systems) == [system]


def of_type(parameter: Parameter, text: str) -> Node:
    """Read ``:of-type``: ``system|code|value`` of an Identifier's type and value."""
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) != 3 or not (parts[1] and parts[2]):
        raise problem("N2508", parameter.code)
    form = "|".join(parts)
    return any_of(
        Terms((term(f"{branch.name}:of-type={form}"),), _IDENTIFYING)
        for branch in parameter.branches
    )


def beside(parameter: Parameter, text: str) -> Node:
    """Read ``:text``: words of the text or display beside a code."""
    folded = fold(unescape(text))
    return Texts(tuple(param(branch.name) for branch in parameter.branches), folded)


def member(parameter: Parameter, text: str) -> Node:
    """Read ``:in``: the codes of a value set of the standard."""
    found = value_set(unescape(text))
    if found is None or found.rule:
        raise problem("N2518", parameter.code)
    codings = [(system, code) for system, codes in found.systems.items() for code in codes]
    if len(codings) > _MOST_CODES:
        raise problem("N2518", parameter.code)
    return any_of(
        node
        for branch in parameter.branches
        for system, code in sorted(codings)
        for node in _token(parameter, branch, [system, code])
    )


def subsumed(parameter: Parameter, text: str, modifier: str) -> Node:
    """Read ``:below`` and ``:above``: a code and what lies under or over it in its system."""
    parts = [unescape(part) for part in split(text, "|", 1)]
    systems = parts[:1] if len(parts) == 2 else hierarchy.hierarchies()
    edges = hierarchy.below if modifier == "below" else hierarchy.above
    known = [s for s in systems if s in hierarchy.hierarchies() and parts[-1] in edges(s)]
    if not known:
        raise problem("N2519", parameter.code, modifier=modifier)
    return any_of(
        node
        for system in known
        for code in sorted(hierarchy.reached(edges(system), parts[-1]))
        for branch in parameter.branches
        for node in _token(parameter, branch, [system, code])
    )


def reference(
    parameter: Parameter, branches: Iterable[Branch], text: str, wanted: str, base: str
) -> Node:
    """Read a reference: ``Type/id``, ``id``, a url, a canonical; ``wanted`` is ``:Type``."""
    literal = unescape(text).removeprefix(base) if base else unescape(text)
    if not literal:
        raise problem("N2507", parameter.code)
    plain = literal.partition("/_history/")[0]
    terms = [
        term(form) ^ branch_mask(branch.name)
        for branch in branches
        for form in _reference_forms(parameter, branch, plain, wanted)
    ]
    return Terms(tuple(dict.fromkeys(terms)), _IDENTIFYING)


def _reference_forms(
    parameter: Parameter, branch: Branch, literal: str, wanted: str
) -> Iterator[str]:
    asked = branch.refers or wanted
    if branch.refers and wanted and branch.refers != wanted:
        return
    if ":" not in literal and "/" not in literal:
        for name in [asked] if asked else parameter.targets:
            yield f"{name}/{literal}"
    elif not asked or _type_of(literal) == asked:
        yield literal


def _type_of(literal: str) -> str:
    return literal.rpartition("/")[0].rpartition("/")[2]


def identified(parameter: Parameter, text: str) -> Node:
    """Read ``:identifier``: the token of a reference's identifier."""
    form = "|".join(unescape(part) for part in split(text, "|", 1))
    terms = tuple(term(f"{branch.name}.identifier={form}") for branch in parameter.branches)
    return Terms(terms, _IDENTIFYING)


def uri(parameter: Parameter, text: str) -> Node:
    """Read a uri: it is compared whole, case and all."""
    value = term(unescape(text))
    terms = tuple(value ^ branch_mask(branch.name) for branch in parameter.branches)
    return Terms(terms, _CODED)


def below(parameter: Parameter, text: str) -> Node:
    """Read ``:below`` of a uri: itself and the paths under it."""
    params = tuple(param(branch.name) for branch in parameter.branches)
    under = unescape(text).rstrip("/") + "/"
    return any_of([uri(parameter, text), Strings(params, "starts", under, under)])


def above(parameter: Parameter, text: str) -> Node:
    """Read ``:above`` of a uri: itself and the paths over it."""
    value = unescape(text).rstrip("/")
    head, found, path = value.partition("://")
    parts = path.split("/")
    over = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    forms = [f"{head}{found}{one}{end}" for one in over for end in ("", "/")]
    masks = [branch_mask(branch.name) for branch in parameter.branches]
    return Terms(tuple(term(form) ^ mask for mask in masks for form in forms), _CODED)
