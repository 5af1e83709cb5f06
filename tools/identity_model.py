"""Estimate the shipped identity model from a generated register: writes data/model.toml.

    python tools/identity_model.py [RECORDS] [SEED]

The register is synthetic (``bench/register.py`` states its rates); same arguments, same bytes.
What it cannot tell is set by hand and stays: thresholds, prior (one in sixteen million), and how
often strangers share an identifier, a phone, or a place. The last is the sum of squared shares of
the 1,538 communes and arrondissements in the census (0.0039; HCP, RGPH 2024): the register's
communes are all of one size.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.matching import patient, rows  # noqa: E402

from nabd.identity.model import DATA, dump, load  # noqa: E402
from nabd.identity.record import record_of  # noqa: E402
from nabd.identity.train import Decided, train  # noqa: E402

RANDOM_PAIRS = 150_000


def main(count: int = 60_000, seed: int = 26) -> None:
    """Estimate and write."""
    generated = rows(count, seed)
    records = [record_of(patient(row)) for row in generated]
    mates = defaultdict(list)
    for row, record in zip(generated, records, strict=True):
        mates[row["person"]].append(record)
    pairs: list[Decided] = [(a, b, True) for own in mates.values() for a, b in combinations(own, 2)]
    chance = random.Random(seed)
    chance.shuffle(pairs)
    cut = len(pairs) // 5
    by_chance = [(chance.choice(records), chance.choice(records)) for _ in range(RANDOM_PAIRS)]
    done = train(
        load(), pairs[cut:], random_pairs=by_chance, records=records, evaluation=pairs[:cut],
        version="2026.2", source=f"a generated register: tools/identity_model.py {count} {seed}",
        trust=0.0,
    )  # fmt: skip
    DATA.write_text(dump(done.model), "utf-8")
    print("before", done.before, "\nafter ", done.after)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
