"""Dates as closed intervals of microseconds UTC.

A FHIR date says a span: ``2024-03`` is all of March (http://hl7.org/fhir/R4/search.html#date).
What carries no time zone is read as UTC.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Any

#: Open ends; their difference still fits 64 bits.
OPEN_LO = -(1 << 62)
OPEN_HI = (1 << 62) - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_MINUTE = 60_000_000
_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)

Interval = tuple[int, int]
_CACHE_SIZE = 100_000
intervals: dict[str, Interval] = {}


def interval(text: str) -> Interval:
    """Give the first and last microsecond of a FHIR date, dateTime or instant.

    Raises ValueError for what is no date.
    """
    found = intervals.get(text)
    if found is None:
        if len(intervals) >= _CACHE_SIZE:
            intervals.clear()
        found = intervals[text] = _interval(text)
    return found


def _interval(text: str) -> Interval:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("not a FHIR date")
    year, month, day, hour = match.groups()[:4]
    if hour is not None:
        return _time(match)
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        days = 1
    elif month:
        days = calendar.monthrange(int(year), int(month))[1]
    else:
        days = 366 if calendar.isleap(int(year)) else 365
    lo = (first - _EPOCH) // _MICRO
    return lo, lo + days * 1440 * _MINUTE - 1


def _time(match: re.Match[str]) -> Interval:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    # a leap second is read as the second before it, as datetime knows none
    seconds = min(int(second or 0), 59)
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), seconds, tzinfo=UTC)
    digits = (fraction or "")[:6]
    lo = (moment - _EPOCH) // _MICRO - _offset(zone)
    if second is None:
        return lo, lo + _MINUTE - 1
    lo += int(digits.ljust(6, "0")) if digits else 0
    return lo, lo + 10 ** (6 - len(digits)) - 1


def _offset(zone: str | None) -> int:
    if not zone or zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return (-minutes if zone[0] == "-" else minutes) * _MINUTE


def period(value: dict[str, Any]) -> Interval | None:
    """Give the span of a Period; a missing end is open."""
    start, end = value.get("start"), value.get("end")
    if start is None and end is None:
        return None
    lo = interval(start)[0] if start else OPEN_LO
    hi = interval(end)[1] if end else OPEN_HI
    return (lo, hi) if lo <= hi else None


def timing(value: dict[str, Any]) -> Interval | None:
    """Give the outer limits of a Timing: its events and the bounds of its repetition."""
    spans = [interval(event) for event in value.get("event", ()) if event]
    bounds = period((value.get("repeat") or {}).get("boundsPeriod") or {})
    if bounds:
        spans.append(bounds)
    if not spans:
        return None
    return min(lo for lo, _ in spans), max(hi for _, hi in spans)
