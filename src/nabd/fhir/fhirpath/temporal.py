"""Dates and times that know how precise they are: http://hl7.org/fhirpath/N1/#date.

A :class:`Temporal` keeps only the parts that were written, so that ``@2014`` is neither before nor
after ``@2014-03``: comparing them has no answer.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import TypeAlias

import msgspec

Part: TypeAlias = "int | Decimal"

_DATE = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
_TIME = r"(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)?"
_DATETIME = re.compile(rf"{_DATE}(?:T(?:{_TIME}(Z|[+-]\d{{2}}:\d{{2}})?)?)?")
_CLOCK = re.compile(_TIME)

#: The first and last value of each part; the last day depends on the month.
_LOWEST: tuple[Part, ...] = (1, 1, 1, 0, 0, Decimal("0.000"))
_HIGHEST: tuple[Part, ...] = (9999, 12, 31, 23, 59, Decimal("59.999"))
#: How many digits a value has that ends with this part (``precision()``); 17 with milliseconds.
_DIGITS = {"Date": (4, 6, 8), "DateTime": (4, 6, 8, 10, 12, 14), "Time": (2, 4, 6)}
#: A local time may be fourteen hours ahead of UTC and twelve behind: the boundaries' offsets.
_EASTMOST, _WESTMOST = 14 * 60, -12 * 60


class Temporal(msgspec.Struct, frozen=True):
    """A Date, DateTime or Time: its parts from the widest on, seconds with their digits."""

    kind: str
    parts: tuple[Part, ...]
    offset: int | None = None

    def __str__(self) -> str:
        if self.kind == "Time":
            return _clock(self.parts)
        text = f"{self.parts[0]:04d}" + "".join(f"-{part:02d}" for part in self.parts[1:3])
        if len(self.parts) > 3:
            text += "T" + _clock(self.parts[3:]) + _zone(self.offset)
        return text


def _clock(parts: tuple[Part, ...]) -> str:
    text = ":".join(f"{part:02d}" for part in parts[:2])
    if len(parts) > 2:
        seconds = str(parts[2])
        text += ":" + (seconds if len(seconds.split(".")[0]) > 1 else "0" + seconds)
    return text


def _zone(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


@lru_cache(maxsize=16_384)
def parse_date(text: str) -> Temporal | None:
    """Read a FHIR date: a year, a month or a day; ``None`` when it is none."""
    value = parse_datetime(text)
    return Temporal("Date", value.parts) if value and len(value.parts) <= 3 else None


@lru_cache(maxsize=16_384)
def parse_datetime(text: str) -> Temporal | None:
    """Read a FHIR dateTime or instant; ``None`` when it is none."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    *fields, zone = match.groups()
    parts = _parts(fields)
    return Temporal("DateTime", parts, _offset(zone)) if _exists(parts) else None


@lru_cache(maxsize=1024)
def parse_time(text: str) -> Temporal | None:
    """Read a FHIR time; ``None`` when it is none."""
    match = _CLOCK.fullmatch(text)
    parts = _parts(match.groups()) if match else ()
    return Temporal("Time", parts) if parts and _in_day(parts) else None


def parse_literal(text: str) -> Temporal | None:
    """Read what follows the ``@`` of a literal; a ``T`` makes it a DateTime."""
    if text.startswith("T"):
        return parse_time(text[1:])
    return parse_datetime(text.rstrip("T")) if "T" in text else parse_date(text)


def _parts(fields: list[str | None] | tuple[str | None, ...]) -> tuple[Part, ...]:
    written = [field for field in fields if field is not None]
    seconds = len(fields) - 1
    return tuple(Decimal(f) if i == seconds else int(f) for i, f in enumerate(written))


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def _exists(parts: tuple[Part, ...]) -> bool:
    year, month, day = (*map(int, parts[:3]), 1, 1)[:3]
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return False
    return _in_day(parts[3:])


def _in_day(parts: tuple[Part, ...]) -> bool:
    return all(part < limit for part, limit in zip(parts, (24, 60, 60), strict=False))


# --- comparison -----------------------------------------------------------------------------------


