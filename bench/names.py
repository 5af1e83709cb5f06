"""Measure the name layer: ``python -m bench.names FOLDER_OF_PAIRS [SEEDS]``.

* Real pairs (google + COLING): a thousand Arabic forms with a letter that foreign names rarely use
  are held out, with every variant of them in hamza, ة or ى; the transducer is learned from the
  other pairs only and must find an attested Latin form among all of them. Three vocabularies: the
  forms of such names; these filled up to 17,167; every Latin form of the pairs.
* People of ``names_cases.toml``: every pair of spellings judged, one person or two.
* Microseconds of processor time.

The peer, in the same run: anyascii and Levenshtein (rapidfuzz), the best off-the-shelf pair of
libraries of those measured when this was designed; its threshold is the best one in hindsight.
"""

from __future__ import annotations

import random
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations
from pathlib import Path

from anyascii import anyascii
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from bench.figures import Figure, show
from nabd.identity.names import Agreement, compare, parse
from nabd.identity.names.learning import Pair, distinctive, learn
from nabd.identity.names.retrieval import Vocabulary
from nabd.identity.names.script import folded
from nabd.identity.names.sources import public_pairs
from nabd.identity.names.transducer import Transducer, transducer

QUERIES, FILLED = 1000, 17_167
CASES = Path(__file__).parent / "names_cases.toml"
Search = Callable[[str], list[str]]


class Split:
    """Pairs with a thousand forms held out."""

    def __init__(self, pairs: dict[Pair, int], seed: int) -> None:
        forms = sorted({arabic for arabic, _ in pairs if distinctive(arabic)})
        self.queries = random.Random(seed).sample(forms, QUERIES)
        out = {folded(form) for form in self.queries}
        self.train = {pair: n for pair, n in pairs.items() if folded(pair[0]) not in out}
        self.truth: dict[str, set[str]] = defaultdict(set)
        for arabic, latin in pairs:
            self.truth[arabic].add(latin)

    def recall(self, search: Search) -> tuple[float, float]:
        """Return recall@1 and recall@10; a hit is any attested spelling."""
        first = ten = 0
        for query in self.queries:
            found = [word in self.truth[query] for word in search(query)[:10]]
            first += found[:1] == [True]
            ten += any(found)
        return first / QUERIES, ten / QUERIES


def vocabularies(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Return the Latin forms among which is searched."""
    every = {latin for _, latin in pairs}
    some = {latin for arabic, latin in pairs if distinctive(arabic)}
    rest = random.Random(0).sample(sorted(every - some), max(0, FILLED - len(some)))
    return {"such names": sorted(some), "filled up": sorted(some | set(rest)), "all": sorted(every)}


def by_library(words: list[str]) -> Search:
    """Return the peer's search: the nearest by Levenshtein after romanisation."""

    def search(arabic: str) -> list[str]:
        near = Levenshtein.normalized_similarity
        text = anyascii(arabic).lower()
        return [word for word, _, _ in process.extract(text, words, scorer=near, limit=10)]

    return search


def retrieval(folder: Path, seeds: Iterable[int]) -> list[Figure]:
    """Measure recall on real pairs, each seed a split of its own."""
    pairs = public_pairs(folder)
    figures = []
    for seed in seeds:
        split = Split(pairs, seed)
        learned = Transducer(learn(split.train))
        for name, words in vocabularies(pairs).items():
            mine = split.recall(partial(Vocabulary(words).search, learned))
            peer = split.recall(by_library(words))
            figures.append(
                Figure(
                    f"real pairs, seed {seed}, {len(words):,} Latin forms ({name})",
                    "recall@1 {:.3f}, @10 {:.3f}".format(*mine),
                    "≥ .82, ≥ .95",
                    "anyascii + Levenshtein {:.3f}, {:.3f}".format(*peer),
                )
            )
    return figures


def judged(people: list[list[str]], alike: Callable[[str, str], float]) -> list[tuple[float, bool]]:
    """Judge every pair of spellings; the truth beside it."""
    written = [(person, text) for person, texts in enumerate(people) for text in texts]
    return [(alike(a[1], b[1]), a[0] == b[0]) for a, b in combinations(written, 2)]


def f1(pairs: list[tuple[float, bool]], threshold: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 at a threshold."""
    right = sum(same for score, same in pairs if score >= threshold)
    said = sum(score >= threshold for score, _ in pairs) or 1
    true = sum(same for _, same in pairs)
    precision, recall = right / said, right / true
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def level(one: str, other: str) -> float:
    """Return the lower of the two levels at which the names agree."""
    found = compare(parse(one), parse(other))
    if found.given is None or found.family is None:
        return float(Agreement.CONFLICT)
    return float(min(found.given, found.family))


def library(one: str, other: str) -> float:
    """Return the peer's likeness of two names."""
    return Levenshtein.normalized_similarity(anyascii(one).lower(), anyascii(other).lower())


def people() -> list[Figure]:
    """Measure who is taken for one person."""
    figures = []
    for half, table in tomllib.loads(CASES.read_text("utf-8")).items():
        mine = f1(judged(table["people"], level), Agreement.CLOSE)
        theirs = judged(table["people"], library)
        best = max((f1(theirs, step / 50) for step in range(20, 50)), key=lambda found: found[2])
        figures.append(
            Figure(
                f"people and their neighbours, the list {half}",
                "P {:.3f}, R {:.3f}, F1 {:.3f}".format(*mine),
                "F1 ≥ .95",
                "anyascii + Levenshtein, best threshold: P {:.3f}, R {:.3f}, F1 {:.3f}".format(
                    *best
                ),
            )
        )
    return figures


def _micro(work: Callable[[], object], times: int, rounds: int = 1) -> str:
    """Return the processor time of one of some works, of the best round."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return f"{best / times * 1e6:.1f} µs"


def speed(folder: Path) -> list[Figure]:
    """Measure the processor time of each step."""
    pairs = sorted(public_pairs(folder))
    words = random.Random(1).choices(pairs, k=3000)
    chance = random.Random(2)
    table = tomllib.loads(CASES.read_text("utf-8"))
    some = [text for half in table.values() for texts in half["people"] for text in texts]
    given = sorted({text.split()[0] for text in some})
    family = sorted({text.split(maxsplit=1)[-1] for text in some})
    written = [(chance.choice(given), chance.choice(family)) for _ in range(20_000)]
    parse("", "")
    figures = [
        Figure(
            f"parse, {len(set(written)):,} distinct names of 20,000, nothing cached before",
            _micro(lambda: [parse(*one) for one in written], len(written)),
            "≤ 30 µs",
        )
    ]
    names = [parse(*one) for one in written]
    beside = [(a, chance.choice(names)) for a in names]
    cold = _micro(lambda: [compare(a, b) for a, b in beside], len(beside))
    warm = _micro(lambda: [compare(a, b) for a, b in beside], len(beside), rounds=5)
    peer = _micro(lambda: [library(*one) for one in words], len(words), rounds=3)
    figures.append(
        Figure("compare two names, token pairs cached", warm, "≤ 5 µs", f"first: {cold}")
    )
    shipped = transducer()
    pair = _micro(lambda: [shipped.same(latin, arabic) for arabic, latin in words], len(words))
    return [*figures, Figure("one pair of words by the transducer, cold", pair, "", f"peer {peer}")]


def main(folder: str, seeds: str = "1,2,3") -> None:
    """Measure, and show what was measured."""
    place = Path(folder)
    figures = speed(place)
    show(people() + figures + retrieval(place, map(int, seeds.split(","))))


if __name__ == "__main__":
    main(*sys.argv[1:])
