"""Cut a FHIRPath expression into tokens: http://hl7.org/fhirpath/N1/#lexical-elements."""

from __future__ import annotations

import re
from typing import NamedTuple

from nabd.errors import Problem, problem

#: An expression is written by a person; a longer one is an accident or an attack.
LONGEST = 20_000

_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_TIME = r"\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_QUOTED = r"`(?:[^`\\]|\\.)*`"
_STRING = r"'(?:[^'\\]|\\.)*'"
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)+)
  | (?P<datetime>@{_DATE}(?:T(?:{_TIME}(?:Z|[+-]\d{{2}}:\d{{2}})?)?)?)
  | (?P<time>@T{_TIME})
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<string>{_STRING})
  | (?P<name>{_NAME})
  | (?P<delimited>{_QUOTED})
  | (?P<variable>%(?:(?:vs|ext)-[A-Za-z0-9-]+|{_NAME}|{_QUOTED}|{_STRING}))
  | (?P<special>\$(?:this|index|total)\b)
  | (?P<symbol><=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{{}}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"} | {c: c for c in "'\"`\\/"}


class Token(NamedTuple):
    """A piece of the expression: its kind, its text (unescaped) and where it starts."""

    kind: str
    text: str
    at: int


def syntax_problem(expression: str, at: int, expected: str) -> Problem:
    """Say where an expression stops being one (N2201).

    ``expected`` is in the words of the grammar.  Only one character is shown of what was found: an
    expression may hold a patient's identifier, and texts may be logged.
    """
    return problem("N2201", at=at + 1, expected=expected, found=expression[at : at + 1] or "EOF")


def tokens(expression: str) -> list[Token]:
    """Cut ``expression``; the last token has the kind ``end``.

    Raises:
        Problem: N2201 where no token can start; N2202 when it is too long.
    """
    if len(expression) > LONGEST:
        raise problem("N2202", limit=f"{LONGEST} characters")
    found: list[Token] = []
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            raise syntax_problem(expression, at, "term | operator")
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, _text(expression, kind, match.group(), at), at))
        at = match.end()
    found.append(Token("end", "", at))
    return found


def _text(expression: str, kind: str, raw: str, at: int) -> str:
    if kind in ("string", "delimited"):
        return _unescaped(expression, raw[1:-1], at)
    if kind == "variable":
        return _unescaped(expression, raw[1:].strip("`'"), at)
    return raw


def _unescaped(expression: str, text: str, at: int) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _ESCAPED:
            raise syntax_problem(expression, at, r"\' \n \u00e9")
        return _ESCAPED[code]

    return _ESCAPE.sub(replace, text) if "\\" in text else text
