"""Laws of clustering: no order matters, nobody meets whom they must not, nothing is lost."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.identity.batch.clusters import Clusters, Link, cluster

NUMBERS = st.integers(1, 9)
PAIRS = st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1])
LINKS = st.lists(
    st.builds(lambda w, p: Link(w, *p), st.integers(1, 4).map(float), PAIRS), max_size=20
)
APART = st.lists(PAIRS, max_size=6)
CERTAIN = st.lists(st.dictionaries(NUMBERS, st.sampled_from("XYZ"), max_size=9), max_size=2)


def groups(found: Clusters) -> set[frozenset[int]]:
    together: dict[int, set[int]] = {}
    for record, lowest in found.of.items():
        together.setdefault(lowest, set()).add(record)
    return {frozenset(group) for group in together.values()}


@settings(deadline=None)
@given(LINKS, APART, CERTAIN, st.randoms())
def test_the_order_of_links_and_of_their_ends_does_not_matter(
    links, apart, certain, random
) -> None:  # type: ignore[no-untyped-def]
    turned = [Link(w, *random.sample((a, b), 2)) for w, a, b in links]
    random.shuffle(turned)
    shuffled = [random.sample(pair, 2) for pair in apart]
    random.shuffle(shuffled)
    first, second = cluster(links, apart, certain), cluster(turned, shuffled, certain)
    assert first.of == second.of


@settings(deadline=None)
@given(LINKS, APART, CERTAIN)
def test_who_must_stay_apart_never_meets(links, apart, certain) -> None:  # type: ignore[no-untyped-def]
    found = cluster(links, apart, certain)
    for group in groups(found):
        assert not any({a, b} <= group for a, b in apart)
        for kind in certain:
            assert len({kind[record] for record in group if record in kind}) <= 1


@settings(deadline=None)
@given(LINKS, APART, CERTAIN)
def test_every_link_is_within_a_cluster_or_refused(links, apart, certain) -> None:  # type: ignore[no-untyped-def]
    found = cluster(links, apart, certain)
    refused = {refusal.link for refusal in found.refused}
    for link in links:
        low, high = sorted(link[1:])
        within = found.of.get(low, low) == found.of.get(high, high)
        assert within != (Link(link.weight, low, high) in refused)


@settings(deadline=None)
@given(LINKS)
def test_without_guards_clusters_are_what_is_connected(links) -> None:  # type: ignore[no-untyped-def]
    parts = [frozenset(link[1:]) for link in links]
    for _ in links:
        for one, other in combinations(parts, 2):
            if one & other:
                parts = [p for p in parts if p not in (one, other)] + [one | other]
                break
    assert groups(cluster(links)) == set(parts)
