"""Chance that repeats: every part of the demo draws from its own seeded stream.

A part's stream depends on the seed and the part's name only, so that changing one part of the
country leaves the others as they were.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, *part: object) -> random.Random:
    """Return the stream of a part of the demo."""
    return random.Random("/".join(map(str, (seed, *part))))


class Weighted(Generic[T]):
    """Values that are drawn as often as their weights say."""

    def __init__(self, values: Sequence[T], weights: Sequence[float]) -> None:
        self._values = values
        self._limits = list(accumulate(weights))

    def draw(self, chance: random.Random) -> T:
        """Draw one value."""
        return chance.choices(self._values, cum_weights=self._limits)[0]


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Divide a whole number by weights so that the parts add up to it (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