def compare(a: Temporal, b: Temporal) -> int | None:
    """Order ``a`` and ``b``: -1, 0, 1; ``None`` when their precision leaves it open.

    Only dates compare with dates and times with times: see :func:`comparable`.
    """
    if a.offset != b.offset:
        if a.offset is None or b.offset is None:
            return _compare_ranges(a, b)
        a, b = _utc(a), _utc(b)
    for left, right in zip(a.parts, b.parts, strict=False):
        if left != right:
            return -1 if left < right else 1
    return 0 if len(a.parts) == len(b.parts) else None


def comparable(a: Temporal, b: Temporal) -> bool:
    """Tell whether both stand on the same scale: the calendar, or the clock."""
    return (a.kind == "Time") == (b.kind == "Time")


def _utc(value: Temporal) -> Temporal:
    """Shift to UTC; parts below the written precision stay unwritten."""
    if not value.offset or len(value.parts) < 5:
        return Temporal(value.kind, value.parts, 0)
    minutes = _minutes(value.parts) - value.offset
    return Temporal(value.kind, _from_minutes(minutes, value.parts[5:]), 0)


def _minutes(parts: tuple[Part, ...]) -> int:
    year, month, day, hour, minute = (int(part) for part in parts[:5])
    return (date(year, month, day).toordinal() * 24 + hour) * 60 + minute


