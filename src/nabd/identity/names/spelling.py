"""How names are spelled within one script: what is one sound, and how far two spellings are."""

from __future__ import annotations

import re
from functools import lru_cache

# French, English and Spanish ways to write one sound (identity.md, §3b, and general knowledge)
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        ("^h?ou(?=[aeiy])|^w", "u"),
        ("ck|q", "k"),
        ("sch|sh|ch", "$"),
        ("ph", "f"),
        ("tj|dj", "j"),
        ("g(?=[eiy])", "j"),
        ("gu(?=[eiy])", "g"),
        ("gh|^rh|(?<=[lnm])rh", "q"),
        ("kh", "x"),
        ("th", "t"),
        ("dh", "d"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("v", "f"),
        ("p", "b"),
        ("ou|oo|w|o", "u"),
        ("ee|y", "i"),
        ("(?<=[a-z$])ae$|aa", "a"),
        ("(?<=a)h$", ""),
        (r"(.)\1+", r"\1"),
        ("(?<=[^aeiu])e$", ""),
        ("ai|ei|ie", "i"),
        ("eu", "u"),
    ]
]


@lru_cache(maxsize=1 << 16)
def sounds(latin: str) -> str:
    """Write a Latin spelling with one letter for each sound.

    >>> sounds("tahraoui") == sounds("tahrawi"), sounds("amine") == sounds("amin")
    (True, True)
    >>> sounds("chaimaa"), sounds("mohammed"), sounds("amina")
    ('$ima', 'muhamed', 'amina')
    """
    for pattern, sound in _SOUNDS:
        latin = pattern.sub(sound, latin)
    return latin


# the consonants of both scripts that stand for each other most often: ق ك ڭ k g, غ gh, ذ ض ظ د d
_ARABIC_BONES = str.maketrans(
    "حهجشسصزدذضظتثطكقڭغخبپفڤنملرآأؤإئاىةوي",
    "hhj$sszddddtttkkkqxbbffnmlraaaaaaaaui",
    "ءع",
)


@lru_cache(maxsize=1 << 16)
def skeleton(form: str, arabic: bool) -> str:
    """Return the consonants of a name, alike in both scripts; of very short ones long vowels too.

    >>> skeleton("tihraoui", False), skeleton("تهراوي", True)
    ('thr', 'thr')
    >>> skeleton("alaoui", False), skeleton("علوي", True)
    ('lui', 'lui')
    """
    text = form.translate(_ARABIC_BONES) if arabic else sounds(form).replace("g", "k")
    text = re.sub(r"(.)\1+", r"\1", text)
    bones = re.sub("[aeiu]|(?<=.)h$", "", text)
    if len(bones) < 2:
        bones = re.sub("[ae]", "", text)
    return bones or text


_NEAR_LETTERS = {
    frozenset(pair): cost
    for pairs, cost in [
        ("ae", 0.1),
        ("ei", 0.15),
        ("ai eu", 0.3),
        ("au iu", 0.35),
        ("kg gq xh sz kq", 0.35),
        ("gj xk s$ j$ zd td jz fb $k qr", 0.55),
        ("تط سص ثت ذد ضد ظض ذز ظذ ثس ةه ةا هح", 0.3),
        ("قك كڭ قڭ جڭ غڭ كج عا قغ غج شس جز دت يو", 0.5),
        ("بت بن بي تن تي ني فق حخ حج خج رز دذ سش صض طظ عغ", 0.7),
    ]
    for pair in pairs.split()
}
_LOOSE_LETTERS = {"a": 0.35, "e": 0.2, "i": 0.4, "u": 0.45, "h": 0.4, "ا": 0.5, "و": 0.8, "ي": 0.8}
_LOOSE_LETTERS |= {"ه": 0.5, "ع": 0.7, "ل": 0.8}
_STRESSED = 2.5  # how much more a vowel says before the last consonant: Karim is not Karam


@lru_cache(maxsize=1 << 18)
def distance(one: str, other: str) -> float:
    """Return how much two spellings of one script differ, for each letter of the longer one.

    A weighted edit distance with swaps of neighbours; vowels cost little, but not all vowels:
    the one before the last consonant, long in Arabic, tells names apart.
    """
    first, second = _stress(one), _stress(other)
    rows: list[list[float]] = []
    above = [0.0]
    for letter in second:
        above.append(above[-1] + _loose(letter))
    rows.append(above)
    for i, a in enumerate(first):
        row = [above[0] + _loose(a)]
        for j, b in enumerate(second):
            cost = min(above[j] + _changed(a, b), above[j + 1] + _loose(a), row[j] + _loose(b))
            if i and j and a == second[j - 1] and b == first[i - 1] and a != b:
                cost = min(cost, rows[i - 1][j - 1] + 0.5)
            row.append(cost)
        rows.append(row)
        above = row
    return above[-1] / max(len(one), len(other), 1)


def _stress(form: str) -> str:
    """Write the vowel before the last consonant in capitals."""
    return re.sub("[aiu](?=[^aeiu]+$)", lambda found: found[0].upper(), form)


@lru_cache(maxsize=1 << 12)
def _changed(a: str, b: str) -> float:
    if a == b:
        return 0.0
    cost = _NEAR_LETTERS.get(frozenset((a.lower(), b.lower())), 1.0)
    if a.lower() == b.lower():
        return 0.0
    if a.isupper() and b.isupper():
        return min(1.0, cost * _STRESSED)
    return cost


def _loose(letter: str) -> float:
    return _LOOSE_LETTERS.get(letter.lower(), 1.0)
