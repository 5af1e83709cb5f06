"""P(Latin | Arabic), learned: each Arabic letter writes none to four Latin letters.

Two tables, learned by expectation maximisation (``tools/names.py``): *forward*, what a letter of
the Arabic word writes in Latin letters, given the letter after it; *backward*, what a letter of the
Latin word writes in Arabic letters. A pair is judged by both and by its lengths: forward alone
favours short words (each letter may write nothing), backward alone long ones (decision 0011).
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from heapq import nlargest
from pathlib import Path
from typing import NamedTuple

import msgspec
import zstandard

from nabd.identity.names.letters import Letters
from nabd.identity.names.script import arabic_form, latin_form

DATA = Path(__file__).parent / "data" / "transducer.zst"
LONGEST = 4  # letters that one letter may write
END = "#"  # stands after the last letter
IMPOSSIBLE = -99.0
WIDTH, PIECES, LONGER = 12, 12, 1.2  # of the beam that romanises
UNKNOWN = tuple(-9.0 - 3 * size for size in range(LONGEST + 1))  # of a piece never seen, by length
AT_ONCE = 256  # words kept ready: one is compared with many
SLACK = 1e-9  # for sums in another order
LETTERS = 0.15  # weight of the letters' order, beside the rank
Writes = dict[str, float]  # what a letter writes -> log-probability


class Table(NamedTuple):
    """Counts of what a letter wrote: by the letter, and by the letter and the one after it."""

    alone: dict[str, dict[str, float]]
    before: dict[str, dict[str, float]]


class Learned(NamedTuple):
    """All that training found."""

    forward: Table
    backward: Table
    letters: dict[str, dict[str, float]]  # of Latin spellings (letters.py)
    rank: tuple[float, float, float, float]  # weights of the four features, for ranking
    same: tuple[float, ...]  # weights and bias of the chance that both are one name


def writes(table: Table, letter: str, following: str) -> Writes:
    """Return what a letter may write before another one, with log-probabilities.

    The counts of the pair of letters are mixed with those of the letter alone, the more the fewer
    they are (Witten and Bell, IEEE Trans. Inf. Theory 37(4), 1991).
    """
    alone = table.alone.get(letter, {})
    total = sum(alone.values()) + 2
    pair = table.before.get(letter + following, {})
    seen = sum(pair.values())
    share = seen / (seen + len(pair)) if pair else 0.0
    return {
        chunk: math.log((1 - share) * count / total + share * pair.get(chunk, 0) / (seen or 1))
        for chunk, count in alone.items()
    }


class Step(NamedTuple):
    """One letter of a word on the way to another word."""

    writes: Writes
    left: int  # how many letters come after it
    hope: float  # the most that those can gain, as a log-probability


class Direction:
    """One direction of the transducer."""

    def __init__(self, table: Table) -> None:
        self._best: dict[int, list[tuple[str, float]]] = {}
        self._writes = lru_cache(maxsize=None)(lambda a, b: writes(table, a, b))
        self._most = lru_cache(maxsize=None)(lambda a, b: _most(self._writes(a, b)))
        self._way = lru_cache(maxsize=AT_ONCE)(self._way_of)

    def steps(self, source: str) -> list[Writes]:
        """Return what each letter of a word may write."""
        return [self._writes(a, b) for a, b in zip(source, source[1:] + END, strict=True)]

    def _way_of(self, source: str) -> tuple[float, list[Step]]:
        """Return the most that a word can gain, and its steps."""
        hope, way = 0.0, []
        letters = list(zip(source, source[1:] + END, strict=True))
        for left, (letter, following) in enumerate(reversed(letters)):
            way.append(Step(self._writes(letter, following), left, hope))
            hope += self._most(letter, following)
        return hope, way[::-1]

    def hope(self, source: str) -> float:
        """Return the log-probability that no way to write anything exceeds."""
        return self._way(source)[0]

    def score(self, source: str, target: str, least: float = IMPOSSIBLE) -> float:
        """Return the log-probability of the best way to write the target.

        -99 if there is none of more than ``least``: what cannot come to that is not followed.
        """
        size, pieces, least = len(target), _pieces(target), max(least, IMPOSSIBLE) - SLACK
        best = {0: 0.0}
        for step, left, hope in self._way(source)[1]:
            nearest, lowest = size - LONGEST * left, least - hope
            reached: dict[int, float] = {}
            for start, score in best.items():
                for end, piece, unknown in pieces[start]:
                    if end >= nearest:
                        total = score + step.get(piece, unknown)
                        if total > reached.get(end, lowest):
                            reached[end] = total
            if not reached:
                return IMPOSSIBLE
            best = reached
        return best.get(size, IMPOSSIBLE)

    def write(self, source: str, width: int) -> list[str]:
        """Return likely targets of a word, by a beam of the given width."""
        best = {"": 0.0}
        for step in self.steps(source):
            reached: dict[str, float] = {}
            for chunk, chance in self._likely(step):
                for start, score in best.items():
                    total = score + chance
                    if total > reached.get(start + chunk, IMPOSSIBLE):
                        reached[start + chunk] = total
            best = dict(nlargest(width, reached.items(), key=lambda one: one[1]))
        return [target for target in best if target]

    def _likely(self, step: Writes) -> list[tuple[str, float]]:
        """Return the likeliest pieces; longer ones gain, for they explain the target better."""
        if id(step) not in self._best:
            scored = ((chunk, chance + LONGER * len(chunk)) for chunk, chance in step.items())
            self._best[id(step)] = nlargest(PIECES, scored, key=lambda one: one[1])
        return self._best[id(step)]


def _most(step: Writes) -> float:
    """Return the most that a letter can gain, whatever it writes."""
    return max([UNKNOWN[0], *step.values()])


@lru_cache(maxsize=AT_ONCE)
def _pieces(target: str) -> list[list[tuple[int, str, float]]]:
    """Return what one letter may write at each place: its end, itself, its score if never seen."""
    size = len(target)
    return [
        [
            (end, target[start:end], UNKNOWN[end - start])
            for end in range(start, min(size, start + LONGEST) + 1)
        ]
        for start in range(size + 1)
    ]


class Transducer:
    """Both directions with the weights that bring them together."""

    def __init__(self, learned: Learned) -> None:
        self.forward = Direction(learned.forward)
        self.backward = Direction(learned.backward)
        self._letters = Letters(learned.letters)
        self._rank = learned.rank
        self._same = learned.same

    def features(self, latin: str, arabic: str) -> tuple[float, float, float, float]:
        """Return forward and backward log-probability, length, and how odd the length is."""
        return (
            self.forward.score(arabic, latin),
            self.backward.score(latin, arabic),
            float(len(latin)),
            _oddity(latin, arabic),
        )

    def rank(self, latin: str, arabic: str) -> float:
        """Return a number by which Latin spellings of one Arabic word are to be ordered."""
        found = self.features(latin, arabic)
        return sum(w * x for w, x in zip(self._rank, found, strict=True))

    def same(self, latin: str, arabic: str, least: float = 0.0) -> float:
        """Return the chance, between 0 and 1, that both spell one name.

        Where its log-odds are not above ``least``, no more is found out than that.
        """
        by_forward, by_backward, by_length, bias = self._same
        odds = bias + by_length * _oddity(latin, arabic) / len(latin)
        forward, backward = by_forward / len(arabic), by_backward / len(latin)
        lacking = least - odds - backward * self.backward.hope(latin)
        odds += forward * self.forward.score(arabic, latin, lacking / forward)
        if odds > least:
            odds += backward * self.backward.score(latin, arabic, (least - odds) / backward)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))

    def romanise(self, arabic: str) -> list[tuple[str, float]]:
        """Return the best Latin spellings, the French way, with log P(Latin | Arabic)."""
        scored = [
            (self.rank(way, arabic) + LETTERS * self._letters.score(way), way)
            for way in self.forward.write(arabic, WIDTH)
        ]
        ways = dict.fromkeys(in_french(way) for _, way in sorted(scored, reverse=True))
        return [(way, self.forward.score(arabic, way)) for way in ways]


def _oddity(latin: str, arabic: str) -> float:
    return abs(len(latin) - 1.2 * len(arabic))


_FRENCH = [
    (re.compile(pattern), spelling)
    for pattern, spelling in [
        ("sch|sh", "ch"),
        ("oo", "ou"),
        ("ee", "i"),
        ("w(?=[aeiy])", "ou"),
        ("(?<![oae])u(?!$)", "ou"),
        ("(?<=[aei])u$", "ou"),
        ("v", "f"),
    ]
]


def in_french(latin: str) -> str:
    """Write a spelling as French-speaking clerks of Morocco would.

    >>> in_french("tahrawi"), in_french("rashid"), in_french("younus")
    ('tahraoui', 'rachid', 'younous')
    """
    for pattern, spelling in _FRENCH:
        latin = pattern.sub(spelling, latin)
    return latin


@cache
def transducer() -> Transducer:
    """Return the transducer that is shipped."""
    raw = zstandard.ZstdDecompressor().decompress(DATA.read_bytes())
    return Transducer(msgspec.json.decode(raw, type=Learned))


def romanise(arabic: str) -> list[tuple[str, float]]:
    """Return up to five Latin spellings of an Arabic word, best first, with log P(Latin | Arabic).

    The order is that of both directions and of the letters' order in Latin names.
    """
    return list(_romanise(arabic_form(arabic))[:5])


@lru_cache(maxsize=1 << 16)
def _romanise(arabic: str) -> tuple[tuple[str, float], ...]:
    return tuple(transducer().romanise(arabic)) if arabic else ()


def score(latin: str, arabic: str) -> float:
    """Return log P(Latin | Arabic) of two words; -99 where one cannot be written as the other."""
    latin, arabic = latin_form(latin), arabic_form(arabic)
    return transducer().forward.score(arabic, latin) if latin and arabic else IMPOSSIBLE
