"""Read composites: ``code-value-quantity=8480-6$gt140``.

http://hl7.org/fhir/R4/search.html#composite.  A number's row carries the code that it is a
value of, so that the index finds both at once.  Other parts hold together at the root; inside an
element that repeats, in one repetition, which a term of both tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from nabd.errors import problem
from nabd.fhir.search.branch import Branch
from nabd.fhir.search.hashing import short, term
from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.pairing import context_kind, pair_name, part_kind
from nabd.fhir.search.parameters import Pairing, Parameter
from nabd.fhir.search.query import Any, Node, Numbers, Paired, Terms
from nabd.fhir.search.text import split, unescape

Plain = Callable[[Parameter, Iterable[Branch], str], Node]


def composite(parameter: Parameter, text: str, plain: Plain) -> Node:
    """Read one value of a composite; ``plain`` reads the value of a component."""
    texts = split(text, "$")
    if len(texts) != len(parameter.components) or not all(texts):
        raise problem("N2509", parameter.code, expected=len(parameter.components))
    return any_of(_at(parameter, pairing, texts, plain) for pairing in parameter.pairings)


def _at(parameter: Parameter, pairing: Pairing, texts: list[str], plain: Plain) -> Node:
    nodes = [
        plain(Parameter(parameter.code, component.type, part), part, text)
        for component, part, text in zip(parameter.components, pairing.parts, texts, strict=True)
    ]
    kind = context_kind(pairing)
    if kind == "code":
        return all_of(_in_context(pairing, nodes, texts))
    if not pairing.repeats:
        return all_of(nodes)
    return _paired(pairing, nodes) if kind == "ordinal" else _pair(pairing, texts)


def _paired(pairing: Pairing, nodes: list[Node]) -> Node:
    kinds = [part_kind(part) for part in pairing.parts]
    numbers = [node for node, kind in zip(nodes, kinds, strict=True) if kind == "number"]
    others = [node for node, kind in zip(nodes, kinds, strict=True) if kind != "number"]
    return all_of([*others, Paired(_numbers(numbers[0]), _numbers(numbers[1]))])


def _numbers(node: Node) -> Any | Numbers:
    assert isinstance(node, Any | Numbers)
    return node


def _in_context(pairing: Pairing, nodes: list[Node], texts: list[str]) -> list[Node]:
    """Bind the number to the code: its rows carry the hash of the code of their element."""
    place = [part_kind(part) for part in pairing.parts].index("token")
    code = unescape(split(texts[place], "|", 1)[-1])
    if not code:
        raise problem("N2507", pairing.base.name)
    return [
        node if at == place else _with_context(node, (short(code),))
        for at, node in enumerate(nodes)
    ]


def _with_context(node: Node, contexts: tuple[int, ...]) -> Node:
    if isinstance(node, Any):
        return Any(tuple(_with_context(one, contexts) for one in node.of))
    assert isinstance(node, Numbers)
    return msgspec.structs.replace(node, contexts=contexts)


def _pair(pairing: Pairing, texts: list[str]) -> Node:
    first, second = ("|".join(unescape(p) for p in split(text, "|", 1)) for text in texts)
    return Terms((term(f"{pair_name(pairing)}={first}${second}"),))
