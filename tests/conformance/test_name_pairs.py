"""Real Arabic–Latin pairs: the transducer that is learned from the others finds the Latin form.

The whole protocol is ``python -m bench.names``; here a fixed part of it, small enough for each run.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from nabd.identity.names.learning import distinctive, tables
from nabd.identity.names.retrieval import Vocabulary
from nabd.identity.names.script import folded
from nabd.identity.names.sources import public_pairs
from nabd.identity.names.transducer import Transducer

EVERY = 60  # one form in sixty is a query


@pytest.mark.timeout(600)
def test_a_held_out_name_is_found_among_all(shared: Path) -> None:
    pairs = {
        pair: times
        for pair, times in public_pairs(shared / "data" / "names").items()
        if distinctive(pair[0])
    }
    queries = sorted({arabic for arabic, _ in pairs})[::EVERY]
    out = {folded(query) for query in queries}
    truth: dict[str, set[str]] = defaultdict(set)
    for arabic, latin in pairs:
        truth[arabic].add(latin)
    learned = Transducer(tables({p: n for p, n in pairs.items() if folded(p[0]) not in out}))
    vocabulary = Vocabulary(latin for _, latin in pairs)
    found = [[w in truth[q] for w in vocabulary.search(learned, q)] for q in queries]
    assert sum(hits[0] for hits in found) / len(queries) >= 0.80
    assert sum(any(hits) for hits in found) / len(queries) >= 0.93
