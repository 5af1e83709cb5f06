"""Compare one field of two records: on which level of a model they are, "" when one is silent."""

from __future__ import annotations

from collections.abc import Iterator

from nabd.identity.identifiers import strength
from nabd.identity.record import Born, Record

VAGUE_YEARS = 3  # how far off the year of somebody born "on 1 January" is commonly told
TYPED_YEARS = 10  # how far off a year with one wrong digit is taken for the same


def told(a: str, b: str) -> str:
    """Compare two codes."""
    return ("same" if a == b else "differ") if a and b else ""


def sets(a: frozenset[str], b: frozenset[str]) -> str:
    """Compare two sets of values: one in common is enough."""
    return ("differ" if a.isdisjoint(b) else "same") if a and b else ""


def place(a: frozenset[str], b: frozenset[str]) -> str:
    """Compare places; the code of one and the name of another say nothing about each other.

    >>> place(frozenset({"ma-01"}), frozenset({"~rbt"}))
    ''
    """
    if not a.isdisjoint(b):
        return "same"
    kinds = {one.startswith("~") for one in a} & {one.startswith("~") for one in b}
    return "differ" if kinds else ""


def born(a: Born, b: Born) -> str:
    """Compare two birth dates, which may be partial, or 1 January for want of better.

    >>> born(Born(1980, 5, 4), Born(1980, 4, 5))
    'swapped'
    """
    if not a.year or not b.year:
        return ""
    if a == b and a.day:
        return "january" if a.vague else "same"
    if a.vague or b.vague:
        return _vague(a, b)
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return "swapped"
    equal = sum(x == y for x, y in zip(a, b, strict=True))
    return "close" if equal == 2 and abs(a.year - b.year) < TYPED_YEARS else "differ"


def _vague(a: Born, b: Born) -> str:
    if a.year == b.year:
        return "year"
    return "years" if abs(a.year - b.year) <= VAGUE_YEARS and a.vague and b.vague else "differ"


def identifiers(a: Record, b: Record) -> Iterator[tuple[str, str]]:
    """Yield kind and level of each kind of identifier that both have."""
    if not a.identifiers or not b.identifiers:
        return
    ours, theirs = _kinds(a), _kinds(b)
    for kind in sorted(ours.keys() & theirs.keys()):
        yield kind, _identifier(ours[kind], theirs[kind], kind)


def _kinds(record: Record) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, value in record.identifiers:
        found.setdefault(kind, set()).add(value)
    return found


def _identifier(a: set[str], b: set[str], kind: str) -> str:
    if not a.isdisjoint(b):
        return "same"
    near = strength(kind) == "certain" and any(one_slip(x, y) for x in a for y in b)
    return "typing" if near else "differ"


def one_slip(a: str, b: str) -> bool:
    """Say whether two values differ by one character, or by two neighbours changed round.

    >>> one_slip("AB123", "AB132"), one_slip("AB123", "AB124"), one_slip("AB123", "AB12")
    (True, True, False)
    """
    if len(a) != len(b):
        return False
    at = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(at) == 2 and at[1] == at[0] + 1:
        return a[at[0]] == b[at[1]] and a[at[1]] == b[at[0]]
    return len(at) == 1
