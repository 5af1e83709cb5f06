"""Where a page ended: the snapshot of the first page, the sort values and the key of its last.

Keys never change, so a page begins exactly after the one before, whatever was written meanwhile;
what was created after the first page is left out by its snapshot.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec

from nabd.errors import problem

Value = str | int | None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The end of a page."""

    snapshot: str
    key: int
    values: tuple[Value, ...] = ()


def write(cursor: Cursor) -> str:
    """Write a cursor as text that is safe in a url."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read(text: str, values: int) -> Cursor:
    """Read a cursor with so many sort values; raises Problem N2521."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = msgspec.json.decode(raw, type=Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise problem("N2521", "_cursor") from None
    if len(found.values) != values or not _is_snapshot(found.snapshot):
        raise problem("N2521", "_cursor")
    if not -(1 << 63) <= found.key < 1 << 63:
        raise problem("N2521", "_cursor")
    return found


def _is_snapshot(text: str) -> bool:
    """Tell whether PostgreSQL would read the text: ``xmin:xmax:xip,xip``, in ascending order."""
    parts = text.split(":")
    if len(parts) != 3 or not all(_is_number(part) for part in parts[:2]):
        return False
    running = parts[2].split(",") if parts[2] else []
    if not all(map(_is_number, running)):
        return False
    least, most = int(parts[0]), int(parts[1])
    ids = [int(one) for one in running]
    return 0 < least <= most and ids == sorted(set(ids)) and all(least <= i < most for i in ids)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19


def plain(value: object) -> Value:
    """Write a sort value as JSON can."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)  # JSON has no infinity
    assert value is None or isinstance(value, str | int)
    return value
