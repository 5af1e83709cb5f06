"""Learn the few weights that bring the two directions of the transducer together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from nabd.identity.names.retrieval import Vocabulary
from nabd.identity.names.transducer import Transducer

EPOCHS = 50
DOUBTFUL = 3  # the best wrong answers are often right ones that nobody wrote down
Vector = tuple[float, ...]


class Example(NamedTuple):
    """One Latin candidate of an Arabic word."""

    arabic: str
    latin: str
    right: bool
    features: Vector


def examples(
    transducer: Transducer, truth: Mapping[str, set[str]], names: Iterable[str]
) -> list[list[Example]]:
    """Return the candidates of each Arabic word, with what is right."""
    vocabulary = Vocabulary(names)
    found = []
    for arabic, right in truth.items():
        words = vocabulary.candidates(transducer, arabic, 60)
        if not right.isdisjoint(words):
            found.append(
                [
                    Example(arabic, word, word in right, transducer.features(word, arabic))
                    for word in words
                ]
            )
    return found


def rank_weights(lists: Sequence[Sequence[Example]]) -> tuple[float, float, float, float]:
    """Return the weights by which the right candidates come first (softmax over each list)."""

    def gradient(weights: Sequence[float]) -> Vector:
        slope = [0.0] * len(weights)
        for rows in scaled_lists:
            sums = [_dot(weights, x) for x, _ in rows]
            powers = [math.exp(one - max(sums)) for one in sums]
            whole = sum(powers)
            right = sum(p for p, (_, good) in zip(powers, rows, strict=True) if good)
            for p, (x, good) in zip(powers, rows, strict=True):
                pull = (p / right if good else 0.0) - p / whole
                for i, value in enumerate(x):
                    slope[i] += pull * value / len(lists)
        return tuple(slope)

    scale = _scale([one.features for rows in lists for one in rows])
    scaled_lists = [[(_over(one.features, scale), one.right) for one in rows] for rows in lists]
    a, b, c, d = _over(_climb(4, gradient), scale)
    return round(a, 4), round(b, 4), round(c, 4), round(d, 4)


def chance_weights(lists: Sequence[Sequence[Example]]) -> Vector:
    """Return weights for the chance that a pair is one name; right and wrong weigh the same."""
    rows = []
    for found in lists:
        wrong = [one for one in found if not one.right][DOUBTFUL:]
        rows += [(_same(one), one.right) for one in [*wrong, *(o for o in found if o.right)]]
    share = sum(good for _, good in rows) / len(rows)
    weight = {True: 0.5 / share / len(rows), False: 0.5 / (1 - share) / len(rows)}

    def gradient(weights: Sequence[float]) -> Vector:
        slope = [0.0] * len(weights)
        for x, good in scaled:
            miss = weight[good] * (good - 1 / (1 + math.exp(-_dot(weights, x))))
            for i, value in enumerate(x):
                slope[i] += miss * value
        return tuple(slope)

    scale = (*_scale([x[:-1] for x, _ in rows]), 1.0)
    scaled = [(_over(x, scale), good) for x, good in rows]
    return tuple(round(w, 4) for w in _over(_climb(len(scale), gradient, 200), scale))


def _same(one: Example) -> Vector:
    forward, backward, length, odd = one.features
    return forward / len(one.arabic), backward / length, odd / length, 1.0


def _climb(
    size: int, gradient: Callable[[Sequence[float]], Vector], epochs: int = EPOCHS
) -> Vector:
    """Climb by AdaGrad (Duchi et al., JMLR 12, 2011)."""
    weights, squares = [0.0] * size, [1e-6] * size
    for _ in range(epochs):
        for i, slope in enumerate(gradient(weights)):
            slope -= 1e-3 * weights[i]
            squares[i] += slope * slope
            weights[i] += 0.5 * slope / math.sqrt(squares[i])
    return tuple(weights)


def _scale(rows: Sequence[Vector]) -> Vector:
    columns = list(zip(*rows, strict=True))
    means = [sum(column) / len(column) for column in columns]
    return tuple(
        math.sqrt(sum((x - mean) ** 2 for x in column) / len(column)) or 1.0
        for column, mean in zip(columns, means, strict=True)
    )


def _over(vector: Sequence[float], scale: Vector) -> Vector:
    return tuple(x / s for x, s in zip(vector, scale, strict=True))


def _dot(weights: Sequence[float], x: Vector) -> float:
    return sum(map(float.__mul__, weights, x))
