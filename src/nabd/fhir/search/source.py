"""Write the Python source that extracts everything searchable of one resource type.

Walking a plan for every resource would cost more than the extraction itself, so the plan becomes
straight code, compiled once per type: members are read once, loops are nested as the JSON is, and
the hashes of codes, references and dates are looked up in caches that the code names directly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nabd.fhir.search import dates, values
from nabd.fhir.search.branch import At, Equal, Extended, Get, Step
from nabd.fhir.search.hashing import branch_mask, param
from nabd.fhir.search.pairing import (
    NUMBERS,
    QUANTITIES,
    context_kind,
    members,
    pair_name,
    part_kind,
)
from nabd.fhir.search.parameters import Pairing, has_rows
from nabd.fhir.search.plan import Place, Plan, Use

_DATES = frozenset({"date", "dateTime", "instant"})
_SPANS = {"Period": "period", "Timing": "timing"}
_TOKENS = frozenset({"code", "boolean", "string", "id", "uri", "url", "canonical", "oid", "uuid"})
_URIS = frozenset({"uri", "url", "canonical", "oid", "uuid"})
_STRINGS = frozenset({"string", "markdown", "code", "uri"})


class Source:
    """Source code as it grows, and the objects that its names stand for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"values": values, "targets": values.targets}
        self._variables = 0

    def line(self, depth: int, text: str) -> None:
        """Add a line of code."""
        self.lines.append("    " * depth + text)

    def variable(self) -> str:
        """Give a new local variable."""
        self._variables += 1
        return f"v{self._variables}"

    def bind(self, value: Any) -> str:
        """Give the global name of an object."""
        name = f"g{len(self.names)}"
        self.names[name] = value
        return name


Extract = Callable[[dict[str, Any], list[int], list[Any], list[Any], list[Any], list[Any]], int]


def compile_plan(plan: Plan) -> Extract:
    """Compile a plan to a function of a resource and the lists to fill; it returns the bits."""
    source = Source()
    source.line(0, "def extract(r, t, d, n, s, x):")
    source.line(1, "p = 0")
    _place(source, plan.root, "r", 1, ())
    source.line(1, "return p")
    exec(compile("\n".join(source.lines), "<search>", "exec"), source.names)
    found: Extract = source.names["extract"]
    return found


def _place(source: Source, place: Place, var: str, depth: int, contexts: tuple[str, ...]) -> None:
    for type_name, uses in place.uses.items():
        for use in uses.values():
            _leaf(source, type_name, use, var, depth, contexts)
    inside = contexts
    if place.pairings:
        inside = (_contexts(source, place.pairings, var, depth),)
        for pairing in place.pairings:
            _pairs(source, pairing, var, depth)
    for step, down in place.down.items():
        _step(source, step, down, var, depth, inside)


def _step(
    source: Source, step: Step, down: Place, var: str, depth: int, contexts: tuple[str, ...]
) -> None:
    begin = len(source.lines)
    match step:
        case Get(name, array):
            value = source.variable()
            source.line(depth, f"{value} = {var}.get({name!r})")
            source.line(depth, f"if {value} is not None:")
            body = len(source.lines)
            _got(source, down, value, depth + 1, array, contexts)
        case Equal(name, text):
            source.line(depth, f"if {var}.get({name!r}) == {text!r}:")
            body = len(source.lines)
            _place(source, down, var, depth + 1, contexts)
        case Extended(url):
            found = f"e.get('url') == {url!r} for e in {var}.get('extension') or ()"
            source.line(depth, f"if any({found}):")
            body = len(source.lines)
            _place(source, down, var, depth + 1, contexts)
        case At():
            raise AssertionError("a place follows its array")
    if len(source.lines) == body:  # nothing here is indexed
        del source.lines[begin:]


