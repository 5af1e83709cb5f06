"""Say how far two names agree, part by part, and by which names: what the weights are looked up by.

The cases are those of civil registers: a second given name left out, given and family name
swapped, the whole name in one field, an initial, a feminine form that makes another person.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from nabd.identity.names import PersonName, Token, similarity

NEAR = 0.82
ORDER = ("same", "near", "part", "swapped", "some", "initial", "form", "differ", "missing")


class Part(NamedTuple):
    """How far one part (given or family) agrees, and the canonical names that do."""

    level: str
    shared: tuple[str, ...] = ()


class Agreement(NamedTuple):
    """How far two names agree."""

    given: Part
    family: Part


MISSING = Part("missing")


@lru_cache(maxsize=1 << 16)
def agreement(a: PersonName, b: PersonName) -> Agreement:
    """Compare two names; which comes first makes no difference."""
    if not all((a.given, a.family, b.given, b.family)):
        return _pooled(a, b)
    straight = Agreement(part(a.given, b.given), part(a.family, b.family))
    if "differ" in (straight.given.level, straight.family.level):
        crossed = Agreement(part(a.given, b.family), part(a.family, b.given))
        if {crossed.given.level, crossed.family.level} <= {"same", "near", "part"}:
            return Agreement(_swapped(crossed.given, a, b), _swapped(crossed.family, a, b))
    return straight


def _swapped(found: Part, a: PersonName, b: PersonName) -> Part:
    return Part("swapped", found.shared)


def _pooled(a: PersonName, b: PersonName) -> Agreement:
    """Compare where one has its whole name in one field: the words of both, as one part."""
    one, other = (*a.given, *a.family), (*b.given, *b.family)
    if not one or not other:
        return Agreement(MISSING, MISSING)
    found = part(one, other)
    if min(len(one), len(other)) > 1 and found.level in ("same", "near", "part"):
        return Agreement(Part("swapped", found.shared[:1]), Part("swapped", found.shared[1:]))
    return Agreement(MISSING, found)


def part(a: tuple[Token, ...], b: tuple[Token, ...]) -> Part:
    """Compare the names of one part: each finds its best mate among the others."""
    if len(a) > len(b) or (len(a) == len(b) and b < a):
        a, b = b, a
    found = [_best(token, b) for token in a]
    shared = tuple(
        sorted(
            token.canonical
            for token, level in zip(a, found, strict=True)
            if level in ("same", "near")
        )
    )
    return Part(_level(found, len(b)), shared)


def _best(token: Token, others: Sequence[Token]) -> str:
    return min((_alike(token, other) for other in others), key=ORDER.index)


def _alike(a: Token, b: Token) -> str:
    if a.canonical == b.canonical:
        return "same" if a.feminine == b.feminine or a.script != b.script else "form"
    if len(a.latin) == 1 or len(b.latin) == 1:
        return "initial" if a.latin[:1] == b.latin[:1] else "differ"
    return "near" if similarity(a, b) >= NEAR else "differ"


def _level(found: list[str], size: int) -> str:
    levels = set(found)
    if levels <= {"same", "near"}:
        return "part" if len(found) < size else max(levels, key=ORDER.index)
    if levels & {"same", "near"}:
        return "some"
    return min(levels, key=ORDER.index)
