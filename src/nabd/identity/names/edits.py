"""How far two spellings of one script are: an edit distance that knows what spelling varies.

Short vowels vary from clerk to clerk (Tahraoui, Tihraoui); long ones, glides and endings make
another name (Karim, Karam; Said, Saidi; Mouna, Mounia). The costs are set by hand on spellings of
the tables (decision 0011).
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec

from nabd.identity.names.script import is_arabic

_NEAR = {
    pair: cost
    for pairs, cost in [
        ("ae", 0.1),
        ("ei", 0.15),
        ("ai eu", 0.3),
        ("au iu", 0.35),
        ("kg gq xh sz kq", 0.35),
        ("gj xk zd td jz fb qr", 0.55),
        ("nl نل", 0.5),  # Ben El Haj, Belhaj
        ("s$ j$ k$", 0.75),
        ("تط سص ثت ذد ضد ظض ذز ظذ ثس ةه ةا", 0.3),
        ("قك كڭ قڭ جڭ غڭ كج عا قغ غج شس جز دت يو هح", 0.5),
        ("بت بن بي تن تي ني فق حخ حج خج رز دذ سش صض طظ عغ", 0.7),
    ]
    for one in pairs.split()
    for pair in (one, one[::-1])
}
_LOOSE = {"a": 0.35, "e": 0.2, "i": 0.4, "u": 0.45, "h": 0.4}
_LOOSE |= {"ا": 0.55, "و": 0.8, "ي": 0.8, "ه": 0.5, "ع": 0.7, "ل": 0.8}
_LOOSE_BESIDE = {"a": 0.5, "e": 0.25, "i": 0.6, "u": 0.7}  # beside another vowel
_LOOSE_LAST = {"a": 1.2, "e": 0.3, "i": 1.4, "u": 1.0, "ي": 1.4, "ه": 1.1}
_VOWELS = frozenset("aeiu")
STRESSED, GLIDE, OPEN = 3.3, 2.0, 1.7  # how much more a change of such a vowel says
FIRST = 1.5  # the same for the first consonant
SWAP = 0.5


class Letter(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """A letter in its place."""

    sign: str
    loose: float  # what it costs that the other spelling lacks it
    weight: float  # how much more a change of it says than in another place


@lru_cache(maxsize=1 << 17)
def _letters(form: str) -> tuple[Letter, ...]:
    return tuple(_letter(form, place) for place in range(len(form)))


def _letter(form: str, place: int) -> Letter:
    sign, last = form[place], place == len(form) - 1
    if sign not in _VOWELS:
        loose = (_LOOSE_LAST if last else _LOOSE).get(sign, _LOOSE.get(sign, 1.0))
        return Letter(sign, loose, FIRST if place == 0 else 1.0)
    before, after = form[place - 1 : place] or "-", form[place + 1 : place + 2] or "-"
    beside = before in _VOWELS or after in _VOWELS
    if last:
        return Letter(sign, _LOOSE_LAST[sign], STRESSED)
    if beside:
        return Letter(sign, _LOOSE_BESIDE[sign], GLIDE if sign in "iu" else 1.0)
    if _VOWELS.isdisjoint(form[place + 1 :]):
        return Letter(sign, 0.2 if sign == "e" else 0.5, STRESSED)
    return Letter(sign, _LOOSE[sign], OPEN if form[place + 2 : place + 3] in _VOWELS else 1.0)


@lru_cache(maxsize=1 << 14)
def _changed(a: Letter, b: Letter) -> float:
    if a.sign == b.sign:
        return 0.0
    return min(1.0, _NEAR.get(a.sign + b.sign, 1.0) * min(a.weight, b.weight))


def distance(one: str, other: str, most: float = math.inf) -> float:
    """Return how much two spellings of one script differ, for each letter of the longer one.

    Latin ones are given as sounds (spelling.py), Arabic ones folded (script.py). Infinity if that
    is certain to be more than ``most``.

    >>> distance("tahraui", "tihraui") < distance("karam", "karim")
    True
    """
    swap = 2 * SWAP if is_arabic(one) else SWAP
    first, second = _letters(one), _letters(other)
    size = max(len(one), len(other), 1)
    above = [0.0]
    for b in second:
        above.append(above[-1] + b.loose)
    rows = [above]
    for i, a in enumerate(first):
        row = [above[0] + a.loose]
        for j, b in enumerate(second):
            cost = min(above[j] + _changed(a, b), above[j + 1] + a.loose, row[j] + b.loose)
            if i and j and a.sign == second[j - 1].sign and b.sign == first[i - 1].sign:
                end = _VOWELS.isdisjoint((a.sign, b.sign)) or i < len(first) - 1
                cost = min(cost, rows[i - 1][j - 1] + (swap if end else 2 * SWAP))
            row.append(cost)
        if min(min(above), min(row)) > most * size:  # two rows, for two letters may be swapped
            return math.inf
        rows.append(row)
        above = row
    return above[-1] / size
