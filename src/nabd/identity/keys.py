"""Where the mates of a record are looked for: hashed keys, each with the evidence it stands for.

Two records that share a key are compared; nothing else is. A key is shared by few people: one that
very many share is not looked at (``nabd.store.alike``), and the rarer one is, the more it is worth.
Every usual difference
between two records of one person (a missing or wrong field, names swapped, another script, day
and month swapped, a typing error in one of the names) leaves at least one key whole. What each kind
of key adds to the recall is measured by ``python -m bench.matching --keys``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from nabd.fhir.json import Json
from nabd.fhir.search.hashing import term
from nabd.identity.identifiers import strength
from nabd.identity.names import PersonName
from nabd.identity.record import Born, Record, record_of

Key = tuple[int, float]

# Bits of evidence of a shared key, to rank the candidates of several keys before they are scored.
IDENTIFIER = 22.0
PHONE = 16.0
EMAIL = 16.0
PAIR_YEAR = 15.0  # two names and the year of birth
PAIR_PLACE = 17.0  # two names and the place
PAIR_YEARS = 12.0  # two names and about the year, of those born "on 1 January"
PAIR = 9.0  # two names, where one of the two records has no birth date
NAME_YEAR_PLACE = 17.0  # one name, the year of birth and the place
NAME_BORN = 19.0  # one name and the birth date
BORN_PLACE = 21.0  # birth date and place
VAGUE = 5.0  # what 1 January, written where only the year is known, proves less than another day
MOST_NAMES = 3  # tokens of a name that keys are made of, each for given and family


def keys_of(patient: Json) -> list[Key]:
    """Return the keys of a Patient: a signed 64-bit term and its weight in bits, no term twice."""
    return hashed(texts_of(record_of(patient)))


def sought_by(patient: Json) -> list[Key]:
    """Return the keys under which the mates of a Patient are looked for, hashed and weighed."""
    return hashed(sought(record_of(patient)))


def hashed(texts: Iterable[tuple[str, float]]) -> list[Key]:
    """Hash keys in clear; of one that comes twice the greater weight counts."""
    best: dict[int, float] = {}
    for text, weight in texts:
        found = term(text)
        best[found] = max(best.get(found, 0.0), weight)
    return list(best.items())


def texts_of(record: Record) -> Iterator[tuple[str, float]]:
    """Yield the keys of a record in clear, "kind|value": what ``keys_of`` hashes."""
    yield from told(record)
    yield from _paired(record, "pair")
    if not record.born.year:
        yield from _paired(record, "undated")


def sought(record: Record) -> Iterator[tuple[str, float]]:
    """Yield the keys in clear under which the mates of a record are looked for.

    They are its own, but for two names alone: there are too many people of two common names, so
    that who has a birth date is compared on them with those only who have none.
    """
    yield from told(record)
    yield from _paired(record, "undated" if record.born.year else "pair")


def told(record: Record) -> Iterator[tuple[str, float]]:
    """Yield the keys of what a record tells beside two names alone."""
    for kind, value in record.identifiers:
        yield f"identifier|{kind}|{value}", IDENTIFIER if strength(kind) != "local" else PHONE
    for phone in record.phones:
        yield f"phone|{phone}", PHONE
    for email in record.emails:
        yield f"email|{email}", EMAIL
    yield from _dated(record.born, record.places)
    for name in dict.fromkeys(record.names):
        if not name.placeholder:
            yield from _named(name, record.born, record.places)


def _paired(record: Record, kind: str) -> Iterator[tuple[str, float]]:
    for name in dict.fromkeys(record.names):
        if not name.placeholder:
            for pair in pairs(*skeletons(name)):
                yield f"{kind}|{pair}", PAIR


def _dated(born: Born, places: frozenset[str]) -> Iterator[tuple[str, float]]:
    if born.day and not born.vague:
        for place in places:
            yield f"born-place|{_day(born)}|{place}", BORN_PLACE


def _named(name: PersonName, born: Born, places: frozenset[str]) -> Iterator[tuple[str, float]]:
    given, family = skeletons(name)
    for one in {*given, *family}:
        if born.day:
            yield f"name-born|{one}|{_day(born)}", NAME_BORN - (VAGUE if born.vague else 0.0)
        if born.year:
            for place in places:
                yield f"name-year-place|{one}|{born.year}|{place}", NAME_YEAR_PLACE
    for pair in pairs(given, family):
        if born.year:
            yield f"pair-year|{pair}|{born.year}", PAIR_YEAR
        if born.year and born.vague:
            yield f"pair-years|{pair}|{born.year // 4 * 4}", PAIR_YEARS
            yield f"pair-years|{pair}|{(born.year + 2) // 4 * 4 - 2}", PAIR_YEARS
        for place in places:
            yield f"pair-place|{pair}|{place}", PAIR_PLACE


def skeletons(name: PersonName) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the consonant skeletons of the given and of the family names, the first few."""
    given, family = (
        tuple(dict.fromkeys(token.skeleton for token in part if token.skeleton))[:MOST_NAMES]
        for part in (name.given, name.family)
    )
    return given, family


def pairs(given: tuple[str, ...], family: tuple[str, ...]) -> list[str]:
    """Pair each given with each family name, in alphabetical order: swapped names are the same.

    >>> pairs(("mhmd", "amn"), ("thr",))
    ['mhmd thr', 'amn thr']
    """
    found = [(g, f) for g in given for f in family] if given and family else None
    return [" ".join(sorted(pair)) for pair in found or combinations(given or family, 2)]


def _day(born: Born) -> str:
    """Write a date so that day and month swapped are the same."""
    return f"{born.year}-{_month_day(born)}"


def _month_day(born: Born) -> str:
    if born.day > 12:
        return f"{born.month}-{born.day}"
    low, high = sorted((born.month, born.day))
    return f"{low}-{high}"
