"""Read ``_filter``: ``name co "ben" and not (birthdate lt 1990 or gender eq male)``.

http://hl7.org/fhir/R4/search_filter.html.  The grammar becomes the nodes of any other search:
every path is one that a plain search could have, chains and ``_has`` included.  ``and`` and
``or`` are read from the left, as the standard says; a filter in brackets inside a path is refused.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import msgspec

from nabd.errors import Problem, problem
from nabd.fhir.search.criteria import Scope, criterion
from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.query import Node, Not

#: More comparisons, or parentheses in parentheses, than any question has.
MOST = 100
DEEPEST = 20

OPERATORS = frozenset(
    {
        *("eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb"),
        *("pr", "po", "ss", "sb", "in", "ni", "re"),
    }
)
_WORD = re.compile(
    r"""\s*(?:(?P<mark>[()\[\]])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[^\s()\]"][^\s()\]]*))"""
)


class _Word(NamedTuple):
    text: str
    quoted: bool = False


def filtered(scope: Scope, text: str) -> Node:
    """Read a filter; Problem N2527 where its grammar is broken, N25xx as any search."""
    reading = _Reading(scope, _words(text))
    node = reading.filter(0)
    if reading.words:
        raise problem("N2527", "_filter", place=reading.place)
    return node


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    end = 0
    text = text.rstrip()
    while end < len(text):
        match = _WORD.match(text, end)
        if match is None:
            raise problem("N2527", "_filter", place=len(words) + 1)
        end = match.end()
        words.append(_unquoted(match, len(words) + 1))
    return words


def _unquoted(match: re.Match[str], place: int) -> _Word:
    if match["text"] is None:
        return _Word(match["mark"] or match["word"])
    try:
        return _Word(str(json.loads(match["text"])), True)
    except ValueError:
        raise problem("N2527", "_filter", place=place) from None


class _Reading:
    """The words that are left, and how many comparisons were read."""

    def __init__(self, scope: Scope, words: list[_Word]) -> None:
        self.scope = scope
        self.words = words[::-1]
        self.total = len(words)
        self.comparisons = 0

    @property
    def place(self) -> int:
        """Count the word that is next, from 1."""
        return self.total - len(self.words) + 1

    def filter(self, depth: int) -> Node:
        """Read comparisons joined by ``and`` and ``or``, from the left."""
        if depth > DEEPEST:
            raise problem("N2520", "_filter")
        node = self.term(depth)
        while self.words and self.words[-1].text in ("and", "or") and not self.words[-1].quoted:
            join = all_of if self.next().text == "and" else any_of
            node = join([node, self.term(depth)])
        return node

    def term(self, depth: int) -> Node:
        """Read one comparison, or a filter in parentheses."""
        word = self.next()
        if word == _Word("("):
            return self.inside(depth)
        if word == _Word("not") and self.words and self.words[-1] == _Word("("):
            self.next()
            return Not(self.inside(depth))
        return self.comparison(word)

    def inside(self, depth: int) -> Node:
        """Read a filter up to its closing parenthesis."""
        node = self.filter(depth + 1)
        if self.next() != _Word(")"):
            raise problem("N2527", "_filter", place=self.place - 1)
        return node

    def comparison(self, path: _Word) -> Node:
        """Read what follows a path: operator and value."""
        operator, value = self.next(), self.next()
        self.comparisons += 1
        if self.comparisons > MOST:
            raise problem("N2520", "_filter")
        marks = [one for one in (path, operator, value) if one.text in "()[]" and not one.quoted]
        if marks or path.quoted or "[" in path.text or operator.text not in OPERATORS:
            raise problem("N2527", "_filter", place=self.place - 3)
        if not value.text:
            raise problem("N2507", "_filter")
        scope = msgspec.structs.replace(self.scope, operator=operator.text)
        return _placed(scope, path.text, value.text)

    def next(self) -> _Word:
        """Take the next word; N2527 when there is none."""
        if not self.words:
            raise problem("N2527", "_filter", place=self.total + 1)
        return self.words.pop()


def _placed(scope: Scope, path: str, value: str) -> Node:
    try:
        return criterion(scope, path, value)
    except Problem as found:
        raise Problem([msgspec.structs.replace(i, path="_filter") for i in found.issues]) from None
