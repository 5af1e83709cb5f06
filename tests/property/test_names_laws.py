"""Laws of names: forms of one text are one, comparing is symmetric, nothing raises."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from nabd.identity.names import (
    Agreement,
    PersonName,
    compare,
    compare_tokens,
    keys,
    parse,
    similarity,
)
from nabd.identity.names.edits import distance
from nabd.identity.names.lexicon import entries
from nabd.identity.names.script import arabic_form, folded, latin_form
from nabd.identity.names.transducer import transducer

LATIN = sorted({word for entry in entries() for word in entry.latin})
ARABIC = sorted({word for entry in entries() for word in entry.arabic})
WORDS = st.sampled_from(LATIN + ARABIC) | st.text("abdeghiklmnorstuyz", min_size=2, max_size=9)
WORDS |= st.text("ابتجحدرسشعفقكلمنهوي", min_size=2, max_size=8)
FIELDS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
NAMES = st.builds(parse, FIELDS, FIELDS | st.just(""))
MARKS = st.sampled_from(["\u064b", "\u064e", "\u0650", "\u0651", "\u0652", "\u0640"])
PERSIAN = str.maketrans({"ي": "ی", "ك": "ک"})


def forms(text: str) -> list[str]:
    return [token.form for token in parse(text).tokens]


@given(st.text(), st.text())
def test_parse_never_raises(one: str, other: str) -> None:
    a, b = parse(one, other), parse(other)
    compare(a, b)
    keys(a)
    assert hash(a) == hash(parse(one, other))


@given(NAMES, NAMES)
def test_comparing_is_symmetric(a: PersonName, b: PersonName) -> None:
    one, other = compare(a, b), compare(b, a)
    there, back = (one.given, one.family), (other.given, other.family)
    assert one.swapped == other.swapped
    assert there == (back[::-1] if one.swapped else back)


@given(NAMES)
def test_a_name_agrees_with_itself(name: PersonName) -> None:
    found = compare(name, name)
    assert {found.given, found.family} <= {Agreement.EXACT, None}


@given(WORDS, WORDS)
def test_the_similarity_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    for a in parse(one).tokens:
        for b in parse(other).tokens:
            assert similarity(a, b) == similarity(b, a)
            assert 0 <= similarity(a, b) <= 1
            assert compare_tokens(a, b) == compare_tokens(b, a)


LATIN_FORMS = st.text("abdeghiklmnorstuyz", min_size=1, max_size=9)
ARABIC_FORMS = st.text("ابتجحدرسشعفقكلمنهوي", min_size=1, max_size=8)


@given(LATIN_FORMS, ARABIC_FORMS, st.floats(-60, 0))
def test_a_bound_changes_no_score_above_it(latin: str, arabic: str, least: float) -> None:
    forward = transducer().forward
    whole, bounded = forward.score(arabic, latin), forward.score(arabic, latin, least)
    assert bounded == whole if whole > least else bounded <= least


@given(LATIN_FORMS | ARABIC_FORMS, LATIN_FORMS | ARABIC_FORMS, st.floats(0, 1))
def test_a_bound_changes_no_distance_below_it(one: str, other: str, most: float) -> None:
    whole, bounded = distance(one, other), distance(one, other, most)
    assert bounded == whole if whole <= most else bounded > most


@given(st.text())
def test_normal_forms_are_final(text: str) -> None:
    for form in (arabic_form, latin_form, folded):
        assert form(form(text)) == form(text)


@given(FIELDS)
def test_the_way_of_typing_does_not_matter(text: str) -> None:
    for other in (
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
        text.upper(),
        text.translate(PERSIAN),
        f'  "{text}" ',
        text.replace(" ", "   "),
        "\u200f" + text + "\u200e",
    ):
        assert forms(other) == forms(text)


@given(st.lists(st.sampled_from(ARABIC), min_size=1, max_size=2), MARKS)
def test_marks_and_tatweel_do_not_matter(words: list[str], mark: str) -> None:
    text = " ".join(words)
    marked = "".join(letter + mark if letter.isalpha() else letter for letter in text)
    assert forms(marked) == forms(text)
