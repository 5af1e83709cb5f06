"""The values of searches: text, dates, numbers, and what is said about wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from nabd.errors import Problem
from nabd.fhir.search import parse
from nabd.fhir.search.dates import OPEN_HI, OPEN_LO, interval, period, timing
from nabd.fhir.search.fold import fold
from nabd.fhir.search.numbers import money, quantity, rounding, sampled, span
from nabd.fhir.search.query import Query
from nabd.fhir.search.text import split, unescape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Éléonore  D’ARC", "eleonore d'arc"),
        ("Straße", "strasse"),
        ("Łódź Ørsted", "lodz orsted"),
        ("أحمد", "احمد"),
        ("إِبْرَاهِيم", "ابراهيم"),
        ("فاطمة", "فاطمه"),
        ("مـحـمـد", "محمد"),
        ("مصطفى", "مصطفي"),
        ("علاء", "علا"),
        ("٢٠٢٤", "2024"),
        ("ﻻ", "لا"),
        ("", ""),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def micros(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2024", micros(2024, 1, 1), micros(2025, 1, 1)),
        ("2024-02", micros(2024, 2, 1), micros(2024, 3, 1)),
        ("2024-12", micros(2024, 12, 1), micros(2025, 1, 1)),
        ("2024-02-29", micros(2024, 2, 29), micros(2024, 3, 1)),
        ("2024-02-29T23:59", micros(2024, 2, 29, 23, 59), micros(2024, 3, 1)),
        ("2024-01-01T00:00:00+01:00", micros(2023, 12, 31, 23), micros(2023, 12, 31, 23, 0, 1)),
        ("9999", micros(9999, 1, 1), micros(9999, 12, 31) + 86_400_000_000),
    ],
)
def test_a_date_is_all_of_its_span(text: str, first: int, after: int) -> None:
    assert interval(text) == (first, after - 1)


def test_a_fraction_of_a_second_is_as_long_as_its_last_digit() -> None:
    low, high = interval("2024-01-01T00:00:00.25Z")
    assert (low - micros(2024, 1, 1), high - low) == (250_000, 9_999)


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2023-02-29", "2024-1-1", "x", "2024T10:00"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        interval(text)


def test_periods_are_open_where_they_say_nothing() -> None:
    low, high = interval("2024")
    assert period({"start": "2024"}) == (low, OPEN_HI)
    assert period({"end": "2024"}) == (OPEN_LO, high)
    assert period({}) is None
    assert OPEN_HI - OPEN_LO < 1 << 63


def test_a_timing_is_known_by_its_outer_limits() -> None:
    found = timing(
        {"event": ["2024-03-01", "2024-01-01"], "repeat": {"boundsPeriod": {"end": "2023"}}}
    )
    assert found == (OPEN_LO, interval("2024-03-01")[1])


def test_numbers_stand_for_what_rounds_to_them() -> None:
    assert rounding("5.40") == (Decimal("5.40"), Decimal("5.395"), Decimal("5.405"))
    assert rounding("100") == (100, Decimal("99.5"), Decimal("100.5"))
    assert rounding("1e2") == (100, 50, 150)


def test_quantities_are_points_unless_they_compare() -> None:
    [(low, high, unit, code)] = quantity({"value": Decimal("5.4"), "unit": "mg"})
    assert (low, high, code) == (5.4, 5.4, 0)
    assert unit
    [(low, high, *_)] = quantity({"value": 5, "comparator": "<"})
    assert low == float("-inf")
    assert high < 5
    assert len(quantity({"value": 5, "unit": "mmHg", "system": "urn:u", "code": "mm[Hg]"})) == 2
    assert quantity({"unit": "mg"}) == []


def test_ranges_money_and_samples() -> None:
    assert span({"low": {"value": 1, "unit": "a"}})[0][:2] == (1.0, float("inf"))
    assert span({}) == []
    assert money({"value": Decimal("9.5"), "currency": "MAD"})[0][:2] == (9.5, 9.5)
    found = sampled({"origin": {"value": 10}, "factor": Decimal("0.5"), "data": "2 E -4 U 6"})
    assert found[0][:2] == (8.0, 13.0)


def test_escapes() -> None:
    assert split(r"a\,b,c", ",") == [r"a\,b", "c"]
    assert split(r"a\\,b", ",") == [r"a\\", "b"]
    assert unescape(r"a\,b\$\|\\") == r"a,b$|" + "\\"
    assert split("a|b|c", "|", 1) == ["a", "b|c"]


REFUSED = [
    ("N2501", "Patient", "colour", "red"),
    ("N2501", "", "name", "x"),
    ("N2501", "Patient", "_sort", "colour"),
    ("N2502", "Patient", "_content", "x"),
    ("N2502", "Patient", "_contained", "true"),
    ("N2502", "Patient", "_containedType", "contained"),
    ("N2503", "Patient", "name:like", "x"),
    ("N2503", "Patient", "birthdate:exact", "2024"),
    ("N2504", "Patient", "birthdate", "24"),
    ("N2505", "Observation", "value-quantity", "five"),
    ("N2506", "Observation", "value-quantity", "5|mg"),
    ("N2507", "Patient", "gender", ""),
    ("N2507", "Patient", "gender", "male,"),
    ("N2508", "Patient", "identifier:of-type", "a|b"),
    ("N2509", "Observation", "code-value-quantity", "a"),
    ("N2510", "Patient", "name.x", "a"),
    ("N2511", "Patient", "name:missing", "yes"),
    ("N2512", "Patient", "_count", "-1"),
    ("N2512", "Patient", "_total", "maybe"),
    ("N2513", "Patient", "_sort", "identifier"),
    ("N2513", "Patient", "_sort", "-phone"),
    ("N2513", "QuestionnaireResponse", "_sort", "questionnaire"),
    ("N2513", "Location", "_sort", "near"),
    ("N2513", "Patient", "_sort", "_profile"),
    ("N2503", "Patient", "_profile:below", "http://x"),
    ("N2503", "Patient", "_source:below", "http://x"),
    ("N2503", "Patient", "_filter", "_profile ss http://x"),
    ("N2514", "Patient", "_include", "Patient"),
    ("N2516", "Patient", "_has:Observation", "x"),
    ("N2517", "Patient", "_has:Thing:patient:code", "x"),
    ("N2518", "Patient", "gender:in", "http://example.org"),
    ("N2519", "Observation", "code:below", "x"),
    ("N2519", "Observation", "subject:below", "Patient/1"),
    ("N2519", "Encounter", "location:below", "Patient/1"),
    ("N2519", "Encounter", "location:above", "Location/"),
    ("N2520", "Patient", "gender", "x," * 2000 + "x"),
    ("N2520", "Patient", "_list", "x," * 2000 + "x"),
    ("N2524", "Location", "near", "34"),
    ("N2524", "Location", "near", "34|x"),
    ("N2524", "Location", "near", "91|0"),
    ("N2524", "Location", "near", "nan|0"),
    ("N2524", "Location", "near", "34|-6|-5|km"),
    ("N2524", "Location", "near", "34|-6|5|ells"),
    ("N2524", "Location", "near", "34|-6|5|km|x"),
    ("N2507", "Patient", "_list", "a,,b"),
    ("N2526", "Condition", "_list", "$current-problems"),
    ("N2527", "Patient", "_filter", "x"),
    ("N2527", "Patient", "_filter", "name eq"),
    ("N2527", "Patient", "_filter", "(name eq x"),
    ("N2527", "Patient", "_filter", "name eq x)"),
    ("N2527", "Patient", "_filter", "name eq x or"),
    ("N2527", "Patient", "_filter", "name is x"),
    ("N2527", "Patient", "_filter", 'name eq "x'),
    ("N2527", "Patient", "_filter", r'name eq "\x"'),
    ("N2527", "Patient", "_filter", "link[type eq x].other eq y"),
    ("N2501", "Patient", "_filter", "colour eq red"),
    ("N2503", "Patient", "_filter", "name:exact eq x"),
    ("N2504", "Patient", "_filter", "birthdate ge soon"),
    ("N2507", "Patient", "_filter", 'name eq ""'),
    ("N2511", "Patient", "_filter", "name pr perhaps"),
    ("N2520", "Patient", "_filter", "(" * 30 + "name eq x" + ")" * 30),
    ("N2520", "Patient", "_filter", " and ".join(["name eq x"] * 101)),
    ("N2528", "Patient", "_filter", "gender ne male"),
    ("N2528", "Patient", "_filter", "name gt x"),
    ("N2528", "Patient", "_filter", "name ew x"),
    ("N2528", "Location", "_filter", "near eq 1|2"),
    ("N2520", "Patient", "link." * 9 + "name", "x"),
]


@pytest.mark.parametrize(("code", "kind", "name", "value"), REFUSED)
def test_what_is_refused(code: str, kind: str, name: str, value: str) -> None:
    with pytest.raises(Problem) as refused:
        parse(kind, [(name, value)])
    [one] = refused.value.issues
    assert one.code == code
    for language in ("en", "fr", "ar"):
        assert one.text(language)
        assert one.hint(language)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(Problem) as refused:
        parse("Patient", [("a", "1"), ("birthdate", "x"), ("_sort", "phone")])
    assert [one.code for one in refused.value.issues] == ["N2501", "N2504", "N2513"]


def test_lenient_handling_leaves_out_what_is_unknown_and_says_so() -> None:
    found = parse("Patient", [("a", "1"), ("_text", "x"), ("gender", "male")], lenient=True)
    assert found.ignored == ("a", "_text")
    assert found.used == (("gender", "male"),)
    assert len(found.where) == 1
    with pytest.raises(Problem):
        parse("Patient", [("birthdate", "x")], lenient=True)


def test_results() -> None:
    found = parse("Patient", [("_count", "5000"), ("_elements", "id,name"), ("_summary", "text")])
    assert (found.count, found.elements, found.summary) == (1000, ("id", "name"), "text")
    assert parse("Patient", [("_count", "0")]).summary == "count"
    assert parse("Patient", []) == Query(("Patient",))


def test_references_under_the_own_url_are_local() -> None:
    local = parse("Observation", [("subject", "Patient/1")])
    own = parse("Observation", [("subject", "http://me/fhir/Patient/1")], base="http://me/fhir/")
    other = parse("Observation", [("subject", "http://you/fhir/Patient/1")], base="http://me/fhir/")
    assert own.where == local.where
    assert other.where != local.where
