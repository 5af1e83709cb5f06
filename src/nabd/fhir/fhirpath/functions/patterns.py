r"""Regular expressions that cannot hang the server.

Python's engine backtracks: ``(a+)+$`` on thirty letters runs for minutes, and nothing can stop it.
So a pattern is read first and refused (N2213) when a repetition without a bound stands inside
another one, the shape behind almost every exponential case; patterns and texts are bounded too.
What remains is at most polynomial in a short text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as reader  # type: ignore[attr-defined]
from typing import Any

from nabd.errors import problem

_LONGEST_PATTERN = 1_000
_LONGEST_TEXT = 100_000
_MANY = 64
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
    try:
        if _nested(reader.parse(regex, re.DOTALL), inside=False):
            return "(…+)+"
        return re.compile(regex, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        return getattr(error, "msg", "too large")


def _nested(part: Any, *, inside: bool) -> bool:
    """Find a long repetition inside a long repetition, in the tree that ``re`` itself builds."""
    for operator, argument in part:
        within = inside
        if operator in _REPEATS and argument[1] > _MANY:
            if inside:
                return True
            within = True
        if any(_nested(inner, inside=within) for inner in _inner(argument)):
            return True
    return False


def _inner(argument: Any) -> list[Any]:
    if isinstance(argument, reader.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [found for one in argument for found in _inner(one)]
    return []
