"""The one list of slices: adding a slice touches this file and nothing else."""

from __future__ import annotations

from functools import cache

from nabd.access.queries import NamedQuery
from nabd.access.slice import Follower, Slice
from nabd.identity.slice import SLICE as IDENTITY
from nabd.registry.slice import SLICE as REGISTRY
from nabd.store import Guard, Laws
from nabd.store.values import Keys

SLICES: tuple[Slice, ...] = (REGISTRY, IDENTITY)


@cache
def laws() -> Laws:
    """Join what the slices demand of the store: guards and keys by type, and live tables."""
    guards: dict[str, tuple[Guard, ...]] = {}
    for one in SLICES:
        for type_name, rules in one.guards.items():
            guards[type_name] = guards.get(type_name, ()) + rules
    keys: dict[str, Keys] = {name: compute for one in SLICES for name, compute in one.keys.items()}
    return Laws(guards, tuple(view for one in SLICES for view in one.views), keys)


@cache
def queries() -> dict[str, NamedQuery]:
    """Join the named queries of the slices; a name may stand in one slice only."""
    found: dict[str, NamedQuery] = {}
    for one in SLICES:
        if twice := found.keys() & one.queries.keys():
            raise ValueError(f"The slice {one.name} repeats the queries {sorted(twice)}.")
        found |= one.queries
    return found


@cache
def followers() -> tuple[Follower, ...]:
    """Join what the slices do after writes."""
    return tuple(follower for one in SLICES for follower in one.followers)
