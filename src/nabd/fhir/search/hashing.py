"""Hash what is searched for: terms, branches and keys, all xxh3, all signed as PostgreSQL wants.

A reference's term is ``key("Type/id") ^ branch``: a term gives its target's key back by the same
exclusive or, so that chains, ``_has`` and includes are joins in SQL and parse no body.
"""

from __future__ import annotations

from functools import lru_cache

import xxhash

_SIGN = 1 << 63
_WRAP = 1 << 64


def term(text: str) -> int:
    """Hash ``text`` to a signed 64-bit integer."""
    value = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
    return value - _WRAP if value & _SIGN else value


def key(resource_type: str, resource_id: str) -> int:
    """Compute the surrogate key of a resource (decision 0003)."""
    return term(f"{resource_type}/{resource_id}")


@lru_cache(maxsize=8192)
def param(branch: str) -> int:
    """Hash a branch to the signed 32-bit ``param`` of its index rows."""
    return short(branch)


@lru_cache(maxsize=65536)
def short(text: str) -> int:
    """Hash ``text`` to a signed 32-bit integer, never 0: 0 says "none" in index rows."""
    value = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) & 0xFFFFFFFF or 1
    return value - (1 << 32) if value >> 31 else value


@lru_cache(maxsize=8192)
def branch_mask(branch: str) -> int:
    """Give the 64-bit value that ties a reference's key to the branch that holds it."""
    return term(branch)
