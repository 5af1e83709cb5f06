"""Turn the nodes of a query into conditions of SQL.

A search begins where it is most selective, and tests the rest row by row.  PostgreSQL cannot know
how rare a hash is, so this is decided here, from what each node says of itself: a search with a
code or a reference begins at the inverted index; one with a status and a name, at the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search.query import (
    All,
    Any,
    Chain,
    Dates,
    Has,
    Keys,
    Missing,
    Near,
    Node,
    Not,
    Numbers,
    OfType,
    Paired,
    Strings,
    Terms,
    Texts,
    Updated,
)
from nabd.store.search import ranges
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement

#: Where to begin: at the keys, at rare terms, at the ranges, or at all rows of the type.  Among the
#: last two PostgreSQL chooses by its statistics, and may walk the keys in their order.
Start = Literal["keys", "terms", "ranges", ""]
#: The strength of terms so common that the index of terms is not always the place to begin.
_WEAK = 1
#: What a key finds is rarer than what any term finds.
_KEY = 4


class Conditions:
    """Writes the conditions of one statement for one reader."""

    def __init__(self, statement: Statement, sight: Sight) -> None:
        self._statement = statement
        self._sight = sight

    def start(self, nodes: Iterable[Node]) -> Start:
        """Tell where a search for all of ``nodes`` begins."""
        return _start(list(_complete(nodes)))

    def rows(self, row: str, types: Sequence[str], nodes: Iterable[Node]) -> str:
        """Say which rows of ``resource`` match: visible, of a type, and meeting every node."""
        flat = list(_complete(nodes))
        start = _start(flat)
        seen = self._sight.condition(self._statement, row, types, start in ("ranges", ""))
        terms = [node for node in flat if isinstance(node, Terms)]
        others = [node for node in flat if not isinstance(node, Terms)]
        conditions = self._all_terms(row, terms, start)
        conditions += [self._top(row, node, start) for node in others]
        return " and ".join([*seen, *conditions])

    def _all_terms(self, row: str, nodes: list[Terms], start: Start) -> list[str]:
        """Ask for single terms with one ``@>``, so that the index intersects them by itself."""
        single = [node for node in nodes if len(node.any) == 1 and not node.named]
        hidden = start != ""
        found = []
        if single:
            terms = self._bigints(node.any[0] for node in single)
            found.append(f"{row}.terms @> {f'(select {terms})' if hidden else terms}")
        found += [
            f"{row}.terms && {self._set(node, hidden)}" for node in nodes if node not in single
        ]
        return found if start in ("terms", "") else [f"coalesce({one}, false)" for one in found]

    def _set(self, node: Terms, hidden: bool = True) -> str:
        """Write the terms of a node.

        ``(select …)`` hides them from the planner: one plan then serves all values, and planning
        each time, which costs as much as such a search, ends after five.  Common terms are shown
        to it: its statistics know them.
        """
        terms = self._bigints(node.any)
        if not node.named:
            return f"(select {terms})" if hidden else terms
        word, name = self._statement.alias("w"), self._statement.alias("n")
        params = self._statement.bind([param for param, _ in node.named], "int[]")
        texts = self._statement.bind([text for _, text in node.named], "text[]")
        same = f"{word}.param = {name}.param and {word}.folded = {name}.folded"
        near = f"left({word}.folded, 64) = left({name}.folded, 64)"
        return (
            f"(select {terms} || array(select {word}.term from text_value {word}, "
            f"unnest({params}, {texts}) {name} (param, folded) where {near} and {same}))"
        )

    def _bigints(self, values: Iterable[int]) -> str:
        return self._statement.bind(list(values), "bigint[]")

    def _top(self, row: str, node: Node, start: Start) -> str:
        """Write a node that must hold; where the search begins at it, so that an index serves."""
        if start in ("ranges", "") and (joined := _family(node)):
            return f"{row}.key in ({ranges.keys(self._statement, joined)})"
        if start not in ("keys", "terms"):
            if isinstance(node, Chain):
                return self._chain_set(row, node)
            if isinstance(node, Has):
                return self._has_set(row, node)
        return self.test(row, node)

    def test(self, row: str, node: Node) -> str:
        """Write a condition about one row of ``resource``; it is never null."""
        match node:
            case All(nodes):
                return self._joined(" and ", row, nodes, "true")
            case Any(nodes):
                return self._any(row, nodes)
            case Not(inner):
                return f"not {self.test(row, inner)}"
            case Terms():
                return f"({row}.terms && {self._set(node)})"
            case Dates() | Numbers() | Strings():
                return ranges.about(self._statement, f"{row}.key", [node])
            case Chain():
                return self._chain(row, node)
            case Has():
                return self._has(row, node)
            case _:
                return self._column(row, node)

    def _column(self, row: str, node: Node) -> str:
        bind = self._statement.bind
        match node:
            case Missing(bits):
                return f"({row}.terms[1] & {bind(bits, 'bigint')} = 0)"
            case OfType(name):
                return f"({row}.type = {bind(TYPE_NUMBER[name], 'smallint')})"
            case Keys(known):
                keys, ids = [key for key, _ in known], [id_ for _, id_ in known]
                of_key = f"{row}.key = any({self._bigints(keys)})"
                return f"({of_key} and {row}.id = any({bind(ids, 'text[]')}))"
            case Texts():
                return self._texts(row, node)
            case Near():
                return ranges.near(self._statement, f"{row}.key", node)
            case Paired():
                return ranges.paired(self._statement, f"{row}.key", node)
            case Updated(least, most):
                ends = [(">=", least), ("<=", most)]
                found = [f"{row}.updated {op} {self._moment(v)}" for op, v in ends if v is not None]
                return f"({' and '.join(found) or 'true'})"
            case _:
                raise AssertionError(node)

    def _moment(self, micros: int) -> str:
        """Write a moment; one that PostgreSQL has no timestamp for is as good as its last."""
        bounded = min(max(micros, -62_135_596_800_000_000), 253_402_300_799_999_999)
        return f"to_timestamp({self._statement.bind(bounded, 'bigint')} / 1000000.0)"

    def _joined(self, word: str, row: str, nodes: Iterable[Node], empty: str) -> str:
        return f"({word.join(self.test(row, node) for node in nodes) or empty})"

    def _any(self, row: str, nodes: tuple[Node, ...]) -> str:
        joined = _family(Any(nodes))
        if joined:
            return ranges.about(self._statement, f"{row}.key", joined)
        return self._joined(" or ", row, nodes, "false")

    def _texts(self, row: str, node: Texts) -> str:
        word = self._statement.alias("w")
        text = self._statement.bind(node.folded, "text")
        params = self._statement.bind(list(node.params), "int[]")
        begins = f"starts_with({word}.folded, {text}) or strpos({word}.folded, ' ' || {text}) > 0"
        terms = f"select {word}.term from text_value {word}"
        return f"({row}.terms && array({terms} where {word}.param = any({params}) and ({begins})))"

    def _chain(self, row: str, node: Chain) -> str:
        """Test the targets of one row: its terms, unmasked, are the keys of what it refers to."""
        target, term, mask = (self._statement.alias(letter) for letter in "ctm")
        lists = f"unnest({row}.terms) {term}, unnest({self._bigints(node.masks)}) {mask}"
        where = self._inside(target, node)
        join = f"{target}.key = {term} # {mask}"
        return f"exists (select from {lists}, resource {target} where {join} and {where} offset 0)"

    def _inside(self, row: str, node: Chain | Has) -> str:
        seen = self._sight.condition(self._statement, row, (node.type,))
        return " and ".join([*seen, self.test(row, node.where)])

    def _chain_set(self, row: str, node: Chain) -> str:
        target, mask = (self._statement.alias(letter) for letter in "cm")
        where = self.rows(target, (node.type,), (node.where,))
        masks = self._bigints(node.masks)
        terms = f"select {target}.key # {mask} from resource {target}, unnest({masks}) {mask}"
        return f"({row}.terms && array({terms} where {where}))"

    def _has(self, row: str, node: Has) -> str:
        source, mask = (self._statement.alias(letter) for letter in "sm")
        terms = f"array(select {row}.key # {mask} from unnest({self._bigints(node.masks)}) {mask})"
        refers = f"{source}.terms && {terms}"
        where = self._inside(source, node)
        return f"exists (select from resource {source} where {refers} and {where} offset 0)"

    def _has_set(self, row: str, node: Has) -> str:
        source, term, mask = (self._statement.alias(letter) for letter in "stm")
        where = self.rows(source, (node.type,), (node.where,))
        masks = self._bigints(node.masks)
        lists = f"unnest({source}.terms) {term}, unnest({masks}) {mask}"
        keys = f"select {term} # {mask} from resource {source}, {lists} where {where}"
        return f"{row}.key = any(array({keys}))"


def _complete(nodes: Iterable[Node]) -> Iterable[Node]:
    """Add what follows from alternatives, so that an index may begin there."""
    for node in _flat(nodes):
        yield node
        implied = _implied(node)
        if implied and implied != node:
            yield implied


def _flat(nodes: Iterable[Node]) -> Iterable[Node]:
    for node in nodes:
        if isinstance(node, All):
            yield from _flat(node.of)
        else:
            yield node


def _implied(node: Node) -> Terms | None:
    """Find the terms of which one is there whichever alternative holds: an index can begin there.

    ``combo-code-value-quantity`` is such: a code here and its value, or a code there and its value.
    """
    match node:
        case Terms():
            return node
        case All(nodes):
            found = [one for one in map(_implied, nodes) if one]
            return max(found, key=lambda one: one.strength, default=None)
        case Any(nodes) if nodes:
            each = [_implied(one) for one in nodes]
            terms = [one for one in each if one]
            if len(terms) < len(each):
                return None
            union = tuple(dict.fromkeys(term for one in terms for term in one.any))
            named = tuple(dict.fromkeys(name for one in terms for name in one.named))
            return Terms(union, min(one.strength for one in terms), named)
        case _:
            return None


def _family(node: Node) -> list[ranges.Ranged]:
    """List ranges that are asked together about one table; empty for another node."""
    nodes = node.of if isinstance(node, Any) else (node,)
    families = {ranges.family(one) for one in nodes}
    if len(families) != 1 or None in families:
        return []
    return [one for one in nodes if isinstance(one, Dates | Numbers | Strings)]


def _start(nodes: list[Node]) -> Start:
    """Choose where the search begins: where the strongest node is; at terms if in doubt."""
    if any(isinstance(node, Keys) for node in nodes):
        return "keys"
    terms = max(map(_rarity, nodes), default=0)
    others = max(map(_strength, nodes), default=0)
    if others == 0 and terms <= _WEAK:
        return ""
    return "terms" if terms >= others else "ranges"


def _rarity(node: Node) -> float:
    """Rate what the index of terms finds of a node, with that of keys beside it.

    A compartment is its owner, by key, or what refers to it: each alternative has its index.
    """
    match node:
        case Terms():
            return node.strength
        case Any(nodes):
            return min(map(_rarity, nodes), default=0)
        case Keys():
            return _KEY
        case _:
            return 0


def _strength(node: Node) -> float:
    """Rate what an index beside that of terms finds, on the scale of ``Terms.strength``."""
    family = _family(node)
    if family and all(isinstance(one, Strings) for one in family):
        return 2.5
    if family and all(isinstance(one, Numbers) and one.contexts for one in family):
        return 2.5
    return 1.5 if family or isinstance(node, Chain | Has) else 0
