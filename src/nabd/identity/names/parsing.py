"""Take a name as written apart: titles, particles, compound names, placeholders."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec
from anyascii import anyascii

from nabd.identity.names.lexicon import WHOLE, Words, known, spelled, spellings, words
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
_WOMANS, _MANS = re.compile("[^aeiouy]a$"), re.compile("[^aeiouyh]e?$")
LONGEST_JOIN = 4
_SCRIPTS = "latin", "arabic"


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word of a name, and all that can be said of it before its neighbours are seen."""

    written: str
    form: str
    folded: str  # as the tables have it
    point: bool  # a point stood after it: "M."
    special: bool  # a table of words beside names has it; most words of names are none of those
    tokens: tuple[Token, ...]  # the names that it is where it is joined to no other word


@lru_cache(maxsize=1 << 17)
def parse(given: str, family: str = "") -> PersonName:
    """Take a person's name apart, as written in the two fields of a register.

    Without a family name the order of the words is unknown. Never raises, whatever the text.
    """
    first, last = part_of(given, family=False), part_of(family, family=True)
    return PersonName(
        first.tokens,
        last.tokens,
        first.titles,
        first.placeholder or last.placeholder,
        bool(last.tokens),
    )


class Part(msgspec.Struct, frozen=True, gc=False):
    """What one of the two fields of a name comes to."""

    tokens: tuple[Token, ...]
    titles: tuple[str, ...] = ()
    placeholder: bool = False


def part_of(text: str, *, family: bool) -> Part:
    """Take one of the two fields of a name apart; a family name has no titles."""
    found = _words(text)
    if not [word for word in found if word.special]:
        return Part(_tokens(found))
    found = _without_beside(found)
    titles, found = ((), found) if family else _without_titles(found)
    if _stands_for_none(found, family):
        return Part((), titles, True)
    return Part(_tokens(found), titles)


def _words(text: str) -> list[Word]:
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
        if _UNSPACED.search(text):
            text = re.sub("(?<=[a-z])(?=[A-Z])", " ", anyascii(text))
    return [word for part in _BETWEEN.split(text) if (word := _word(part)).form]


@lru_cache(maxsize=1 << 17)
def _word(part: str) -> Word:
    written = part.strip(_MARKS)
    form = arabic_form(part) if is_arabic(part) else latin_form(part)
    plain = folded(form)
    tokens = _names(written, without_article(form))
    return Word(written, form, plain, part.endswith("."), plain in words().all, tokens)


def _without_beside(found: list[Word]) -> list[Word]:
    """Drop what says whose name another one is: "Alami épouse Tazi" has both names."""
    beside = words().beside
    return found[:1] + [word for word in found[1:] if word.folded not in beside]


def _without_titles(found: list[Word]) -> tuple[tuple[str, ...], list[Word]]:
    table = words()
    titles: list[str] = []
    kept: list[Word] = []
    for place, word in enumerate(found):
        more = place + 1 < len(found) and not (kept and kept[-1].form in table.joins)
        alone = len(found) == 1 and word.folded in table.polite
        if alone or (more and _is_title(table, word)):
            titles.append(word.form)
            while kept and kept[-1].folded in table.articles:
                kept.pop()
        else:
            kept.append(word)
    return tuple(titles), kept


def _is_title(table: Words, word: Word) -> bool:
    return word.folded in table.titles or (word.point and word.form in table.before_point)


def _stands_for_none(found: list[Word], family: bool) -> bool:
    """Say whether it is no name: the names after "Nouveau-né de" are the mother's."""
    if not found:
        return False
    first = found[0].folded
    child = not family and len(found) > 1 and first in words().child
    return child or first in words().placeholders


def _tokens(found: list[Word]) -> tuple[Token, ...]:
    if len(found) == 1:
        return found[0].tokens
    tokens: list[Token] = []
    place = 0
    while place < len(found):
        form, size = _next(found, place)
        written = " ".join([word.written for word in found[place : place + size]])
        tokens += found[place].tokens if size == 1 else _names(written, form)
        place += size
    return tuple(tokens)


def _names(written: str, form: str) -> tuple[Token, ...]:
    return tuple([token(written, part) for part in _split(form)]) if form else ()


def _next(found: list[Word], place: int) -> tuple[str, int]:
    """Return the form of the next name and of how many words it is made."""
    size = _spelled_as_one(found, place)
    if size > 1:
        return without_article("".join([word.form for word in found[place : place + size]])), size
    word, following = found[place], found[place + 1] if place + 1 < len(found) else None
    if following and (word.special or following.special):
        return _beside(found, place)
    return without_article(word.form), 1


def _spelled_as_one(found: list[Word], place: int) -> int:
    """Return how many words a table of names has as one, at the most."""
    text, longest = found[place].folded, 1
    for size, word in enumerate(found[place + 1 : place + LONGEST_JOIN], 2):
        text += word.folded
        if text in spellings():
            longest = size
    return longest


def _beside(found: list[Word], place: int) -> tuple[str, int]:
    """Join a word and the one after it where the tables of words say so."""
    table, word, following = words(), found[place], found[place + 1]
    if _is_article(table, word, following):
        form, size = _next(found, place + 1)
        return form, size + 1
    if kept := table.joins.get(word.folded):
        return _joined(table, kept, found, place)
    if ending := table.endings.get(following.folded):
        return word.form + ending, 2
    return without_article(word.form), 1


def _is_article(table: Words, word: Word, following: Word) -> bool:
    if word.folded in table.articles:
        return True
    return word.form in table.assimilated and following.form[:1] in word.form[1:]


def _joined(table: Words, kept: str, found: list[Word], place: int) -> tuple[str, int]:
    """Join a particle and the name after it, without the article between them."""
    name, size = found[place + 1], 2
    if len(found) > place + 2 and _is_article(table, name, found[place + 2]):
        name, size = found[place + 2], 3
    if kept in ("abd", "عبد"):
        return kept + _name_of_god(name.form), size
    return kept + without_article(name.form), size


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
    if len(form) < 8 or token("", form).known:
        return (form,)
    for place in range(3, len(form) - 3):
        if spelled(form[:place]):
            rest = without_article(form[place:])
            long = place > 4 and len(form) > 8
            if (long or rest != form[place:]) and spelled(rest):
                return form[:place], rest
    return (form,)


def token(written: str, form: str) -> Token:
    """Make the token of a form."""
    return Token(written, *_read(form))


@lru_cache(maxsize=1 << 17)
def _read(form: str) -> tuple[str, str, str, str, str, bool | None]:
    """Return all of a token but how it is written."""
    arabic = is_arabic(form)
    found = known(form)
    if not found:
        latin = spell(form) if arabic else form
        bones, sound = skeleton(form, arabic), "~" + sounds(latin)
        return form, latin, bones, sound, _SCRIPTS[arabic], feminine_ending(form)
    name = found.canonical
    bones = skeleton(without_article(name), False)
    return form, name if arabic else form, bones, name, _SCRIPTS[arabic], found.feminine


def feminine_ending(form: str) -> bool | None:
    """Read the ending of a name that no table has: ة and -a are a woman's, mostly.

    Not -ah, which may be ح: Salah, Misbah.
    """
    if is_arabic(form):
        return True if form.endswith("ة") else None if form[-1] in "اىهءيو" else False
    if _WOMANS.search(form):
        return True
    return False if _MANS.search(form) else None
