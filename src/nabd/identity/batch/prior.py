"""What is believed of the weights before a register has been seen.

A small register has too few pairs to learn from, and even a large one may never show a rare level:
what it cannot teach stays as it is here. Judged, and rounded from what was learned of the synthetic
register of ``bench.register`` (200,000 records): how often each level of a comparison, best first,
is seen between two records of one person (m), and of two (u). A level that is told to be no
evidence has its place here all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

Levels = tuple[tuple[float, float], ...]

# How often two people share an identifier, by error, or have one within a slip of each other's: a
# register has too few such pairs to count, and many of one person.
SHARED, SIMILAR_NUMBER = 1e-6, 1e-4
IDENTIFIER: Levels = ((0.98, SHARED), (0.012, SIMILAR_NUMBER), (0.008, 0.9999))
LEVELS: Mapping[str, Levels] = {
    "given": (
        (0.73, 0.008),
        (0.07, 0.005),
        (0.012, 0.0015),
        (0.036, 0.0005),
        (0.004, 0.001),
        (0.007, 0.002),
        (0.07, 0.0007),
        (0.04, 0.0035),
        (0.01, 0.004),
        (0.025, 0.975),
    ),
    "family": (
        (0.60, 0.003),
        (0.005, 0.0005),
        (0.037, 0.0005),
        (0.004, 0.001),
        (0.20, 0.0006),
        (0.088, 0.007),
        (0.07, 0.989),
    ),
    "born": (
        (0.91, 0.00015),
        (0.037, 0.002),
        (0.007, 0.00001),
        (0.034, 0.0105),
        (0.002, 0.0125),
        (0.01, 0.975),
    ),
    "sex": ((0.985, 0.5), (0.015, 0.5)),
    "commune": ((0.75, 0.002), (0.25, 0.998)),
    "phone": ((0.75, 0.00002), (0.25, 0.99998)),
    "postcode": ((0.75, 0.001), (0.1, 0.02), (0.15, 0.979)),
    "occupation": ((0.5, 0.05), (0.5, 0.95)),
}
KEYS: Mapping[str, float] = {"given_key": 0.01, "family_key": 0.004}
# What this is worth beside what a register shows: so many pairs of random records, so many records.
PAIRS, RECORDS = 1e5, 1e3


def of(column: str) -> Levels:
    """Return m and u of each level of a comparison, the best first."""
    return LEVELS.get(column, IDENTIFIER)


def alike(column: str) -> float:
    """Return how probable it is that two random records share the value of a column."""
    return KEYS.get(column) or of(column)[0][1]


def chance(column: str, shared: float, pairs: float) -> float:
    """Return the same where it is known that ``shared`` of ``pairs`` of a register do.

    >>> chance("sex", 10.0, 10.0) < 0.51, chance("sex", 3e9, 5e9)
    (True, 0.599998...)
    """
    return (shared + PAIRS * alike(column)) / (pairs + PAIRS)
