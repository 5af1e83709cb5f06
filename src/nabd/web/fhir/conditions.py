"""Versions and times in headers: ETag, Last-Modified, If-*.

http://hl7.org/fhir/R4/http.html#concurrency, http://hl7.org/fhir/R4/http.html#cread, RFC 9110 §13
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from nabd.errors import problem
from nabd.store import ANY

_VERSION = 'W/"version"'


def etag(version: int) -> bytes:
    """Write a version as a weak entity tag."""
    return b'W/"%d"' % version


def last_modified(updated: datetime) -> bytes:
    """Write a time as an HTTP date: seconds, rounded down."""
    return _date_text(int(updated.timestamp()))


@lru_cache(maxsize=8192)
def _date_text(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def if_match(header: str) -> int | None:
    """Read If-Match: the version that the client knows, ``None`` when it does not say.

    A strong tag and a bare number are accepted as well: many clients send them. ``*`` is ``ANY``:
    R4 says nothing of it, RFC 9110 §13.1.1 that there must be a current version.
    """
    if header.strip() == "*":
        return ANY
    return _version(header, "If-Match") if header else None


def is_unchanged(if_none_match: str, if_modified_since: str, version: int, at: datetime) -> bool:
    """Tell whether a conditional read may be answered 304.

    If-None-Match overrules If-Modified-Since (RFC 9110 §13.1.3).
    """
    if if_none_match:
        return if_none_match.strip() == "*" or version in _versions(if_none_match)
    if if_modified_since:
        return at.replace(microsecond=0) <= _date(if_modified_since)
    return False


def _versions(header: str) -> list[int]:
    return [_version(tag, "If-None-Match") for tag in header.split(",")]


def _version(tag: str, header: str) -> int:
    text = tag.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise problem("N7008", header, header=header, expected=_VERSION)
    return int(text)


def _date(header: str) -> datetime:
    try:
        found = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError):
        raise problem(
            "N7008",
            "If-Modified-Since",
            header="If-Modified-Since",
            expected="Mon, 23 Nov 2026 10:00:00 GMT",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
