"""Join records to people, strongest link first, and refuse what would chain two people.

Plain transitive closure joins everything that is connected: one newborn's placeholder name, or one
record without a birth date, makes a family of ten into one person. Here links are taken from the
strongest to the weakest, and a link is refused when it would bring together two records that must
stay apart, or two values of an identifier that a person has only one of. What is refused is kept:
it is a question for a steward.

The result does not depend on the order in which links and records come: ties are broken by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

Reason = Literal["apart", "identifier"]
Pair = tuple[int, int]


class Link(NamedTuple):
    """Two records that are probably of one person; ``weight`` is log2 of the odds."""

    weight: float
    left: int
    right: int


class Refusal(NamedTuple):
    """A link that was not taken, and why."""

    link: Link
    reason: Reason


class Clusters(NamedTuple):
    """Who is with whom: the lowest number of the cluster, for each record that has company."""

    of: dict[int, int]
    refused: list[Refusal]


def cluster(
    links: Iterable[Link],
    apart: Iterable[Pair] = (),
    certain: Sequence[Mapping[int, str]] = (),
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
) -> Clusters:
    """Cluster records by their links.

    ``apart`` are pairs of records of two people, as far as a machine can tell. ``certain`` gives,
    for each kind of identifier, its value by record: no link ever brings two values of one kind
    together. People have decided ``same``, which holds whatever else is known, and ``different``,
    which holds even against ``same``.

    >>> found = cluster([Link(9.0, 1, 2), Link(5.0, 2, 3)], apart=[(1, 3)])
    >>> found.of, [refusal.reason for refusal in found.refused]
    ({1: 1, 2: 1}, ['apart'])
    >>> cluster([], apart=[(1, 3)], certain=[{1: "A1", 3: "A2"}], same=[(1, 3)]).of
    {1: 1, 3: 1}
    """
    forest = _Forest()
    forest.part(different)
    refused = [*_joined(forest, (Link(float("inf"), *pair) for pair in same))]
    forest.part(apart)
    for kind in certain:
        forest.tell(kind)
    refused += _joined(forest, links)
    return Clusters(forest.lowest(), refused)


def _joined(forest: _Forest, links: Iterable[Link]) -> Iterator[Refusal]:
    # the strongest first; equal ones by number, whichever end was named first
    for weaker, low, high in sorted((-w, *((a, b) if a < b else (b, a))) for w, a, b in links):
        reason = forest.join(low, high)
        if reason:
            yield Refusal(Link(-weaker, low, high), reason)


class _Forest:
    """Disjoint sets of records that know whom they must not meet."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}
        self.size: dict[int, int] = {}
        self.foes: dict[int, set[int]] = {}
        self.values: list[dict[int, set[str]]] = []

    def part(self, pairs: Iterable[Pair]) -> None:
        """Learn of records that must not meet; of those that have met already it is too late."""
        for left, right in pairs:
            one, two = self.root(left), self.root(right)
            self.foes.setdefault(one, set()).add(two)
            self.foes.setdefault(two, set()).add(one)

    def tell(self, kind: Mapping[int, str]) -> None:
        """Learn the values of one kind of identifier."""
        values: dict[int, set[str]] = {}
        for record, value in kind.items():
            values.setdefault(self.root(record), set()).add(value)
        self.values.append(values)

    def root(self, record: int) -> int:
        """Return the record that stands for the set of a record."""
        parent = self.parent
        above = parent.setdefault(record, record)
        while above != record:
            parent[record] = record = parent[above]
            above = parent[record]
        return record

    def join(self, left: int, right: int) -> Reason | None:
        """Join two sets, or say why not."""
        one, two = self.root(left), self.root(right)
        if one == two:
            return None
        if self.foes and self._foes(one, two):
            return "apart"
        if any(_contradict(values.get(one), values.get(two)) for values in self.values):
            return "identifier"
        self._absorb(one, two)
        return None

    def _foes(self, one: int, two: int) -> bool:
        mine, theirs = self.foes.get(one), self.foes.get(two)
        if not mine or not theirs:
            return False
        if len(mine) > len(theirs):
            mine, two = theirs, one
        return any(self.root(foe) == two for foe in mine)

    def _absorb(self, one: int, two: int) -> None:
        size = self.size
        mine, theirs = size.get(one, 1), size.get(two, 1)
        if mine < theirs:
            one, two = two, one
        size.pop(two, None)  # sizes are kept only of sets of two and more
        size[one] = mine + theirs
        self.parent[two] = one
        if two in self.foes:
            self.foes.setdefault(one, set()).update(self.foes.pop(two))
        for values in self.values:
            if two in values:
                values.setdefault(one, set()).update(values.pop(two))

    def lowest(self) -> dict[int, int]:
        """Return the lowest number of the set of each record that was joined to another."""
        first: dict[int, int] = {}
        found = {}
        for record in sorted(self.parent):
            root = self.root(record)
            if root in self.size:
                found[record] = first.setdefault(root, record)
        return found


def _contradict(mine: set[str] | None, theirs: set[str] | None) -> bool:
    """Say whether two sets have different values; more than one is what a steward united."""
    return bool(mine and theirs and not (mine <= theirs or theirs <= mine))
