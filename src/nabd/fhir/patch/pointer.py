"""JSON Pointer: https://www.rfc-editor.org/rfc/rfc6901."""

from __future__ import annotations

import re
from typing import Any

from nabd.errors import problem

_INDEX = re.compile(r"0|[1-9]\d{0,8}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


def tokens(pointer: Any, where: str) -> list[str]:
    """Cut a pointer into its names; N2402 when it is none."""
    if not isinstance(pointer, str) or (pointer and pointer[0] != "/"):
        raise problem("N2402", where)
    if _BAD_ESCAPE.search(pointer):
        raise problem("N2402", where)
    return [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]


def step(value: Any, token: str, where: str) -> Any:
    """Take one member or item; N2403 when there is none."""
    if isinstance(value, dict) and token in value:
        return value[token]
    if isinstance(value, list):
        return value[index(token, len(value), where)]
    raise problem("N2403", where)


def walk(value: Any, path: list[str], where: str) -> Any:
    """Follow all names; N2403 where one leads nowhere."""
    for token in path:
        value = step(value, token, where)
    return value


def index(token: str, size: int, where: str) -> int:
    """Read the place of an existing item; N2403 when the array has none there."""
    if not _INDEX.fullmatch(token) or int(token) >= size:
        raise problem("N2403", where)
    return int(token)
