"""JSON values: copies that share nothing, and equality that tells ``true`` from ``1``."""

from __future__ import annotations

from typing import Any


def copied(value: Any) -> Any:
    """Copy a JSON value; the copy shares no object or array with it."""
    if type(value) is dict:
        return {name: copied(one) for name, one in value.items()}
    return [copied(one) for one in value] if type(value) is list else value


def same(a: Any, b: Any) -> bool:
    """Compare as RFC 6902 section 4.6 does: numbers by value, objects without order."""
    if type(a) is dict and type(b) is dict:
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)
