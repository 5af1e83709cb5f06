"""What the rules say in codes is said in words on the desk: nothing stays a code."""

from __future__ import annotations

import inspect
import re
from itertools import product

from nabd.identity import doubts
from nabd.identity.identifiers import table
from nabd.identity.model import load
from nabd.identity.pages import terms
from nabd.identity.pages.reasons import BETWEEN, COMMON, read, written
from nabd.web.console.language import translations

PROFESSIONAL = {"inpe"}  # of health workers: no part of a person's record


def test_every_field_and_level_of_the_model_has_words_in_three_languages() -> None:
    strengths = {"certain", "national", "shared", "local"}  # stand for kinds of identifiers
    words = []
    for field, levels in load().levels.items():
        if field not in strengths:
            assert field in terms.FIELDS
        for level in levels:
            said = terms.level_title(field, level)
            assert said != level, f"{field} {level} is said as its code"
            words.append(said)
    for language, text in product(("fr", "ar"), words):
        assert translations(language).gettext(text) != text


def test_every_doubt_and_contradiction_has_words_in_three_languages() -> None:
    source = inspect.getsource(doubts)
    codes = set(re.findall(r'yield "([a-z-]+)"', source))
    assert {"family-name", "twins"} <= codes
    for code, language in product(codes, ("fr", "ar")):
        assert translations(language).gettext(terms.ASKED[code]) != terms.ASKED[code]


def test_every_kind_of_number_has_a_title() -> None:
    assert table().form.keys() - PROFESSIONAL <= terms.FIELDS.keys()
    assert terms.field_title("urn:oid:1.2.3") == "urn:oid:1.2.3"


def test_a_reason_is_read_as_it_was_written() -> None:
    for code, common in COMMON.items():
        assert read(written({"reason": code, "words": " seen  by me: yes "})) == (
            common,
            "seen by me: yes",
        )
        assert read(written({"reason": code})) == (common, "")
    assert read(written({"words": f"her{BETWEEN}sister"})) == ("", f"her{BETWEEN}sister")
    assert written({"reason": "unknown", "words": " "}) == ""
