"""Say how far two names agree, part by part, and by which names: what the weights are looked up by.

The cases are those of civil registers: a second given name left out, given and family name
swapped, the whole name in one field, an initial, a feminine form that makes another person.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

import msgspec

from nabd.identity.names import Agreement, PersonName, Token, compare_tokens

# from the best to the worst; "part": one has a name more; "some": of two names only one agrees
LEVELS = tuple("exact same skeleton close typing part swapped some initial differ conflict".split())  # noqa: SIM905
RANKS = {level: rank for rank, level in enumerate(LEVELS)}
WORTH = {level: 8 ** (len(LEVELS) - rank) for level, rank in RANKS.items()}  # one beats seven next
AGREES = frozenset(LEVELS[: LEVELS.index("some")])
SHARED = frozenset(LEVELS[: LEVELS.index("initial")])  # levels on which names are shared
OTHERWISE = frozenset(("some", "differ", "conflict"))
MOST = 4  # tokens of a part that are compared
_OF = {
    Agreement.EXACT: "exact",
    Agreement.SAME: "same",
    Agreement.SKELETON: "skeleton",
    Agreement.CLOSE: "close",
    Agreement.DIFFERENT: "differ",
    Agreement.CONFLICT: "conflict",
}

Tokens = tuple[Token, ...]


class Part(msgspec.Struct, frozen=True, order=True, gc=False):
    """How far one part (given or family) agrees, and the names that do, in both writings."""

    level: str
    shared: tuple[tuple[str, str], ...] = ()


class Names(msgspec.Struct, frozen=True, gc=False):
    """How far two names agree; a part is None where one of them says nothing."""

    given: Part | None
    family: Part | None


@lru_cache(maxsize=1 << 16)
def agreement(a: PersonName, b: PersonName) -> Names:
    """Compare two names; which comes first makes no difference."""
    if not (a.given and a.family and b.given and b.family):
        return _pooled((*a.given, *a.family)[:MOST], (*b.given, *b.family)[:MOST])
    straight = Names(part(a.given, b.given), part(a.family, b.family))
    agree = _agreeing(straight)
    if agree == 2 or not _may_be_swapped(a, b):
        return straight
    crossed = Names(part(a.given, b.family), part(a.family, b.given))
    return _swapped(crossed) if _agreeing(crossed) > agree else straight


def _may_be_swapped(a: PersonName, b: PersonName) -> bool:
    """Look at the skeletons first: most pairs are not swapped, and comparing names costs more."""
    return any(
        x.skeleton == y.skeleton
        for one, other in ((a.given, b.family), (a.family, b.given))
        for x in one
        for y in other
    )


def _agreeing(found: Names) -> int:
    return sum([one is not None and one.level in AGREES for one in (found.given, found.family)])


def _swapped(found: Names) -> Names:
    """Order the parts by what they share, so that a and b may change places."""
    both = (one for one in (found.given, found.family) if one)
    parts = (Part("swapped", one.shared) if one.level in AGREES else one for one in both)
    return Names(*sorted(parts, key=lambda one: (one.level == "swapped", one)))


def _pooled(a: Tokens, b: Tokens) -> Names:
    """Compare where one has its whole name in one field: the words of both, as one part."""
    found = part(a, b)
    if found is None or min(len(a), len(b)) < 2:
        return Names(None, found)
    if found.level not in AGREES:
        return Names(Part("differ") if found.level == "differ" else None, found)
    half = len(found.shared) // 2
    return Names(Part("swapped", found.shared[:half]), Part("swapped", found.shared[half:]))


def part(a: Tokens, b: Tokens) -> Part | None:
    """Compare the names of one part, each with its mate in the best assignment."""
    if not a or not b:
        return None
    if (len(a), a) > (len(b), b):
        a, b = b, a
    best = _assigned(a[:MOST], b[:MOST])
    shared = [
        (y.canonical, x.canonical) if y < x else (x.canonical, y.canonical)
        for level, x, y in best
        if level in SHARED
    ]
    level = _level([level for level, _, _ in best], min(len(b), MOST))
    return Part(level, tuple(sorted(shared)))


def _assigned(a: Tokens, b: Tokens) -> list[tuple[str, Token, Token]]:
    """Give each name of a its mate among b, so that they agree best; a has no more than b."""
    ways = [
        [(alike(x, y), x, y) for x, y in zip(a, order, strict=True)]
        for order in permutations(b, len(a))
    ]
    return max(ways, key=_goodness) if len(ways) > 1 else ways[0]


def _goodness(way: list[tuple[str, Token, Token]]) -> int:
    return sum([WORTH[level] for level, _, _ in way])


@lru_cache(maxsize=1 << 18)
def alike(a: Token, b: Token) -> str:
    """Name the level on which two names are."""
    if len(a.form) == 1 or len(b.form) == 1:
        return "initial" if _first(a) == _first(b) else "differ"
    level = _OF[compare_tokens(a, b)]
    return "typing" if level == "differ" and _mistyped(a, b) else level


def _first(token: Token) -> str:
    """Return the first sound; vowels are one, as Arabic letters leave them open."""
    letter = token.latin[:1] or "a"
    return "a" if letter in "aeiou" else letter


def _mistyped(a: Token, b: Token) -> bool:
    """Say whether one slip of the finger lies between two names: not if both are well known."""
    if a.known and b.known:
        return False
    if a.script == b.script:
        return min(len(a.form), len(b.form)) > 3 and slip(a.form, b.form)
    return min(len(a.skeleton), len(b.skeleton)) > 2 and slip(a.skeleton, b.skeleton)


def slip(a: str, b: str) -> bool:
    """Say whether two words differ by one letter, or by two neighbours changed round.

    >>> slip("karim", "karm"), slip("karim", "kraim"), slip("karim", "karam"), slip("karim", "kram")
    (True, True, True, False)
    """
    if len(a) > len(b):
        a, b = b, a
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return len(b) - len(a) == 1 and a[start:] == b[start + 1 :]
    if a[start + 1 :] == b[start + 1 :]:
        return True
    turned = a[start : start + 2] == b[start + 1 : start + 2] + b[start : start + 1]
    return turned and a[start + 2 :] == b[start + 2 :]


def _level(levels: list[str], size: int) -> str:
    """Sum up the levels of the names of a part."""
    good = sum([level in AGREES for level in levels])
    if good == len(levels) < size:
        return "part"
    return "some" if 0 < good < len(levels) else max(levels, key=RANKS.__getitem__)
