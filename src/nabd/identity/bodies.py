"""Take the name of an establishment apart: kind, number, and what is left to compare.

The tables are data, ``data/aliases.toml``: which names are one body's, which words tell a kind,
which tell a number. A name that the table knows is that body by the table alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from nabd.identity.names import Token, parse
from nabd.identity.names.script import arabic_form, folded, is_arabic, latin_form

DATA = Path(__file__).parent / "data"
BETWEEN = re.compile(r"[^\w]+")
BRACKETS = re.compile(r"\(([^)]*)\)?")
Words = tuple[str, ...]


class BodyName(NamedTuple):
    """A name of an establishment, taken apart."""

    alias: str  # the body that the table knows under this name, "" for none
    kind: str  # "hospital", "health-centre", …; "" where the name does not tell
    number: str
    tokens: tuple[Token, ...]


class _Tables(NamedTuple):
    alias: Mapping[Words, str]
    kind: Mapping[Words, str]
    number: Mapping[str, str]
    small: frozenset[str]


@cache
def tables() -> _Tables:
    """Read the tables; their words in the form in which names are looked up."""
    raw = tomllib.loads((DATA / "aliases.toml").read_text("utf-8"))
    small = frozenset(map(_form, raw["words"]["small"]))
    return _Tables(
        {_without(words(name), small): body for body, name in _lines(raw["bodies"], "names")},
        {words(text): kind for kind, text in _lines(raw["kinds"])},
        {_form(text): number for number, text in _lines(raw["numbers"])},
        small,
    )


def _lines(table: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, str]]:
    for name, texts in table.items():
        for text in texts[inside] if inside else texts:
            yield name, text


def _without(found: Words, small: frozenset[str]) -> Words:
    return tuple(word for word in found if word not in small)


def words(text: str) -> Words:
    """Split a text into words in one form: no case, accents, marks, nor Arabic article.

    >>> words("Hôpital Béni-Mellal"), words("المستشفى") == words("مستشفى")
    (('hopital', 'beni', 'mellal'), True)
    """
    return tuple(form for part in BETWEEN.split(text) if (form := _form(part)))


@lru_cache(maxsize=16384)
def _form(word: str) -> str:
    if is_arabic(word):
        form = folded(arabic_form(word))
        if form.startswith("لل"):  # "of the": لل joins preposition and article
            form = form[2:]
        return form.removeprefix("ال") if len(form) > 4 else form
    digits = "".join(c for c in word if c.isdigit())
    return digits + latin_form(word)


def alias_of(text: str) -> str:
    """Return the body that a name is known to be: whole, without brackets, or what is in them.

    >>> alias_of("Instance supérieure pour la législation intégrée de la Santé"), alias_of("AMSD")
    ('has', 'amsd')
    >>> alias_of("Haute Autorité de la Concurrence")
    ''
    """
    known, small = tables().alias, tables().small
    ways = (text, BRACKETS.sub(" ", text), *BRACKETS.findall(text))
    found = (known.get(_without(words(way), small), "") for way in ways)
    return next(filter(None, found), "")


@lru_cache(maxsize=16384)
def body_name(text: str) -> BodyName:
    """Take a name apart.

    >>> name = body_name("Hôpital provincial Hassan II")
    >>> name.kind, name.number, [token.canonical for token in name.tokens]
    ('hospital', '2', ['hassan'])
    """
    found = words(text)
    kind, rest = _kind(found)
    number = next((tables().number[word] for word in rest if word in tables().number), "")
    kept = [w for w in rest if w not in tables().number and w not in tables().small]
    # of "Hôpital d'enfants" something must be left
    return BodyName(alias_of(text), kind, number, parse(" ".join(kept or found)).tokens)


def _kind(found: Words) -> tuple[str, Words]:
    """Find the longest words that tell a kind, and return what is left without them."""
    kinds = tables().kind
    for size in range(min(4, len(found)), 0, -1):
        for at in range(len(found) - size + 1):
            if kind := kinds.get(found[at : at + size]):
                rest = found[:at] + found[at + size :]
                return kind, tuple(word for word in rest if kinds.get((word,)) != kind)
    return "", found
