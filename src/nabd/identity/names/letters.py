"""Which letters follow which in Latin spellings of names: what tells "hassan" from "hssn"."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

EDGE = "^"  # twice before the first letter, once after the last
ALPHABET = 28
Counts = Mapping[str, Mapping[str, float]]  # two letters -> the one after them -> times


def count_letters(words: Iterable[str]) -> dict[str, dict[str, float]]:
    """Count which letter follows which two.

    >>> count_letters(["ab"])
    {'^^': {'a': 1}, '^a': {'b': 1}, 'ab': {'^': 1}}
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        text = EDGE * 2 + word + EDGE
        for place in range(len(text) - 2):
            counts[text[place : place + 2]][text[place + 2]] += 1
    return {key: dict(sorted(counts[key].items())) for key in sorted(counts)}


class Letters:
    """Trigrams of letters, mixed with bigrams and single ones (Witten and Bell, 1991)."""

    def __init__(self, counts: Counts) -> None:
        self._orders: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(3)]
        for key, following in counts.items():
            for order, known in enumerate(self._orders):
                known[key[2 - order :]].update({k: int(n) for k, n in following.items()})
        self._chance = lru_cache(maxsize=None)(self._log_chance)

    def _log_chance(self, before: str, letter: str) -> float:
        chance = 1 / ALPHABET
        for order, known in enumerate(self._orders):
            seen = known.get(before[2 - order :])
            if seen:
                total = seen.total()
                chance = (len(seen) * chance + seen[letter]) / (total + len(seen))
        return math.log(chance)

    def score(self, word: str) -> float:
        """Return the log-probability of a spelling, whatever it stands for."""
        text = EDGE * 2 + word + EDGE
        return sum(self._chance(text[i : i + 2], text[i + 2]) for i in range(len(text) - 2))
