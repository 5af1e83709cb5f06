"""Put nodes of a query together in the simplest form."""

from __future__ import annotations

from collections.abc import Iterable

from nabd.fhir.search.query import All, Any, Node, Terms


def any_of(nodes: Iterable[Node]) -> Node:
    """Combine alternatives: equal ones once, and terms as one set of terms."""
    distinct = list(nodes)
    if len(distinct) == 1 and _is_simple(distinct[0]):
        return distinct[0]
    distinct = list(dict.fromkeys(distinct))
    terms = [node for node in distinct if isinstance(node, Terms)]
    others: list[Node] = [node for node in distinct if not isinstance(node, Terms)]
    if terms:
        union = tuple(dict.fromkeys(t for node in terms for t in node.any))
        named = tuple(dict.fromkeys(n for node in terms for n in node.named))
        others.insert(0, Terms(union, min(node.strength for node in terms), named))
    return others[0] if len(others) == 1 else Any(tuple(others))


def _is_simple(node: Node) -> bool:
    """Tell whether a node alone is what it would be combined into: terms are listed once."""
    return not isinstance(node, Terms) or len(node.any) + len(node.named) <= 1


def all_of(nodes: Iterable[Node]) -> Node:
    """Combine what must hold together."""
    distinct = tuple(dict.fromkeys(nodes))
    return distinct[0] if len(distinct) == 1 else All(distinct)
