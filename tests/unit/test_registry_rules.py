"""What a source calls a place is found whatever its spelling, and never guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Issue
from nabd.registry import rules
from nabd.registry.rules import Aliases, Gazetteer, fold
from nabd.registry.territory import gazetteer, places

PROVINCES = sorted(p.code for p in places().values() if p.level == "province")
COMMUNES = sorted(p.code for p in places().values() if p.level in ("commune", "arrondissement"))
TODAY = date(2026, 11, 23)


class Spot(NamedTuple):
    """A place for a small gazetteer."""

    code: str
    level: str
    name_fr: str
    region: str = "01"
    province: str = "01.1"
    name_ar: str = ""


def code_of(found: rules.Named | Issue) -> str:
    """Return the code of a place, or that of the issue."""
    return found.code


def bare(text: str) -> str:
    """Take the accents off."""
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if not unicodedata.combining(c))


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    bare,
    lambda text: text.replace("-", " "),
    lambda text: text.replace("'", "’"),
    lambda text: text.replace(" ", "\xa0 "),
    lambda text: f"  {text} ",
    lambda text: unicodedata.normalize("NFD", text),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PROVINCES), st.lists(st.sampled_from(SPELLINGS), max_size=3))
def test_a_province_is_found_in_any_spelling(code: str, spell: list[Callable[[str], str]]) -> None:
    place = places()[code]
    name = place.name_fr
    for change in spell:
        name = change(name)
    region = places()[place.region].name_fr
    assert code_of(gazetteer().province(name, region)) == code
    assert code_of(gazetteer().province(place.name_ar)) == code


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(COMMUNES),
    st.lists(st.sampled_from(SPELLINGS), max_size=3),
    st.sampled_from(("", " (Mun.)", " (Mun", "(Arrond.)", " ( Mun. )")),
)
def test_a_commune_is_found_in_any_spelling(
    code: str, spell: list[Callable[[str], str]], suffix: str
) -> None:
    place = places()[code]
    name = place.name_fr
    for change in spell:
        name = change(name)
    assert code_of(gazetteer().commune(name + suffix, place.province)) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Fkih Ben Saleh", "05.255"),
        ("Rehamena", "07.427"),
        ("Taroudant", "09.541"),
        ("Mdiq-Fnideq", "01.573"),
        ("Mohammedia", "06.371"),
        ("Casablanca Anfa", "06.141"),
        ("Al Fida-Mers Sultan", "06.141"),
        ("Aïn Sebaâ-Hay Mohammadi", "06.141"),
        ("Hay Hassani", "06.141"),
        ("Aïn Chok", "06.141"),
        ("Sidi Bernoussi", "06.141"),
        ("Ben Msick", "06.141"),
        ("Moulay Rachid", "06.141"),
    ],
)
def test_delegations_of_the_ministry_lie_in_their_hcp_province(name: str, code: str) -> None:
    assert code_of(gazetteer().province(name)) == code


def test_a_region_that_contradicts_the_province_is_a_problem() -> None:
    assert code_of(gazetteer().province("Tanger Assilah", "Oriental")) == "N6004"
    assert code_of(gazetteer().province("Oued Ed-Dahab", "Eddakhla-Oued Eddahab")) == "12.391"


def test_an_unknown_name_is_a_problem_that_names_close_ones() -> None:
    found = gazetteer().commune("Tangger", "01.511")
    assert isinstance(found, Issue)
    assert found.code == "N6002"
    assert "Tanger" in found.hint("fr")


def test_a_name_that_fits_two_places_is_a_problem_until_the_suffix_tells() -> None:
    here = [
        Spot("01.1", "province", "Ici"),
        Spot("a", "commune", "Médina"),
        Spot("b", "arrondissement", "Medina"),
    ]
    small = Gazetteer(here, Aliases(suffix={"mun": "commune", "arrond": "arrondissement"}))
    assert code_of(small.commune("MEDINA", "01.1")) == "N6003"
    assert code_of(small.commune("Medina (Mun.)", "01.1")) == "a"
    assert code_of(small.commune("Medina (Arrond.)", "01.1")) == "b"


def test_the_same_commune_name_in_another_province_is_not_found() -> None:
    assert code_of(gazetteer().commune("Tanger", "06.141")) == "N6002"
    assert code_of(gazetteer().commune("Tanger", "99.999")) == "N6002"


def test_aliases_name_places_that_exist() -> None:
    import tomllib

    from nabd.registry.territory import DATA

    aliases = tomllib.loads((DATA / "aliases.toml").read_text("utf-8"))
    for province, names in aliases["commune"].items():
        for code in names.values():
            assert places()[code].province == province
    for level in ("region", "province"):
        assert all(places()[code].level == level for code in aliases[level].values())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(PROVINCES))
def test_any_text_has_an_answer(text: str, province: str) -> None:
    for found in (gazetteer().province(text, text), gazetteer().commune(text, province)):
        assert isinstance(found, Issue) or found.code in places()


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.none(), st.integers(-5, 50)), st.one_of(st.none(), st.integers(-5, 50)))
def test_beds_are_sane_or_a_problem(existing: int | None, functional: int | None) -> None:
    sane = existing is not None and functional is not None and 0 <= functional <= existing
    assert (rules.bed_issues(existing, functional) == []) == sane


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        ("2026-11-23", []),
        ("1900-01-01", []),
        ("2026-11-24", ["N6013"]),
        ("1899-12-31", ["N6013"]),
        ("", []),
    ],
)
def test_days_are_between_1900_and_today(day: str, codes: list[str]) -> None:
    assert [one.code for one in rules.date_issues(day, "x", TODAY)] == codes


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        ("2026-01-01", "2026-01-01", []),
        ("2026", "2026-05", []),
        ("2026-05", "2026", []),
        ("2026-05-02", "2026-05-01", ["N6014"]),
        ("2026-05-02", "", []),
    ],
)
def test_periods_do_not_end_before_they_start(start: str, end: str, codes: list[str]) -> None:
    assert [one.code for one in rules.period_issues(start, end, "x")] == codes


def test_the_tree_of_places_has_no_cycle_and_no_unknown_parent() -> None:
    assert [one.code for one in rules.hierarchy({"a": "b", "b": "a", "c": ""})] == [
        "N6022",
        "N6022",
    ]
    assert [one.code for one in rules.hierarchy({"a": "x"})] == ["N6024"]
