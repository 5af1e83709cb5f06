"""How far two names agree."""

from __future__ import annotations

import math
import re
from enum import IntEnum
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from nabd.identity.names.edits import distance
from nabd.identity.names.lexicon import related
from nabd.identity.names.parsing import feminine_ending, token
from nabd.identity.names.person import PersonName, Token
from nabd.identity.names.script import folded, is_arabic
from nabd.identity.names.spelling import sounds, with_gh
from nabd.identity.names.transducer import transducer

ACROSS = 1.0  # log-odds by which pairs of two scripts are judged more sternly
OTHER_END = 1.5  # the same, for each end of the word that differs
STEEP, DOUBT = 26.0, 0.14  # of the distance within one script: at DOUBT the similarity is one half
LIKE, HALF_LIKE = 0.5, 0.4  # the second where the consonants are the same
UNLIKE = 0.5  # log-odds below LIKE, further than HALF_LIKE: how unlike names are there, nobody asks
MOST = 4  # tokens on one side that are assigned in every order; longer names are read so far
_LAST_VOWELS = re.compile("([aeiouyw]+)[^aeiouyw]+e?$")
SURE = 0.75


class Agreement(IntEnum):
    """How far two names agree, best last."""

    CONFLICT = 0  # near, and yet known to be two names: Mohamed, Mahmoud; Rachid, Rachida
    DIFFERENT = 1  # not alike
    CLOSE = 2  # alike: a typing error, a rare spelling, an initial; or one is used for the other
    SKELETON = 3  # the same consonants, vowels that may be one name's
    SAME = 4  # one well-known name, or spellings that hardly leave a doubt
    EXACT = 5  # one spelling, but for case, accents, vowel marks and article


_CLOSE = int(Agreement.CLOSE)  # compared millions of times


class NameAgreement(NamedTuple):
    """How far the names of two persons agree.

    A level is None where one of the two has nothing to compare. Of several given (family) names
    the level is that of the worst pair in the best assignment; what is left over is counted.
    """

    given: Agreement | None
    family: Agreement | None
    swapped: bool  # the given names of each agree with the family names of the other
    extra_given: int  # given names that only one of them has
    extra_family: int


def similarity(a: Token, b: Token) -> float:
    """Return how alike two names are spelled, 0 to 1; one half is doubt, in and across scripts.

    Of names that are hardly alike it is not found out how little.
    """
    return _similarity(*sorted((a.form, b.form)))


def _similarity(first: str, second: str) -> float:
    if first == second:
        return 1.0
    return max([_alike(one, other) for one, other in _with_and_without_article(first, second)])


def _with_and_without_article(one: str, other: str) -> list[tuple[str, str]]:
    """Return the forms to compare: a first L may be what is left of an article (Lamghari)."""
    first, second = one[0] in "lل" and len(one) > 4, other[0] in "lل" and len(other) > 4
    if first == second:
        return [(one, other)]
    return [(one, other), (one[1:], other) if first else (one, other[1:])]


_LONG = {"ا": "ae", "ي": "iye", "و": "ouw"}  # how a long vowel may be written


def _ends_differ(latin: str, arabic: str) -> int:
    """Count what cannot be the same: -i without ي, W- without و, another last long vowel.

    ى and اء are also written -a and -ae: Doha, Chaimae.
    """
    last = arabic[-1] in "يىئء"
    open_ = latin[-1] == "a" or latin.endswith("ae")
    ending = last != (latin[-1] in "iy") and not (last and open_)
    first = arabic[0] == "و" and latin[0] not in "ouwv"
    vowels = _LAST_VOWELS.search(latin)
    long = _LONG.get(arabic[-2:-1], "") if arabic[-1] not in "اةوىي" else ""
    other = bool(vowels and long) and set(long).isdisjoint(vowels[1] if vowels else "")
    return ending + first + other


def _alike(one: str, other: str) -> float:
    arabic = is_arabic(one)
    if arabic != is_arabic(other):
        return _alike_across(other, one) if arabic else _alike_across(one, other)
    write = folded if arabic else sounds
    far = distance(write(one), write(other), DOUBT + UNLIKE / STEEP)
    return 1 / (1 + math.exp(STEEP * (far - DOUBT)))


def _alike_across(latin: str, arabic: str) -> float:
    stern = ACROSS + OTHER_END * _ends_differ(latin, arabic)
    chance = transducer().same(with_gh(latin), arabic.replace("ڭ", "غ"), stern - UNLIKE)
    return 1 / (1 + math.exp(stern) * (1 - chance) / max(chance, 1e-9))


def compare_tokens(a: Token, b: Token) -> Agreement:
    """Return how far two names agree."""
    one, other = a.form, b.form
    return _level(one, other) if one <= other else _level(other, one)


