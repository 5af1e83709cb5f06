"""Cleaning steps: what a mapping may do to a cell, each by name, none of them guessing.

A step is a word, or a table with one word and its argument:

``"trim"`` ``"collapse"`` ``"upper"`` ``"lower"`` ``"digits"``, ``{replace = "regex", with = "…"}``,
``{date = "%d/%m/%Y"}``, ``{day-month = "fr"}``, ``{number = "integer"}``,
``{number = "decimal", comma = true}``, ``{boolean = ["oui", "non"]}``.

A step answers with the new value, or with the issue that says why the cell cannot be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from nabd.errors import Issue, issue

Step = Callable[[Any], Any]

MONTHS = {
    language: tuple(names.split())
    for language, names in {
        "fr": "janvier février mars avril mai juin "
        "juillet août septembre octobre novembre décembre",
        "ar": "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر",
    }.items()
}
SIMPLE: dict[str, Step] = {
    "trim": lambda value: value.strip() if isinstance(value, str) else value,
    "collapse": lambda value: " ".join(value.split()) if isinstance(value, str) else value,
    "upper": lambda value: value.upper() if isinstance(value, str) else value,
    "lower": lambda value: value.lower() if isinstance(value, str) else value,
    "digits": lambda value: _digits(value) if isinstance(value, str) else value,
}


def step(wish: str | dict[str, Any]) -> Step | None:
    """Make the step that a mapping asks for; ``None`` when there is no such step."""
    if isinstance(wish, str):
        return SIMPLE.get(wish)
    for name, make in PARAMETRIC.items():
        if name in wish:
            try:
                return make(wish)
            except (KeyError, TypeError, ValueError, re.error):
                return None
    return None


def text(value: Any) -> str | int | Decimal | bool | Issue | None:
    """Return a cell as text unless a step has given it a type; empty cells are ``None``.

    A date that no step has read is an issue: the spreadsheet may have made it out of a name.
    """
    if value is None or isinstance(value, (bool, int, Decimal, Issue)):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (date, datetime)):
        return issue("N5022", found="a date")
    return str(value) or None


def _replace(wish: dict[str, Any]) -> Step:
    pattern, new = re.compile(wish["replace"]), str(wish["with"])
    return lambda value: pattern.sub(new, value) if isinstance(value, str) else value


def _date(wish: dict[str, Any]) -> Step:
    form = str(wish["date"])

    def read(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.date().isoformat()
        if not isinstance(value, str) or not value:
            return value
        try:
            return datetime.strptime(value, form).date().isoformat()  # noqa: DTZ007 -- a day
        except ValueError:
            return issue("N5023", form=form)

    return read


def _day_month(wish: dict[str, Any]) -> Step:
    months = MONTHS[wish["day-month"]]

    def write(value: Any) -> Any:
        """Give back the name, such as "9 juillet", that the spreadsheet took for a date."""
        return f"{value.day} {months[value.month - 1]}" if isinstance(value, datetime) else value

    return write


def _number(wish: dict[str, Any]) -> Step:
    make = {"integer": int, "decimal": Decimal}[wish["number"]]
    comma = bool(wish.get("comma"))

    def read(value: Any) -> Any:
        if value is None or value == "":
            return None
        plain = _digits(str(value)).strip()
        try:
            number = Decimal(plain.replace(",", ".") if comma else plain)
            if not number.is_finite() or (make is int and number != int(number)):
                raise InvalidOperation
            return int(number) if make is int else number
        except InvalidOperation:
            return issue("N5024", form=wish["number"])

    return read


def _boolean(wish: dict[str, Any]) -> Step:
    yes, no = (str(word).casefold() for word in wish["boolean"])

    def read(value: Any) -> Any:
        if value is None or value == "" or isinstance(value, bool):
            return value
        known = {yes: True, no: False}
        word = str(value).strip().casefold()
        return known[word] if word in known else issue("N5025", yes=yes, no=no)

    return read


def _digits(value: str) -> str:
    """Write Arabic-Indic and other decimal digits as 0 to 9."""
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in value)


PARAMETRIC: dict[str, Callable[[dict[str, Any]], Step]] = {
    "replace": _replace,
    "date": _date,
    "day-month": _day_month,
    "number": _number,
    "boolean": _boolean,
}
