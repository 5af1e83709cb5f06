"""The tables of names and of the words beside names, from ``data/*.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nabd.identity.names.script import arabic_form, folded, is_arabic, latin_form
from nabd.identity.names.spelling import sounds

DATA = Path(__file__).parent / "data"
FILES = ("given", "family")
_LATIN_ARTICLE = re.compile("^(?:e[ltsrzd]|ech)-")
SPOKEN = str.maketrans("ثذظ", "تدض")  # as they are spoken in Morocco, and often typed
WHOLE = frozenset({"الياس", "الهام", "الله"})  # they begin with ال and have no article


class Known(NamedTuple):
    """A well-known name."""

    canonical: str
    feminine: bool | None
    family: bool


class Entry(NamedTuple):
    """One line of a table of names."""

    known: Known
    latin: tuple[str, ...]
    arabic: tuple[str, ...]


def form_of(word: str) -> str:
    """Return the form in which words of either script are looked up.

    >>> form_of("Lhoucine"), form_of("أحمد"), form_of("نور-الدين")
    ('lhoucine', 'احمد', 'نورالدين')
    """
    return folded(arabic_form(word)) if is_arabic(word) else latin_form(word)


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@cache
def entries() -> tuple[Entry, ...]:
    """Read the tables of given names and of family names."""
    sexes = {"f": True, "m": False}
    abd = (
        Entry(
            Known(name, False, False),
            tuple("abd" + word for word in line["latin"].split()),
            tuple("عبد" + word for word in line["arabic"].split()),
        )
        for name, line in _read("abd").items()
    )
    return (
        *abd,
        *(
            Entry(
                Known(name, sexes.get(line.get("sex", "")), file == "family"),
                (name, *line["latin"].split()),
                tuple(line["arabic"].split()),
            )
            for file in FILES
            for name, line in _read(file).items()
        ),
    )


@cache
def spellings() -> dict[str, Known]:
    """Index every spelling, folded, then the sounds of each where they lead to one name only."""
    found: dict[str, Known] = {}
    by_sound: dict[str, set[Known]] = {}
    for known, latin, arabic in entries():
        for word in (*latin, *arabic):
            if not _LATIN_ARTICLE.match(word):
                found.setdefault(form_of(word), known)
        for word in (*latin, *arabic):
            found.setdefault(form_of(bare(word)), known)
        for word in latin:
            sound = sounds(latin_form(word))
            by_sound.setdefault(sound, set()).add(known)
            by_sound.setdefault(_plain(sound), set()).add(known)
        for word in arabic:
            by_sound.setdefault(form_of(bare(word)).translate(SPOKEN), set()).add(known)
    for sound, names in by_sound.items():
        if len(names) == 1:
            found.setdefault("~" + sound, next(iter(names)))
    return found


def known(form: str) -> Known | None:
    """Return the well-known name that a form spells, if it is one."""
    names, form = spellings(), folded(form)
    if found := names.get(form):
        return found
    if is_arabic(form):
        return names.get("~" + form.translate(SPOKEN))
    sound = sounds(form)
    return names.get("~" + sound) or names.get("~" + _plain(sound))


_UNSTRESSED = re.compile("e(?=.*[aiu])|e(?=.+e)")


def _plain(sound: str) -> str:
    """Write an e before the last vowel as a: which of the two is heard there is the clerk's.

    >>> _plain("muhemad"), _plain("samer")
    ('muhamad', 'samer')
    """
    return _UNSTRESSED.sub("a", sound)


def spelled(form: str) -> bool:
    """Say whether a table has exactly this spelling."""
    return folded(form) in spellings()


def bare(word: str) -> str:
    """Return a word of the tables without its article.

    >>> bare("el-habib"), bare("العربي"), bare("الياس")
    ('habib', 'عربي', 'الياس')
    """
    if word in WHOLE or len(word) < 5:
        return word
    return _LATIN_ARTICLE.sub("", word).removeprefix("ال")


def pairs() -> Iterator[tuple[str, str]]:
    """Yield each Arabic spelling with each Latin one, both without article and particles apart."""
    for _, latin, arabic in entries():
        for word in arabic:
            for other in latin:
                if "-" not in word + other:
                    yield arabic_form(bare(word)), latin_form(other)


class Words(NamedTuple):
    """Words that stand beside names."""

    titles: frozenset[str]
    polite: frozenset[str]
    before_point: frozenset[str]
    articles: frozenset[str]
    assimilated: frozenset[str]
    beside: frozenset[str]
    placeholders: frozenset[str]
    child: frozenset[str]
    joins: dict[str, str]
    endings: dict[str, str]
    all: frozenset[str]


def _forms(text: str) -> frozenset[str]:
    return frozenset(map(form_of, text.split()))


@cache
def words() -> Words:
    """Read the table of words."""
    read = _read("words")
    joins, endings = (
        {form_of(word): kept for word, kept in read[kind].items()} for kind in ("joins", "endings")
    )
    sets = (
        _forms(read["titles"]),
        _forms(read["polite"]),
        _forms(read["titles_before_point"]),
        _forms(read["articles"]),
        _forms(read["assimilated"]),
        _forms(read["beside"]),
        _forms(read["placeholders"]["first"]),
        _forms(read["placeholders"]["child"]),
    )
    return Words(*sets, joins, endings, frozenset().union(*sets, joins, endings))


@cache
def related() -> frozenset[frozenset[str]]:
    """Read the pairs of names that one person may carry both of."""
    return frozenset(frozenset(pair) for pair in _read("pairs")["related"])