def _got(
    source: Source, down: Place, value: str, depth: int, array: bool, contexts: tuple[str, ...]
) -> None:
    if not array:
        _place(source, down, value, depth, contexts)
        return
    for step, rest in down.down.items():
        if isinstance(step, At):
            source.line(depth, f"for {value}_ in {value}[{step.place}:{step.place + 1}]:")
            _place(source, rest, f"{value}_", depth + 1, contexts)
    rests: dict[Step, Place] = {
        step: rest for step, rest in down.down.items() if not isinstance(step, At)
    }
    begin = len(source.lines)
    if any(context_kind(p) == "ordinal" for p in down.pairings):
        source.line(depth, f"for o, {value} in enumerate({value}, 1):")
    else:
        source.line(depth, f"for {value} in {value}:")
    source.line(depth + 1, f"if {value} is None: continue")
    body = len(source.lines)
    _place(source, Place(rests, down.uses, down.pairings), value, depth + 1, contexts)
    if len(source.lines) == body:
        del source.lines[begin:]


def _leaf(
    source: Source, type_name: str, use: Use, var: str, depth: int, contexts: tuple[str, ...]
) -> None:
    writer = {
        "token": _token,
        "reference": _reference,
        "string": _string,
        "date": _date,
        "uri": _uri,
    }.get(use.kind)
    before = len(source.lines)
    if writer is None:
        _number(source, type_name, use, var, depth, contexts)
    else:
        writer(source, type_name, use, var, depth)
    if use.bits and len(source.lines) > before:
        source.line(depth, f"p |= {use.bits}")


def _token(source: Source, type_name: str, use: Use, var: str, depth: int) -> None:
    if type_name in _TOKENS:
        _simple(source, use.branch, var, depth)
    elif type_name == "ContactPoint":
        value = source.variable()
        source.line(depth, f"{value} = {var}.get('value')")
        source.line(depth, f"if {value} is not None:")
        _simple(source, use.branch, value, depth + 1)
    elif type_name == "Coding":
        _coding(source, use.branch, var, depth)
    elif type_name == "CodeableConcept":
        _concept(source, use.branch, var, depth)
    elif type_name == "Identifier":
        make = source.bind(values.identifier(use.branch))
        _both(source, f"{make}({var})", depth)


def _simple(source: Source, branch: str, var: str, depth: int) -> None:
    cache: dict[Any, int] = {}
    known, miss = source.bind(cache), source.bind(values.simple(branch, cache))
    source.line(depth, f"t.append({known}.get({var}) or {miss}({var}))")


def _both(source: Source, terms: str, depth: int) -> None:
    """Take terms and, where there are any, their vocabulary entries."""
    source.line(depth, f"e = {terms}")
    source.line(depth, "t += e[0]")
    source.line(depth, "if e[1]: x += e[1]")


def _coding(source: Source, branch: str, var: str, depth: int) -> None:
    cache: dict[values.CodingKey, values.Terms] = {}
    known, miss = source.bind(cache), source.bind(values.coding(branch, cache))
    source.line(depth, f"k = ({var}.get('system'), {var}.get('code'), {var}.get('display'))")
    _both(source, f"{known}.get(k) or {miss}(k)", depth)


def _concept(source: Source, branch: str, var: str, depth: int) -> None:
    one, text = source.variable(), source.variable()
    source.line(depth, f"for {one} in {var}.get('coding') or ():")
    _coding(source, branch, one, depth + 1)
    cache: dict[str, values.Terms] = {}
    known, miss = source.bind(cache), source.bind(values.concept_text(branch, cache))
    source.line(depth, f"{text} = {var}.get('text')")
    source.line(depth, f"if {text}:")
    _both(source, f"{known}.get({text}) or {miss}({text})", depth + 1)


def _reference(source: Source, type_name: str, use: Use, var: str, depth: int) -> None:
    mask = branch_mask(use.branch)
    if type_name in _URIS:
        source.line(depth, f"t += [h ^ {mask} for h in values.canonical({var})]")
    elif type_name == "Resource":
        name = f"{var}.get('resourceType', '') + '/' + {var}.get('id', '')"
        source.line(depth, f"t.append(values.target({name})[0] ^ {mask})")
    elif type_name == "Reference":
        _literal(source, use, mask, var, depth)


