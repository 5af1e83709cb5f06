"""Find the Latin words of a vocabulary that an Arabic word may be written as."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest

from nabd.identity.names.transducer import IMPOSSIBLE, Transducer

WIDTH = 600  # beginnings kept after each letter


class Vocabulary:
    """Latin words, with all their beginnings, so that a search reads each letter once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._begun = {word[:end] for word in self._words for end in range(len(word) + 1)}

    def candidates(self, transducer: Transducer, arabic: str, count: int = 100) -> list[str]:
        """Return the likeliest words by the forward direction alone, best first."""
        best = {"": 0.0}
        for step in transducer.forward.steps(arabic):
            reached: dict[str, float] = {}
            for start, score in best.items():
                for chunk, more in step.items():
                    word = start + chunk
                    if word in self._begun and score + more > reached.get(word, IMPOSSIBLE):
                        reached[word] = score + more
            best = dict(nlargest(WIDTH, reached.items(), key=lambda one: one[1]))
        whole = [(score, word) for word, score in best.items() if word in self._words]
        return [word for _, word in nlargest(count, whole)]

    def search(self, transducer: Transducer, arabic: str, count: int = 10) -> list[str]:
        """Return the best words for an Arabic word, by both directions."""
        found = self.candidates(transducer, arabic)
        return nlargest(count, found, key=lambda word: (transducer.rank(word, arabic), word))
