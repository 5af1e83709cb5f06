"""Spell an Arabic name in Latin letters in microseconds: each letter as it is most often written.

``romanise`` weighs whole words and takes a thousand times longer: it is for people to read. A token
only needs letters that can be compared, and a register has a hundred thousand names.
"""

from __future__ import annotations

from functools import lru_cache

from nabd.identity.names.transducer import END, transducer


def spell(arabic: str) -> str:
    """Return a plain Latin spelling of an Arabic form.

    >>> spell("تهراوي"), spell("نظيف")
    ('thrawi', 'nzev')
    """
    return "".join(_likeliest(a + b) for a, b in zip(arabic, arabic[1:] + END, strict=True))


@lru_cache(maxsize=1 << 12)
def _likeliest(letters: str) -> str:
    """Return what the first of two letters most often writes before the second."""
    step = transducer().forward.steps(letters)[0]
    return max(step.items(), key=lambda one: (one[1], one[0]), default=("", 0.0))[0]
