"""What a loader reads: raw bytes with the place they came from."""

from __future__ import annotations

from typing import NamedTuple

from nabd.errors import Issue

CHUNK = 2_000
"""Resources per transaction, about."""


class Record(NamedTuple):
    """One record of a source: ``row`` counts from 1 inside ``source`` and never falls."""

    raw: bytes
    source: str
    row: int
    issues: tuple[Issue, ...] = ()
