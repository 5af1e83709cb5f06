"""How far two names agree."""

from __future__ import annotations

import math
from enum import IntEnum
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from nabd.identity.names.edits import distance
from nabd.identity.names.lexicon import related
from nabd.identity.names.person import PersonName, Token
from nabd.identity.names.script import folded
from nabd.identity.names.spelling import sounds, with_gh
from nabd.identity.names.transducer import transducer

ACROSS = 1.27  # log-odds by which pairs of two scripts are judged more sternly
OTHER_END = 1.5  # the same, for each end of the word that differs
STEEP, DOUBT = 26.0, 0.14  # of the distance within one script: at DOUBT the similarity is one half
LIKE = 0.5
SURE = 0.75


class Agreement(IntEnum):
    """How far two names agree, best last."""

    CONFLICT = 0
    DIFFERENT = 1
    CLOSE = 2
    SKELETON = 3
    SAME = 4
    EXACT = 5


class NameAgreement(NamedTuple):
    """How far the names of two persons agree; None where one of them has nothing to compare."""

    given: Agreement | None
    family: Agreement | None
    swapped: bool
    extra_given: int
    extra_family: int


@lru_cache(maxsize=1 << 19)
def similarity(a: Token, b: Token) -> float:
    """Return how alike two names are spelled, 0 to 1; one half is doubt, in and across scripts."""
    if a.form == b.form:
        return 1.0
    return max(
        _alike(one, other, a.script, b.script) for one, other in _with_and_without_article(a, b)
    )


def _with_and_without_article(a: Token, b: Token) -> list[tuple[str, str]]:
    """Return the forms to compare: a first L may be what is left of an article (Lamghari)."""
    first, second = (one.form[0] in "lل" and len(one.form) > 4 for one in (a, b))
    found = [(a.form, b.form)]
    if first and not second:
        found.append((a.form[1:], b.form))
    if second and not first:
        found.append((a.form, b.form[1:]))
    return found


def _ends_differ(latin: str, arabic: str) -> int:
    """Count the ends of two words that cannot be the same: -i without ي, W- without و."""
    last = arabic[-1] in "يىئء"
    ending = last != (latin[-1] in "iy") and not (last and latin[-1] in "aeé")
    return ending + (arabic[0] == "و" and latin[0] not in "ouwv")


def _alike(one: str, other: str, script: str, other_script: str) -> float:
    if script != other_script:
        latin, arabic = (one, other) if other_script == "arabic" else (other, one)
        chance = transducer().same(with_gh(latin), arabic.replace("ڭ", "غ"))
        stern = ACROSS + OTHER_END * _ends_differ(latin, arabic)
        return 1 / (1 + math.exp(stern) * (1 - chance) / max(chance, 1e-9))
    if script == "arabic":
        far = distance(folded(one), folded(other))
    else:
        far = distance(sounds(one), sounds(other))
    return 1 / (1 + math.exp(STEEP * (far - DOUBT)))


@lru_cache(maxsize=1 << 19)
def compare_tokens(a: Token, b: Token) -> Agreement:
    """Return how far two names agree."""
    if a.form == b.form:
        return Agreement.EXACT
    if len(a.latin) == 1 or len(b.latin) == 1:
        return Agreement.CLOSE if a.latin[:1] == b.latin[:1] else Agreement.DIFFERENT
    if a.canonical == b.canonical and a.known:
        return Agreement.SAME
    alike = similarity(a, b)
    if a.known and b.known:
        if frozenset((a.canonical, b.canonical)) in related():
            return Agreement.CLOSE
        near = alike >= LIKE or a.skeleton == b.skeleton
        return Agreement.CONFLICT if near else Agreement.DIFFERENT
    if alike < LIKE and not (a.skeleton == b.skeleton and alike > 0.4):
        return Agreement.DIFFERENT
    if _sexes_differ(a, b):
        return Agreement.CONFLICT
    if a.skeleton != b.skeleton:
        return Agreement.CLOSE
    return Agreement.SAME if alike >= SURE else Agreement.SKELETON


def _sexes_differ(a: Token, b: Token) -> bool:
    return a.feminine is not None and b.feminine is not None and a.feminine != b.feminine


def _match(a: tuple[Token, ...], b: tuple[Token, ...]) -> tuple[Agreement, int] | None:
    """Return the agreement of the best assignment of tokens, and how many are left over."""
    if not a or not b:
        return None
    a, b = (a, b) if len(a) <= len(b) else (b, a)
    if len(a) == 1:
        return max(compare_tokens(*_sorted(a[0], one)) for one in b), len(b) - 1
    a, b = a[:4], b[:5]
    best = max(
        (
            [compare_tokens(*_sorted(x, y)) for x, y in zip(a, order, strict=True)]
            for order in permutations(b, len(a))
        ),
        key=lambda levels: (min(levels), sum(levels)),
    )
    return min(best), len(b) - len(a)


def _sorted(a: Token, b: Token) -> tuple[Token, Token]:
    return (a, b) if a <= b else (b, a)


Halves = tuple[tuple[Token, ...], tuple[Token, ...]]


def _readings(name: PersonName) -> list[Halves]:
    """Return the ways to read a name as given and family names."""
    if name.ordered or not name.given:
        return [(name.given, name.family)]
    if len(name.given) == 1:
        return [((), name.given), (name.given, ())]
    return [(name.given[:-1], name.given[-1:]), (name.given[1:], name.given[:1])]


def compare(a: PersonName, b: PersonName) -> NameAgreement:
    """Return how far two persons' names agree, in the order in which they agree best."""
    found = []
    for one in _readings(a):
        for other in _readings(b):
            found.append(_pair(one, other, swapped=False))
            found.append(_pair(one, (other[1], other[0]), swapped=True))
    best = max(found, key=_goodness)
    if not (a.ordered and b.ordered):
        best = best._replace(swapped=False)
    return best


def _pair(a: Halves, b: Halves, swapped: bool) -> NameAgreement:
    given, family = _match(a[0], b[0]), _match(a[1], b[1])
    return NameAgreement(
        given[0] if given else None,
        family[0] if family else None,
        swapped,
        given[1] if given else 0,
        family[1] if family else 0,
    )


def _goodness(found: NameAgreement) -> tuple[float, ...]:
    levels = [level for level in (found.given, found.family) if level is not None]
    return (
        min(levels, default=-1) if len(levels) > 1 else -0.5 if not levels else levels[0] - 1.5,
        sum(levels),
        not found.swapped,
        -found.extra_given - found.extra_family,
    )
