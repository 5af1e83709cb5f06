"""Take a name as written apart: titles, particles, compound names, placeholders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from nabd.identity.names.lexicon import WHOLE, Words, known, spelled, words
from nabd.identity.names.person import PersonName, Token
from nabd.identity.names.script import arabic_form, folded, is_arabic, latin_form
from nabd.identity.names.spell import spell
from nabd.identity.names.spelling import skeleton, sounds

_BETWEEN = re.compile(r"[\s\-‐-―_,;:/\\()\[\]\"«»“”„…|+*&،؛]+")
_MARKS = ".'`´’‘ʼʿʾ!?<>"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_GOD = frozenset({"allah", "ellah", "ullah", "llah", "ah", "lah"})
_ABD = re.compile(r"abd(?:[aeou]*l(?=[^l]|l)|[aeou]*(?=([a-z])\1)|[aeou]*(?=[^aeioul]))(.{2,})")
_ARTICLE = re.compile(
    r"e(?=([tdsznr])\1)|e(?:ch|sh)(?=ch|sh)|el(?=.{4}|[^aeiouly]..)|al(?=[^aeioulh].{4})"
)
LONGEST_JOIN = 4


class Word(NamedTuple):
    """A word of a name."""

    written: str
    form: str
    point: bool = False  # a point stood after it: "M."


@lru_cache(maxsize=1 << 17)
def parse(given: str, family: str = "") -> PersonName:
    """Take a person's name apart, as written in the two fields of a register.

    Without a family name the order of the words is unknown. Never raises, whatever the text.
    """
    first, last = _part(given, False), _part(family, True)
    return PersonName(
        first.tokens,
        last.tokens,
        first.titles,
        first.placeholder or last.placeholder,
        bool(last.tokens),
    )


class Part(NamedTuple):
    """What one of the two fields of a name comes to."""

    tokens: tuple[Token, ...]
    titles: tuple[str, ...]
    placeholder: bool


@lru_cache(maxsize=1 << 17)
def _part(text: str, family: bool) -> Part:
    written = _without_beside(_words(text))
    titles, found = ((), written) if family else _without_titles(written)
    placeholder, found = _without_placeholder(found, family)
    return Part(tuple(_tokens(found)), titles, placeholder)


def _words(text: str) -> tuple[Word, ...]:
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
        if _UNSPACED.search(text):
            text = re.sub("(?<=[a-z])(?=[A-Z])", " ", anyascii(text))
    found = map(_word, _BETWEEN.split(text))
    return tuple([word for word in found if word.form])


@lru_cache(maxsize=1 << 17)
def _word(part: str) -> Word:
    form = arabic_form(part) if is_arabic(part) else latin_form(part)
    return Word(part.strip(_MARKS), form, part.endswith("."))


def _without_beside(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Drop what says whose name another one is: "Alami épouse Tazi" has both names."""
    first, beside = found[:1], words().beside
    return first + tuple(word for word in found[1:] if folded(word.form) not in beside)


def _without_titles(found: tuple[Word, ...]) -> tuple[tuple[str, ...], tuple[Word, ...]]:
    table = words()
    titles: list[str] = []
    kept: list[Word] = []
    for place, word in enumerate(found):
        more = place + 1 < len(found) and not (kept and kept[-1].form in table.joins)
        alone = len(found) == 1 and folded(word.form) in table.polite
        if alone or (more and _is_title(table, word)):
            titles.append(word.form)
            while kept and folded(kept[-1].form) in table.articles:
                kept.pop()
        else:
            kept.append(word)
    return tuple(titles), tuple(kept)


def _is_title(table: Words, word: Word) -> bool:
    return folded(word.form) in table.titles or (word.point and word.form in table.before_point)


def _without_placeholder(found: tuple[Word, ...], family: bool) -> tuple[bool, tuple[Word, ...]]:
    """Empty a name that stands for none: the names after "Nouveau-né de" are the mother's."""
    table = words()
    if not found:
        return False, found
    first = folded(found[0].form)
    child = not family and len(found) > 1 and first in table.child
    if first in table.placeholders or child:
        return True, ()
    return False, found


def _tokens(found: tuple[Word, ...]) -> Iterator[Token]:
    table = words()
    place = 0
    while place < len(found):
        form, size = _next(table, found, place)
        written = " ".join(word.written for word in found[place : place + size])
        place += size
        if form:
            yield from (token(written, part) for part in _split(form))