def _literal(source: Source, use: Use, mask: int, var: str, depth: int) -> None:
    value = source.variable()
    source.line(depth, f"{value} = {var}.get('reference')")
    source.line(depth, f"if {value}:")
    source.line(depth + 1, f"k, e = targets.get({value}) or values.target({value})")
    source.line(depth + 1, f"if k: t.append(k ^ {mask})")
    for type_name, bits in use.refers.items():
        source.line(depth + 1, f"if e == {type_name!r}: p |= {bits}")
    make = source.bind(values.identifier(f"{use.branch}.identifier"))
    source.line(depth, f"if 'identifier' in {var}:")
    source.line(depth + 1, f"t += {make}({var}['identifier'])[0]")


def _string(source: Source, type_name: str, use: Use, var: str, depth: int) -> None:
    make = {"HumanName": "human_name", "Address": "address"}.get(type_name)
    if make:
        source.line(depth, f"s += values.{make}({param(use.branch)}, {var})")
    elif type_name in _STRINGS:
        source.line(depth, f"s.append(values.string_row({param(use.branch)}, {var}))")


def _uri(source: Source, type_name: str, use: Use, var: str, depth: int) -> None:
    mask = branch_mask(use.branch)
    source.line(depth, f"t += [h ^ {mask} for h in values.canonical({var})]")
    if has_rows(use.branch):
        source.line(depth, f"s.append(({param(use.branch)}, values.storable({var}), None))")


def _date(source: Source, type_name: str, use: Use, var: str, depth: int) -> None:
    if type_name in _DATES:
        source.line(depth, f"e = dates.get({var}) or values.date({var})")
        source.names["dates"] = dates.intervals
    elif type_name in _SPANS:
        source.line(depth, f"e = values.{_SPANS[type_name]}({var})")
    else:
        return
    source.line(depth, f"if e: d.append(({param(use.branch)}, e[0], e[1]))")


def _number(
    source: Source, type_name: str, use: Use, var: str, depth: int, contexts: tuple[str, ...]
) -> None:
    inside = contexts[0] if contexts else "(0,)"
    if type_name in NUMBERS:
        source.line(depth, f"e = float({var})")
        source.line(depth, f"for c in {inside}: n.append(({param(use.branch)}, e, e, 0, 0, c))")
    elif type_name in QUANTITIES:
        make = source.bind(values.quantity(type_name, param(use.branch)))
        source.line(depth, f"n += {make}({var}, {inside})")


def _contexts(source: Source, pairings: list[Pairing], var: str, depth: int) -> str:
    """Compute what ties the numbers of this repetition to its code, once for all pairings."""
    tied = {context_kind(pairing): pairing for pairing in pairings}
    context = source.variable()
    if "ordinal" in tied:
        source.line(depth, f"{context} = (o,)")
    elif "code" in tied:
        kinds = [part_kind(part) for part in tied["code"].parts]
        member = members(tied["code"], kinds.index("token"))[0]
        source.line(depth, f"{context} = values.contexts({var}.get({member!r}))")
    else:
        return "(0,)"
    return context


def _pairs(source: Source, pairing: Pairing, var: str, depth: int) -> None:
    if context_kind(pairing):
        return
    kinds = [part_kind(part) for part in pairing.parts]
    name = pair_name(pairing)
    forms = ["values.reference_forms" if kind == "reference" else "values.forms" for kind in kinds]
    for one in members(pairing, 0):
        for other in members(pairing, 1):
            source.line(depth, f"if {one!r} in {var} and {other!r} in {var}:")
            first = f"{forms[0]}({var}[{one!r}])"
            second = f"{forms[1]}({var}[{other!r}])"
            source.line(depth + 1, f"t += values.pair_terms({name!r}, {first}, {second})")
