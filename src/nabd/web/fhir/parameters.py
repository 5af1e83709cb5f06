"""Parameters of interactions that are no search: names that are known, values that are typed.

http://hl7.org/fhir/R4/http.html#parameters
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qsl

from nabd.errors import Problem, issue, problem
from nabd.web.fhir.exchange import Call, Parameters

T = TypeVar("T")

#: Understood on every address, and no search criteria.
GENERAL = frozenset({"_format", "_pretty"})
FIELDS = 1_000
END = datetime(9999, 12, 31, tzinfo=UTC)  # later is forever
_INSTANT = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def parsed(text: str) -> Parameters:
    """Read ``a=b&c=d``; Problem N7030 when it is not UTF-8, N7009 when there are too many."""
    if not text:
        return ()
    try:
        found = tuple(
            parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
        )
    except UnicodeDecodeError:
        raise problem("N7030") from None
    except ValueError:
        raise problem("N7009", "query", parameter="query", expected=f"≤ {FIELDS}") from None
    if any("\0" in name or "\0" in value for name, value in found):
        raise problem("N7030")
    return found


def only(call: Call, *known: str) -> dict[str, str]:
    """Return the parameters by name; refuse those that are not ``known``, unless lenient.

    Of a parameter that comes twice the last one counts.
    """
    if not call.query:
        return {}
    _refuse(call.query, GENERAL | frozenset(known), call.preference.lenient)
    return dict(call.query)


def repeated(query: Parameters, name: str) -> dict[str, str]:
    """Return a parameter that may come several times as one list, joined by commas."""
    values = [value for key, value in query if key == name]
    return {name: ",".join(values)} if values else {}


def _refuse(query: Parameters, known: Collection[str], lenient: bool) -> None:
    if not lenient and any(name not in known for name, _ in query):
        names = ", ".join(sorted(known))
        raise Problem([issue("N7010", known=names)])


def number(found: dict[str, str], name: str, default: int, most: int) -> int:
    """Read the size of a page; more than ``most`` is answered by ``most``."""
    text = found.get(name)
    if text is None:
        return default
    if not _COUNT.fullmatch(text):
        raise problem("N7009", name, parameter=name, expected="1, 2, 3, …")
    return min(int(text), most)


def moment(found: dict[str, str], name: str) -> datetime | None:
    """Read an instant; a date alone means its first moment, UTC."""
    text = found.get(name)
    if text is None:
        return None
    return _typed(name, text.replace(" ", "+"), _moment, "2026-11-23T10:00:00Z")


def period(found: dict[str, str], name: str) -> tuple[datetime, datetime] | None:
    """Read a date or a time and return its first and its last moment."""
    text = found.get(name)
    if text is None:
        return None
    first = _typed(name, text.replace(" ", "+"), _moment, "2026-11-23T10:00:00Z")
    return first, min(_last(text, first), END)


def _last(text: str, first: datetime) -> datetime:
    date, _, clock = text.partition("T")
    if clock:
        return first if "." in clock else first.replace(microsecond=999_999)
    years, months, days = [(1, 0, 0), (0, 1, 0), (0, 0, 1)][date.count("-")]
    try:
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        following = first.replace(year=year + years, month=month + 1) + timedelta(days=days)
    except (ValueError, OverflowError):  # the year 9999 has no next one
        return END
    return following - timedelta(microseconds=1)


def _moment(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise ValueError
    date, found, clock = text.partition("T")
    date += "-01" * (2 - date.count("-"))
    clock = re.sub(r"\.(\d{6})\d+", r".\1", clock)
    at = datetime.fromisoformat(date + found + clock)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _typed(name: str, text: str, read: Callable[[str], T], expected: str) -> T:
    try:
        return read(text)
    except (ValueError, OverflowError):
        raise problem("N7009", name, parameter=name, expected=expected) from None
