"""The console speaks three languages, completely, and writes numbers as each does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from nabd.access.figure import Name
from nabd.web.console.language import FOLDER, choose, tongue, translations

TOOL = Path(__file__).parents[2] / "tools/translations.py"
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_catalogues_hold_every_message_and_no_other() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}: run python tools/translations.py"


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_every_message_is_translated_with_its_placeholders(language: str) -> None:
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        assert all(said), f"{message.id} is not translated"
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        for text in said:
            found = set(PLACEHOLDER.findall(text))
            # a form for one or two may say the number in words
            assert found <= wanted and (found == wanted or len(said) > 1), message.id


@pytest.mark.parametrize(
    ("number", "form"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (10, 3), (11, 4), (99, 4), (100, 5), (101, 5), (103, 3)],
)
def test_arabic_has_six_plurals_in_their_order(number: int, form: int) -> None:
    forms = ["لا أيام", "يوم واحد", "يومان", "%(num)s أيام", "%(num)s يوما", "%(num)s يوم"]
    assert translations("ar").ngettext("%(num)s day", "%(num)s days", number) == forms[form]


@pytest.mark.parametrize(
    ("language", "whole", "part"),
    [("en", "36,828,330", "7.75"), ("ar", "36.828.330", "7,75"), ("fr", "36 828 330", "7,75")],
)
def test_numbers_have_latin_digits_and_the_marks_of_the_language(
    language: str, whole: str, part: str
) -> None:
    spoken = tongue(language)
    assert re.sub(r"\s", " ", spoken.number(36_828_330)) == whole
    assert spoken.number(7.7541, 2) == part
    assert spoken.number(None) == "–"


def test_dates_are_written_in_the_language() -> None:
    assert tongue("en").date("2024-10-01") == "1 Oct 2024"
    assert tongue("fr").date("2024-10-01") == "1er oct. 2024"
    assert tongue("ar").date("2024-10-01") == "1 أكتوبر 2024"
    assert tongue("fr").date("2024-09") == "2024-09"


def test_a_date_time_keeps_its_own_clock_and_offset() -> None:
    assert tongue("fr").written("2024-10-01") == "1er oct. 2024"
    said = tongue("en").written("2024-10-01T23:30:00.000+01:00")
    assert said == "1 Oct 2024, \u206623:30 +01:00\u2069"
    assert tongue("en").written("2024-10-01T23:30:00Z").endswith("23:30 UTC\u2069")
    for other in ("2024-10", "2024-13-45", "A12", "2024-10-01 or so"):
        assert tongue("en").written(other) == other


def test_a_share_is_whole_only_when_nothing_lacks() -> None:
    assert tongue("en").share(0.999) == "99%"
    assert tongue("en").share(1.0) == "100%"


def test_the_language_is_that_of_the_address_then_the_cookie_then_the_browser() -> None:
    assert choose({"lang": "ar"}, {"language": "fr"}, "en") == "ar"
    assert choose({}, {"language": "fr"}, "en") == "fr"
    assert choose({}, {}, "de;q=0.9, ar-MA;q=0.8, fr;q=0.5") == "ar"
    assert choose({"lang": "xx"}, {"language": "?"}, "") == "en"


def test_a_name_is_said_in_the_script_of_the_page() -> None:
    assert Name("Fès", "فاس").said("ar") == "فاس"
    assert Name("Fès", "فاس").said("en") == "Fès"
    assert Name("Fès", "").said("ar") == "Fès"
