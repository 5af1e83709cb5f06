r"""Regular expressions that cannot hang the server.

Python's engine backtracks: ``(a+)+$`` on thirty letters runs for minutes, and nothing can stop it.
So a pattern is read first and refused (N2213) when one turn of a long repetition can be cut in
several ways: when it contains another repetition or an ambiguous choice.  ``(,\d+)*`` is let pass:
each turn starts with a comma, and nothing else in it can be one.  Patterns and texts are bounded;
what remains is at most polynomial in a short text.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any

from nabd.errors import problem

_LONGEST_PATTERN = 1_000
_LONGEST_TEXT = 10_000
_MANY = 64
# A named group as PCRE, Java and JavaScript write it; a backslash before it is no escape of it
# when it is escaped itself. ``(?<=`` and ``(?<!`` look back.
_NAMED = re.compile(r"((?<!\\)(?:\\\\)*)\(\?<(?![=!])")
_REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT}


def pattern(regex: str, text: str) -> re.Pattern[str]:
    """Compile ``regex`` for ``text``; a dot matches line ends too (single-line mode).

    Raises:
        Problem: N2213 when it is no regular expression, or one that could run for ever.
    """
    if len(text) > _LONGEST_TEXT:
        raise problem("N2213", reason=f"text > {_LONGEST_TEXT}")
    compiled = _compiled(regex)
    if isinstance(compiled, str):
        raise problem("N2213", reason=compiled)
    return compiled


@lru_cache(maxsize=1024)
def _compiled(regex: str) -> re.Pattern[str] | str:
    if len(regex) > _LONGEST_PATTERN:
        return f"length > {_LONGEST_PATTERN}"
    regex = _NAMED.sub(r"\1(?P<", regex)
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning would quote the pattern
            if _ambiguous(reader.parse(regex, re.DOTALL), inside=False):
                return "(…+)+"
            return re.compile(regex, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        return getattr(error, "msg", "too large")


def _ambiguous(part: Any, *, inside: bool) -> bool:
    """Find a turn that can be cut in several ways, in the tree that ``re`` itself builds."""
    for operator, argument in part:
        within = inside
        if operator in _REPEATS:
            least, most, body = argument
            if inside and least != most:
                return True
            if most > _MANY:
                within = not _fenced(body)
        elif operator is constants.BRANCH and inside and not _distinct(argument[1]):
            return True
        if any(_ambiguous(one, inside=within) for one in _inner(argument)):
            return True
    return False


def _fenced(body: Any) -> bool:
    """Tell whether each turn starts with a character that nothing else in it can be."""
    items = list(body)
    if len(items) == 1 and items[0][0] is constants.SUBPATTERN:
        items = list(items[0][1][3])
    if not items or items[0][0] is not constants.LITERAL:
        return False
    return not any(_can_be(item, items[0][1]) for item in items[1:])


def _can_be(item: Any, code: int) -> bool:
    """Tell whether an item of a pattern can match a character; in doubt, it can."""
    operator, argument = item
    if operator is constants.LITERAL:
        return bool(argument == code)
    if operator is constants.NOT_LITERAL:
        return bool(argument != code)
    if operator is constants.IN:
        return _in_set(argument, chr(code))
    inner = _inner(argument)
    return not inner or any(_can_be(one, code) for part in inner for one in part)


def _distinct(branches: Any) -> bool:
    """Tell whether the first character decides which branch it is."""
    firsts = [list(branch)[:1] for branch in branches]
    literals = {one[0][1] for one in firsts if one and one[0][0] is constants.LITERAL}
    return len(literals) == len(firsts)


def _in_set(items: Any, character: str) -> bool:
    code, negated, found = ord(character), False, False
    for operator, argument in items:
        if operator is constants.NEGATE:
            negated = True
        elif operator is constants.LITERAL:
            found = found or argument == code
        elif operator is constants.RANGE:
            found = found or argument[0] <= code <= argument[1]
        else:
            found = found or re.match(_CATEGORY[argument], character) is not None
    return found != negated


_CATEGORY = {
    constants.CATEGORY_DIGIT: r"\d",
    constants.CATEGORY_NOT_DIGIT: r"\D",
    constants.CATEGORY_SPACE: r"\s",
    constants.CATEGORY_NOT_SPACE: r"\S",
    constants.CATEGORY_WORD: r"\w",
    constants.CATEGORY_NOT_WORD: r"\W",
}


def _inner(argument: Any) -> list[Any]:
    if isinstance(argument, reader.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [found for one in argument for found in _inner(one)]
    return []