def _next(table: Words, found: tuple[Word, ...], place: int) -> tuple[str, int]:
    """Return the form of the next name and of how many words it is made."""
    left = len(found) - place
    for size in range(min(LONGEST_JOIN, left), 1, -1):
        joined = "".join(word.form for word in found[place : place + size])
        if spelled(joined):
            return without_article(joined), size
    word = found[place]
    if left > 1 and _is_article(table, word.form, found[place + 1].form):
        form, size = _next(table, found, place + 1)
        return form, size + 1
    kept = table.joins.get(folded(word.form))
    if kept and left > 1:
        return _joined(table, kept, found, place)
    if left > 1:
        ending = table.endings.get(folded(found[place + 1].form))
        if ending:
            return word.form + ending, 2
    return without_article(word.form), 1


def _is_article(table: Words, form: str, following: str) -> bool:
    if folded(form) in table.articles:
        return True
    return form in table.assimilated and following[:1] in form[1:]


def _joined(table: Words, kept: str, found: tuple[Word, ...], place: int) -> tuple[str, int]:
    """Join a particle and the name after it, without the article between them."""
    after, size = found[place + 1].form, 2
    if len(found) > place + 2 and _is_article(table, after, found[place + 2].form):
        after, size = found[place + 2].form, 3
    if kept in ("abd", "عبد"):
        return kept + _name_of_god(after), size
    return kept + without_article(after), size


def _name_of_god(form: str) -> str:
    if form in _GOD:
        return "lah"
    if is_arabic(form):
        return form.removeprefix("ال")
    return form if spelled("abd" + form) else without_article(form)


@lru_cache(maxsize=1 << 17)
def without_article(form: str) -> str:
    """Drop the article that is written as one with the name, and the ways to write Abd.

    >>> without_article("elidrissi"), without_article("ettahiri"), without_article("alaoui")
    ('idrissi', 'tahiri', 'alaoui')
    >>> without_article("abderrahmane"), without_article("العلوي"), without_article("عبدالله")
    ('abdrahmane', 'علوي', 'عبدله')
    """
    return _bare_arabic(form) if is_arabic(form) else _bare_latin(form)


def _bare_arabic(form: str) -> str:
    if form.startswith("عبدال") and len(form) > 6:
        return "عبد" + form[5:]
    if form.startswith(("أبوال", "ابوال")) and len(form) > 7:
        return "أبو" + form[5:]
    whole = not form.startswith("ال") or len(form) < 5 or form in WHOLE
    return form if whole else form[2:]


def _bare_latin(form: str) -> str:
    god = _ABD.fullmatch(form)
    if god and len(form) > 6:
        return "abd" + ("lah" if god[2] in _GOD else re.sub(r"^(.)\1", r"\1", god[2]))
    if spelled(form):
        return form
    if form.startswith("aboul") and len(form) > 7:
        return "abou" + form[5:]
    article = _ARTICLE.match(form)
    return re.sub(r"^(.)\1", r"\1", form[article.end() :]) if article else form


def _split(form: str) -> tuple[str, ...]:
    """Take two well-known given names apart that are written as one: "Fatimazahra".

    A short first one only where an article follows: "Nourelhouda".
    """
    if len(form) < 8 or known(form):
        return (form,)
    for place in range(3, len(form) - 3):
        rest = without_article(form[place:])
        long = place > 4 and len(form) > 8
        if (long or rest != form[place:]) and spelled(form[:place]) and spelled(rest):
            return form[:place], rest
    return (form,)


@lru_cache(maxsize=1 << 17)
def token(written: str, form: str) -> Token:
    """Make the token of a form."""
    arabic = is_arabic(form)
    found = known(form)
    latin = _latin(form, found.canonical if found else "") if arabic else form
    return Token(
        written=written,
        form=form,
        latin=latin,
        skeleton=skeleton(
            without_article(found.canonical) if found else form, arabic and not found
        ),
        canonical=found.canonical if found else "~" + sounds(latin),
        script="arabic" if arabic else "latin",
        feminine=feminine_ending(form) if found is None else found.feminine,
    )


def _latin(arabic: str, canonical: str) -> str:
    return canonical or spell(arabic)


def feminine_ending(form: str) -> bool | None:
    """Read the ending of a name that no table has: ة and -a are a woman's, mostly.

    Not -ah, which may be ح: Salah, Misbah.
    """
    if is_arabic(form):
        return True if form.endswith("ة") else None if form[-1] in "اىهءيو" else False
    if re.search("[^aeiouy]a$", form):
        return True
    return False if re.search("[^aeiouyh]e?$", form) else None