def _from_minutes(minutes: int, rest: tuple[Part, ...]) -> tuple[Part, ...]:
    days, minute = divmod(minutes, 24 * 60)
    days = min(max(days, 1), date.max.toordinal())
    day = date.fromordinal(days)
    return (day.year, day.month, day.day, minute // 60, minute % 60, *rest)


def _compare_ranges(a: Temporal, b: Temporal) -> int | None:
    """One knows its time zone and the other does not: decide only what any zone allows."""
    (a_low, a_high), (b_low, b_high) = _range(a), _range(b)
    if a_high < b_low:
        return -1
    return 1 if a_low > b_high else None


def _range(value: Temporal) -> tuple[Decimal, Decimal]:
    low = value.parts + _LOWEST[len(value.parts) :]
    high = _last(value.parts)
    zones = (_EASTMOST, _WESTMOST) if value.offset is None else (value.offset, value.offset)
    return _instant(low, zones[0]), _instant(high, zones[1])


def _instant(parts: tuple[Part, ...], offset: int) -> Decimal:
    return (_minutes(parts) - offset) * 60 + Decimal(parts[5])


def _last(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Fill up with the last month, day, hour, minute and second."""
    if len(parts) == 2:
        parts += (monthrange(int(parts[0]), int(parts[1]))[1],)
    return parts + _HIGHEST[len(parts) :]


# --- arithmetic -----------------------------------------------------------------------------------

#: Longer than from year 1 to year 9999 in any unit.
_FURTHEST = 10**15
_SECONDS = {
    "week": Decimal(604_800),
    "day": Decimal(86_400),
    "hour": Decimal(3_600),
    "minute": Decimal(60),
    "second": Decimal(1),
    "millisecond": Decimal("0.001"),
}


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """Add calendar units: http://hl7.org/fhirpath/N1/#datetime-arithmetic.

    A fraction counts for seconds only.  A unit finer than the value is first rounded down to what
    the value can hold: ``@2014 + 25 months`` is ``@2016``.  ``None`` outside the years 1 to 9999.
    """
    if abs(amount) > _FURTHEST:
        return None
    if unit not in ("second", "millisecond"):
        amount = amount.to_integral_value(ROUND_DOWN)
    if value.kind == "Time":
        return _add_clock(value, amount * _SECONDS.get(unit, Decimal(0)))
    if unit in ("year", "month"):
        return _add_months(value, int(amount) * (12 if unit == "year" else 1))
    return _add_seconds(value, amount * _SECONDS[unit])


def _add_months(value: Temporal, months: int) -> Temporal | None:
    if len(value.parts) == 1:
        return _dated(value, int(value.parts[0]) + _toward_zero(months, 12))
    total = int(value.parts[0]) * 12 + int(value.parts[1]) - 1 + months
    return _dated(value, total // 12, total % 12 + 1)


def _dated(value: Temporal, year: int, month: int | None = None) -> Temporal | None:
    """Replace year and month; the day is the last one of the month where it would not exist."""
    if not 1 <= year <= 9999:
        return None
    head: tuple[Part, ...] = (year,) if month is None else (year, month)
    if len(value.parts) > 2 and month is not None:
        head += (min(int(value.parts[2]), monthrange(year, month)[1]),)
    return Temporal(value.kind, head + value.parts[len(head) :], value.offset)


def _toward_zero(amount: int, by: int) -> int:
    return amount // by if amount >= 0 else -(-amount // by)


def _add_seconds(value: Temporal, seconds: Decimal) -> Temporal | None:
    size = len(value.parts)
    if size < 3:
        days = _toward_zero(int(seconds), 86_400)
        return _add_months(value, _toward_zero(days, 365) * 12 if size == 1 else days // 30)
    step = (None, None, None, 86_400, 3_600, 60, None)[size]
    if step is not None:
        seconds = Decimal(_toward_zero(int(seconds), step) * step)
    full = value.parts + _LOWEST[size:5] + ((Decimal(0),) if size < 6 else ())
    minutes, second = divmod(Decimal(full[5]) + seconds, 60)
    if second < 0:
        minutes, second = minutes - 1, second + 60
    total = _minutes(full) + int(minutes)
    if not 1440 <= total < (date.max.toordinal() + 1) * 1440:
        return None
    return Temporal(value.kind, _from_minutes(total, (second,))[:size], value.offset)


def _add_clock(value: Temporal, seconds: Decimal) -> Temporal:
    full = value.parts + (0, 0, Decimal(0))[len(value.parts) :]
    now = (int(full[0]) * 60 + int(full[1])) * 60 + full[2]
    later = (now + seconds) % 86_400
    later = later + 86_400 if later < 0 else later
    minutes, second = divmod(later, 60)
    parts: tuple[Part, ...] = (int(minutes) // 60, int(minutes) % 60, Decimal(second))
    return Temporal("Time", parts[: len(value.parts)])


# --- precision and boundaries ---------------------------------------------------------------------


def precision(value: Temporal) -> int:
    """Count the digits written: ``@2014`` has 4, ``@T10:30:00.000`` has 9."""
    last = value.parts[-1]
    fraction = -int(last.as_tuple().exponent) if isinstance(last, Decimal) else 0
    return _DIGITS[value.kind][len(value.parts) - 1] + fraction


def boundary(value: Temporal, digits: int | None, *, high: bool) -> Temporal | None:
    """Return the first or last value that ``value`` may stand for, ``digits`` precise.

    Without ``digits``: the day of a Date, the millisecond of the others.  A dateTime without a time
    zone gets the one that makes the boundary widest (+14:00 for the low, -12:00 for the high one).
    ``None`` where no value has so many digits.
    """
    sizes = _DIGITS["DateTime" if value.kind == "Date" else value.kind]
    finest = sizes[-1] + 3
    if digits is None:
        digits = 8 if value.kind == "Date" else finest
    if digits == finest:
        size = len(sizes)
    elif digits in sizes:
        size = sizes.index(digits) + 1
    else:
        return None
    parts = _filled(value, high=high)[:size]
    if digits != finest and len(parts) == len(sizes):
        parts = (*parts[:-1], Decimal(int(parts[-1])))
    offset = value.offset
    if value.kind != "Time" and offset is None and size > 3:
        offset = _WESTMOST if high else _EASTMOST
    kind = "DateTime" if size > 3 and value.kind == "Date" else value.kind
    return Temporal(kind, parts, offset if size > 3 else None)


def _filled(value: Temporal, *, high: bool) -> tuple[Part, ...]:
    if value.kind == "Time":
        rest = _HIGHEST if high else _LOWEST
        full = value.parts + rest[3 + len(value.parts) :]
    else:
        full = _last(value.parts) if high else value.parts + _LOWEST[len(value.parts) :]
    return (*full[:-1], _milliseconds(Decimal(full[-1]), high=high))


def _milliseconds(seconds: Decimal, *, high: bool) -> Decimal:
    """Write three decimals; unwritten ones are all 0 or all 9."""
    if seconds.as_tuple().exponent == 0 and high:
        return seconds + Decimal("0.999")
    return seconds.quantize(Decimal("0.001"), ROUND_DOWN)
