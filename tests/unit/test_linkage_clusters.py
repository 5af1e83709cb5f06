"""Clustering: what is refused, by table."""

from __future__ import annotations

import pytest

from nabd.identity.batch.clusters import Link, cluster

STRONG, FAIR, WEAK = 20.0, 9.0, 5.0
CASES = {
    "two that match": ([Link(FAIR, 1, 2)], [], [], {1: 1, 2: 1}, []),
    "a chain without contradiction": (
        [Link(FAIR, 1, 2), Link(FAIR, 2, 3)], [], [], {1: 1, 2: 1, 3: 1}, [],
    ),
    "twins, and a record that could be of either, goes to the nearer": (
        [Link(FAIR, 1, 3), Link(WEAK, 2, 3)], [(1, 2)], [], {1: 1, 3: 1}, ["apart"],
    ),
    "two values of one identifier": (
        [Link(STRONG, 1, 2)], [], [{1: "A1", 2: "A2"}], {}, ["identifier"],
    ),
    "two values of one identifier, at the ends of a chain: it breaks at its weakest link": (
        [Link(STRONG, 1, 2), Link(WEAK, 2, 3), Link(FAIR, 3, 4)], [], [{1: "A1", 4: "A2"}],
        {1: 1, 2: 1, 3: 3, 4: 3}, ["identifier"],
    ),
    "the same value, and values of different kinds": (
        [Link(FAIR, 1, 2), Link(FAIR, 2, 3)], [], [{1: "A1", 3: "A1"}, {2: "7"}],
        {1: 1, 2: 1, 3: 1}, [],
    ),
    "enemies are inherited": (
        [Link(STRONG, 1, 2), Link(FAIR, 3, 4), Link(WEAK, 2, 3)], [(1, 4)], [],
        {1: 1, 2: 1, 3: 3, 4: 3}, ["apart"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_clusters(name: str) -> None:
    links, apart, certain, expected, reasons = CASES[name]
    found = cluster(links, apart, certain)
    assert found.of == expected
    assert [refusal.reason for refusal in found.refused] == reasons


DECISIONS = {
    "a steward's same holds against what a machine knows": (
        [], [(1, 2)], [{1: "A1", 2: "A2"}], [(1, 2)], [], {1: 1, 2: 1}, [],
    ),
    "a third may join, with either value or none": (
        [Link(FAIR, 2, 3), Link(WEAK, 1, 4)], [], [{1: "A1", 2: "A2", 3: "A1"}], [(1, 2)], [],
        {1: 1, 2: 1, 3: 1, 4: 1}, [],
    ),
    "but with no third value": (
        [Link(FAIR, 2, 3)], [], [{1: "A1", 2: "A2", 3: "A3"}], [(1, 2)], [],
        {1: 1, 2: 1}, ["identifier"],
    ),
    "a steward's different holds against the strongest link": (
        [Link(STRONG, 1, 2)], [], [], [], [(1, 2)], {}, ["apart"],
    ),
    "and against a chain of decisions": (
        [], [], [], [(1, 2), (2, 3)], [(1, 3)], {1: 1, 2: 1}, ["apart"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions(name: str) -> None:
    links, apart, certain, same, different, expected, reasons = DECISIONS[name]
    found = cluster(links, apart, certain, same, different)
    assert found.of == expected
    assert [refusal.reason for refusal in found.refused] == reasons
