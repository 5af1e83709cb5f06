"""Learn the transducer from pairs of one name in two scripts.

First each letter alone: expectation maximisation over all ways to cut the other word into pieces of
none to four letters. Then the best cut of every pair is counted with the letter that follows; pairs
that hardly explain each other are noise and left out (3 % of the public ones: "محمد" stands there
with "yasmina"). Last, the weights that bring both directions together, from names held apart.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from nabd.identity.names.letters import count_letters
from nabd.identity.names.ranking import chance_weights, examples, rank_weights
from nabd.identity.names.script import folded
from nabd.identity.names.transducer import END, LONGEST, Learned, Table, Transducer

Pair = tuple[str, str]  # source word, target word
Chances = dict[str, dict[str, float]]  # letter -> what it writes -> probability
ROUNDS = 6
NOISE = 0.03
DISTINCTIVE = frozenset("حخذضظعغقصط")  # letters that foreign names rarely use
PLAIN = 10_000  # pairs without such a letter that the first step reads
FIRST = (0.3, 0.5, 0.15, 0.04, 0.01)  # before anything is known: by the number of letters
LEAST = 1e-7
WEAK = -14.0  # log-probability of an unseen piece when a pair is cut
HELD = 10  # one form in ten is held apart for the weights
QUERIES = 500


def distinctive(arabic: str) -> bool:
    """Say whether a word has a letter that foreign names rarely use.

    >>> distinctive("حسن"), distinctive("نانسي")
    (True, False)
    """
    return not DISTINCTIVE.isdisjoint(arabic)


def learn(pairs: Mapping[Pair, int]) -> Learned:
    """Learn everything from pairs (Arabic, Latin) with the times that each is to count."""
    forms = sorted({folded(arabic) for arabic, _ in pairs if distinctive(arabic)})
    held = set(forms[:: max(HELD, len(forms) // QUERIES)])
    part = {pair: times for pair, times in pairs.items() if folded(pair[0]) not in held}
    apart: dict[str, set[str]] = defaultdict(set)
    for arabic, latin in sorted(pairs):
        if folded(arabic) in held:
            apart[arabic].add(latin)
    names = {latin for arabic, latin in pairs if distinctive(arabic)}
    found = examples(Transducer(tables(part)), apart, names)
    return tables(pairs)._replace(rank=rank_weights(found), same=chance_weights(found))


def tables(pairs: Mapping[Pair, int]) -> Learned:
    """Learn both directions, with weights that stand for nothing yet."""
    sample = _sample(sorted(pairs))
    forward = letters_alone(sample)
    backward = letters_alone([(latin, arabic) for arabic, latin in sample])
    cuts = []
    for (arabic, latin), times in sorted(pairs.items()):
        one, other = cut(forward, arabic, latin), cut(backward, latin, arabic)
        if one and other:
            badness = -one[0] / len(arabic) - other[0] / len(latin)
            cuts.append((badness, arabic, one[1], latin, other[1], times))
    cuts.sort(key=lambda found: found[:2] + found[3:4])
    kept = cuts[: len(cuts) - int(len(cuts) * NOISE)]
    return Learned(
        count((arabic, pieces, times) for _, arabic, pieces, _, _, times in kept),
        count((latin, pieces, times) for _, _, _, latin, pieces, times in kept),
        count_letters(sorted({one[3] for one in kept if distinctive(one[1])})),
        (0.25, 0.21, 0.56, -0.28),
        (),
    )


def _sample(pairs: Sequence[Pair]) -> list[Pair]:
    plain = [pair for pair in pairs if not distinctive(pair[0])]
    return [p for p in pairs if distinctive(p[0])] + plain[:: len(plain) // PLAIN + 1]


def letters_alone(pairs: Sequence[Pair]) -> Chances:
    """Learn what each letter writes, whatever stands beside it."""
    chances: Chances = {}
    for _ in range(ROUNDS):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for source, target in pairs:
            if len(target) <= LONGEST * len(source):
                _expect(chances, source, target, counts)
        chances = {letter: _shares(counts[letter]) for letter in counts}
    return chances


def _shares(counts: Mapping[str, float]) -> dict[str, float]:
    total = sum(counts.values())
    return {piece: n / total for piece, n in counts.items() if n / total > 1e-5}


def _expect(
    chances: Chances, source: str, target: str, counts: dict[str, dict[str, float]]
) -> None:
    """Add what each letter wrote in this pair, each way to cut by its probability."""
    edges = _edges(chances, source, target)
    ahead: list[dict[int, float]] = [{0: 1.0}]
    for step in edges:
        reached: dict[int, float] = defaultdict(float)
        for start, end, _, chance in step:
            reached[end] += ahead[-1].get(start, 0.0) * chance
        ahead.append(reached)
    whole = ahead[-1].get(len(target), 0.0)
    if not whole:
        return
    behind = {len(target): 1.0}
    for place in range(len(source) - 1, -1, -1):
        before: dict[int, float] = defaultdict(float)
        of_letter = counts[source[place]]
        for start, end, piece, chance in edges[place]:
            rest = behind.get(end, 0.0) * chance
            if rest:
                before[start] += rest
                share = ahead[place].get(start, 0.0) * rest / whole
                if share > 1e-4:
                    of_letter[piece] += share
        behind = before


def _edges(chances: Chances, source: str, target: str) -> list[list[tuple[int, int, str, float]]]:
    size, left, furthest, found = len(target), len(source), 0, []
    for letter in source:
        left -= 1
        known, step = chances.get(letter), []
        for start in range(max(0, size - LONGEST * (left + 1)), furthest + 1):
            for end in range(start, min(size, start + LONGEST) + 1):
                piece = target[start:end]
                chance = known.get(piece, LEAST) if known else FIRST[end - start]
                step.append((start, end, piece, chance))
        furthest = min(size, furthest + LONGEST)
        found.append(step)
    return found


def cut(chances: Chances, source: str, target: str) -> tuple[float, tuple[str, ...]] | None:
    """Return the best way to cut the target among the letters of the source, with its score."""
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for letter in source:
        known = chances.get(letter, {})
        reached: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (score, pieces) in best.items():
            for end in range(start, min(len(target), start + LONGEST) + 1):
                piece = target[start:end]
                chance = known.get(piece)
                total = score + (math.log(chance) if chance else WEAK - (end - start))
                if end not in reached or total > reached[end][0]:
                    reached[end] = (total, (*pieces, piece))
        best = reached
    return best.get(len(target))


def count(cuts: Iterable[tuple[str, tuple[str, ...], int]]) -> Table:
    """Count what each letter wrote, alone and before the letter that follows."""
    alone: dict[str, Counter[str]] = defaultdict(Counter)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for source, pieces, times in cuts:
        for letter, after, piece in zip(source, source[1:] + END, pieces, strict=True):
            alone[letter][piece] += times
            before[letter + after][piece] += times
    return Table(_plain(alone), _plain(before))


def _plain(counts: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {key: dict(sorted(counts[key].items())) for key in sorted(counts)}