@lru_cache(maxsize=1 << 20)
def _level(one: str, other: str) -> Agreement:
    """Return the level of two forms: all that is compared follows from a token's form."""
    if one == other:
        return Agreement.EXACT
    a, b = token("", one), token("", other)
    if len(a.latin) == 1 or len(b.latin) == 1:
        return Agreement.CLOSE if a.latin[:1] == b.latin[:1] else Agreement.DIFFERENT
    if a.canonical == b.canonical and a.known:
        return Agreement.SAME
    both = a.known and b.known
    if both and frozenset((a.canonical, b.canonical)) in related():
        return Agreement.CLOSE
    if _far(a.skeleton, b.skeleton):
        return Agreement.DIFFERENT
    if both:
        near = a.skeleton == b.skeleton or _similarity(one, other) >= LIKE
        return Agreement.CONFLICT if near else Agreement.DIFFERENT
    alike = _similarity(one, other)
    if alike < LIKE and not (a.skeleton == b.skeleton and alike > HALF_LIKE):
        return Agreement.DIFFERENT
    if _sexes_differ(a, b):
        return Agreement.CONFLICT
    if a.skeleton != b.skeleton:
        return Agreement.CLOSE
    return Agreement.SAME if alike >= SURE else Agreement.SKELETON


def _far(one: str, other: str) -> bool:
    """Say whether two names have fewer than a quarter of their consonants in common.

    Those are not alike, which is told much faster so than by the transducer.
    """
    mine, theirs = set(one), set(other)
    most = max(len(mine), len(theirs))
    return most > 2 and 4 * len(mine & theirs) < most


def _sexes_differ(a: Token, b: Token) -> bool:
    """Say whether one is a woman's name and the other a man's: the endings must tell it, too.

    Nawal is known to be a woman's; that Nawel ends as men's names mostly do says nothing.
    """
    if a.feminine is None or b.feminine is None or a.feminine == b.feminine:
        return False
    one, other = feminine_ending(a.form), feminine_ending(b.form)
    return one is not None and other is not None and one != other


def _match(a: tuple[Token, ...], b: tuple[Token, ...]) -> tuple[Agreement, int] | None:
    """Return the agreement of the best assignment of tokens, and how many are left over."""
    if not a or not b:
        return None
    if len(a) == len(b) == 1:
        return compare_tokens(a[0], b[0]), 0
    a, b = (a, b) if len(a) <= len(b) else (b, a)
    if len(a) == 1:
        return max(compare_tokens(a[0], one) for one in b), len(b) - 1
    left = len(b) - len(a)
    a, b = a[:MOST], b[: MOST + 1]
    best = max(
        (
            [compare_tokens(x, y) for x, y in zip(a, order, strict=True)]
            for order in permutations(b, len(a))
        ),
        key=lambda levels: (min(levels), sum(levels)),
    )
    return min(best), left


Halves = tuple[tuple[Token, ...], tuple[Token, ...]]


def _readings(name: PersonName) -> list[Halves]:
    """Return the ways to read a name as given and family names."""
    if name.ordered or not name.given:
        return [(name.given, name.family)]
    if len(name.given) == 1:
        return [((), name.given), (name.given, ())]
    return [(name.given[:-1], name.given[-1:]), (name.given[1:], name.given[:1])]


def compare(a: PersonName, b: PersonName) -> NameAgreement:
    """Return how far two persons' names agree, in the order in which they agree best.

    >>> from nabd.identity.names.parsing import parse
    >>> found = compare(parse("Mohamed Amine", "Alami"), parse("محمد", "العلمي"))
    >>> found.given.name, found.family.name, found.extra_given
    ('SAME', 'SAME', 1)
    """
    if a.ordered and b.ordered:
        straight = _pair((a.given, a.family), (b.given, b.family))
        return _swapped(straight, a, b) or straight
    return max((_pair(one, other) for one in _readings(a) for other in _readings(b)), key=_goodness)


def _swapped(straight: NameAgreement, a: PersonName, b: PersonName) -> NameAgreement | None:
    """Return the agreement of given with family names, where only so both agree."""
    if (straight.given or 0) >= _CLOSE or (straight.family or 0) >= _CLOSE:
        return None
    given = _match(a.given, b.family)
    if not given or given[0] < _CLOSE:
        return None
    family = _match(a.family, b.given)
    if not family or family[0] < _CLOSE:
        return None
    return NameAgreement(given[0], family[0], True, given[1], family[1])


def _pair(a: Halves, b: Halves) -> NameAgreement:
    given, family = _match(a[0], b[0]), _match(a[1], b[1])
    return NameAgreement(
        given[0] if given else None,
        family[0] if family else None,
        False,
        given[1] if given else 0,
        family[1] if family else 0,
    )


def _goodness(found: NameAgreement) -> tuple[float, ...]:
    """Order readings: both names agree, then how well, then the family name."""
    levels = [level for level in (found.given, found.family) if level is not None]
    least = min(levels, default=-1)
    return (
        least if len(levels) == 2 else least - 1.5,  # one name alone says less than two
        sum(levels),
        -1 if found.family is None else found.family,
        -found.extra_given - found.extra_family,
        -found.extra_given,
    )
