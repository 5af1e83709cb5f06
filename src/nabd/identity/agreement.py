"""Say how far two names agree, part by part, and by which names: what the weights are looked up by.

The cases are those of civil registers: a second given name left out, given and family name
swapped, the whole name in one field, an initial, a feminine form that makes another person.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from nabd.identity.names import Agreement, PersonName, Token, compare_tokens

# from the best to the worst; "part": one has a name more; "some": of two names only one agrees
LEVELS = ("exact", "same", "skeleton", "close", "part", "swapped", "some", "initial", "differ", "conflict")  # fmt: skip
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


class Part(NamedTuple):
    """How far one part (given or family) agrees, and the names that do, in both writings."""

    level: str
    shared: tuple[tuple[str, str], ...] = ()


class Names(NamedTuple):
    """How far two names agree; a part is None where one of them says nothing."""

    given: Part | None
    family: Part | None


@lru_cache(maxsize=1 << 16)
def agreement(a: PersonName, b: PersonName) -> Names:
    """Compare two names; which comes first makes no difference."""
    if not (a.given and a.family and b.given and b.family):
        return _pooled((*a.given, *a.family)[:MOST], (*b.given, *b.family)[:MOST])
    straight = Names(part(a.given, b.given), part(a.family, b.family))
    if _agree(straight):
        return straight
    crossed = Names(part(a.given, b.family), part(a.family, b.given))
    return _swapped(crossed) if _agree(crossed) else straight


def _agree(found: Names) -> bool:
    return all(one is None or one.level in AGREES for one in found)


def _swapped(found: Names) -> Names:
    """Order the parts by what they share, so that a and b may change places."""
    parts = sorted(Part("swapped", one.shared) for one in found if one)
    return Names(parts[0], parts[1])


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
    a, b = a[:MOST], b[:MOST]
    order = max(permutations(b, len(a)), key=lambda order: _goodness(a, order)) if len(b) > 1 else b
    pairs = list(zip(a, order, strict=True))
    levels = [alike(x, y) for x, y in pairs]
    shared = (
        (x.canonical, y.canonical) if x <= y else (y.canonical, x.canonical)
        for (x, y), level in zip(pairs, levels, strict=True)
        if level in SHARED
    )
    return Part(_level(levels, len(b)), tuple(sorted(shared)))


def _goodness(a: Tokens, order: tuple[Token, ...]) -> int:
    return sum(8 ** (10 - LEVELS.index(alike(x, y))) for x, y in zip(a, order, strict=True))


@lru_cache(maxsize=1 << 18)
def alike(a: Token, b: Token) -> str:
    """Name the level on which two names are."""
    if a > b:
        a, b = b, a
    if len(a.latin) == 1 or len(b.latin) == 1:
        return "initial" if a.latin[:1] == b.latin[:1] else "differ"
    return _OF[compare_tokens(a, b)]


def _level(levels: list[str], size: int) -> str:
    """Sum up the levels of the names of a part."""
    good = [level for level in levels if level in AGREES]
    if len(good) == len(levels):
        return "part" if len(levels) < size else max(levels, key=LEVELS.index)
    if good:
        return "some"
    return max(levels, key=LEVELS.index)
