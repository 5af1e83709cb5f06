"""The lookups that slices offer to mappings, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nabd.errors import Issue

Lookup = Callable[[Sequence[str]], "dict[str, str] | Issue"]
"""A slice's answer to a question of a mapping: named values, or the reason that there is none."""

_OFFERED: dict[str, Lookup] = {}


def offer(lookups: Mapping[str, Lookup]) -> None:
    """Offer lookups to all mappings; a slice does this when it is imported."""
    _OFFERED.update(lookups)


def offered() -> Mapping[str, Lookup]:
    """Return what the slices offer."""
    return _OFFERED
