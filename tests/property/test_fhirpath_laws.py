"""Laws of FHIRPath: what must hold for every expression and every value."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Problem
from nabd.fhir import definitions, json
from nabd.fhir.fhirpath import compile, parse, plain  # noqa: A004
from nabd.fhir.fhirpath.functions.patterns import pattern
from nabd.fhir.fhirpath.straight import straight
from nabd.fhir.fhirpath.temporal import Temporal, add, boundary, compare, parse_datetime

quick = settings(max_examples=150, deadline=None)

# --- the language ---------------------------------------------------------------------------------

PIECES = """
name given ( ) [ ] { } . , + - * / | & = != ~ < > and or implies in contains is as div mod 'x' `a`
1 2.5 @2014 @T10 5'mg' 3 days $this $index %resource where( exists() // /* */ true {} \\
"""
pieces = st.sampled_from(PIECES.split())


@quick
@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=25).map(" ".join)))
def test_random_text_is_parsed_or_refused_with_a_problem(text: str) -> None:
    try:
        parse(text)
    except Problem as problem:
        assert all(issue.code.startswith("N22") for issue in problem.issues)


@quick
@given(st.lists(pieces, max_size=15).map(" ".join))
def test_whatever_parses_runs_or_is_refused_with_a_problem(text: str) -> None:
    patient = {"resourceType": "Patient", "name": [{"given": ["A", "B"]}], "active": True}
    try:
        compile(text)(patient)
    except Problem as problem:
        assert all(issue.code.startswith("N22") for issue in problem.issues)


def test_deep_and_long_expressions_are_refused() -> None:
    for text in ("(" * 5000 + ")" * 5000, ".".join(["a"] * 5000), "-" * 5000 + "1", "a" * 30_000):
        try:
            parse(text)
        except Problem as problem:
            assert problem.issues[0].code == "N2202"
        else:
            raise AssertionError(text[:20])


# --- logic ----------------------------------------------------------------------------------------

truths = st.sampled_from(["true", "false", "{}"])


def answer(expression: str) -> list[Any]:
    return compile(expression)({})


@quick
@given(truths, truths, truths)
def test_logic_is_associative_and_follows_de_morgan(a: str, b: str, c: str) -> None:
    for operator in ("and", "or", "xor"):
        left = answer(f"({a} {operator} {b}) {operator} {c}")
        assert left == answer(f"{a} {operator} ({b} {operator} {c})")
        assert answer(f"{a} {operator} {b}") == answer(f"{b} {operator} {a}")
    assert answer(f"({a} and {b}).not()") == answer(f"{a}.not() or {b}.not()")
    assert answer(f"{a} implies {b}") == answer(f"{a}.not() or {b}")


# --- collections ----------------------------------------------------------------------------------

collections = st.lists(st.integers(0, 5), max_size=6)


def run(expression: str, **variables: Any) -> list[Any]:
    return compile(expression)({}, variables)


@quick
@given(collections, collections, collections)
def test_union_is_associative_and_distinct(a: list[int], b: list[int], c: list[int]) -> None:
    assert run("(%a | %b) | %c", a=a, b=b, c=c) == run("%a | (%b | %c)", a=a, b=b, c=c)
    assert run("%a | %b", a=a, b=b) == run("%a.combine(%b).distinct()", a=a, b=b)
    assert run("(%a | %b).isDistinct()", a=a, b=b) == [True]
    assert run("%a | %a", a=a) == run("%a.distinct()", a=a)


@quick
@given(collections, collections)
def test_sets_agree_with_python(a: list[int], b: list[int]) -> None:
    assert set(run("%a.intersect(%b)", a=a, b=b)) == set(a) & set(b)
    assert run("%a.exclude(%b)", a=a, b=b) == [x for x in a if x not in b]
    assert run("%a.subsetOf(%b)", a=a, b=b) == [set(a) <= set(b)]
    assert run("%a.supersetOf(%b)", a=a, b=b) == [set(a) >= set(b)]
    assert run("%a.sort()", a=a) == sorted(a)
    assert run("%a.sort(-$this)", a=a) == sorted(a, reverse=True)


@quick
@given(collections, st.integers(-2, 8))
def test_skip_and_take_part_a_collection(a: list[int], n: int) -> None:
    assert run("%a.take(%n).combine(%a.skip(%n))", a=a, n=n) == a
    assert run("%a.first().combine(%a.tail())", a=a) == a
    assert run("%a.where($this > 2).combine(%a.where(($this > 2).not())).count()", a=a) == [len(a)]


# --- numbers --------------------------------------------------------------------------------------

decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@quick
@given(decimals, decimals)
def test_arithmetic_agrees_with_decimals(a: Decimal, b: Decimal) -> None:
    assert run("%a + %b", a=a, b=b) == [a + b]
    assert run("%a - %b", a=a, b=b) == [a - b]
    assert run("%a + %b = %b + %a", a=a, b=b) == [True]
    if b:
        assert run("(%a div %b) * %b + %a mod %b = %a", a=a, b=b) == [True]
    else:
        assert run("%a / %b", a=a, b=b) == run("%a div %b", a=a, b=b) == []


@quick
@given(decimals, st.integers(4, 12))
def test_boundaries_enclose_a_number(x: Decimal, digits: int) -> None:
    low, high = (run(f"%x.{name}Boundary(%n)", x=x, n=digits)[0] for name in ("low", "high"))
    assert low <= x <= high
    assert run("%x.lowBoundary()", x=-x) == [-run("%x.highBoundary()", x=x)[0]]


@quick
@given(decimals, st.sampled_from([("g", "mg"), ("cm", "m"), ("h", "min"), ("L", "mL")]))
def test_units_convert_both_ways(x: Decimal, units: tuple[str, str]) -> None:
    here, there = units
    converted = (
        f"{x:f} '{here}'.toQuantity('{there}')"
        if x >= 0
        else f"(-({-x:f} '{here}')).toQuantity('{there}')"
    )
    assert answer(f"({converted}).toQuantity('{here}') ~ {converted}") == [True]
    assert answer(f"{converted} ~ ({converted})") == [True]


# --- dates ----------------------------------------------------------------------------------------


@st.composite
def temporals(draw: st.DrawFn) -> Temporal:
    day = draw(st.dates(date(1900, 1, 1), date(2100, 12, 28)))
    text = day.isoformat()[: draw(st.sampled_from([4, 7, 10, 10, 10]))]
    if len(text) == 10 and draw(st.booleans()):
        text += draw(st.times()).strftime("T%H:%M:%S")
        text += draw(st.sampled_from(["", ".123", "Z", "+01:00", "-05:30"]))
    value = parse_datetime(text)
    assert value is not None
    return value


@quick
@given(temporals())
def test_a_date_is_written_as_it_was_read(x: Temporal) -> None:
    assert parse_datetime(str(x)) == x


@quick
@given(temporals())
def test_boundaries_enclose_a_date(x: Temporal) -> None:
    low, high = boundary(x, None, high=False), boundary(x, None, high=True)
    assert low is not None
    assert high is not None
    assert compare(low, high) in (-1, 0)
    assert compare(x, low) in (0, None, 1)
    assert compare(x, high) in (0, None, -1)


@quick
@given(temporals(), temporals())
def test_order_of_dates_is_antisymmetric(a: Temporal, b: Temporal) -> None:
    found = compare(a, b)
    assert compare(b, a) == (None if found is None else -found)
    assert compare(a, a) == 0


@quick
@given(temporals(), st.integers(-400, 400), st.sampled_from(["day", "week", "hour", "second"]))
def test_adding_and_taking_away_comes_back(x: Temporal, n: int, unit: str) -> None:
    there = add(x, Decimal(n), unit)
    assert there is not None
    back = add(there, Decimal(-n), unit)
    if len(x.parts) > 2:
        assert back is not None
        assert compare(back, x) == 0


# --- broken resources -----------------------------------------------------------------------------

values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        decimals,
        st.sampled_from(["", "a", "2014-02"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "given", "_given", "url", "extension", "valueCode"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
ELEMENTS = "name extension _birthDate birthDate contained managingOrganization text deceasedBoolean"
PATHS = [
    "name.where(use = 'a').given.first()",
    "extension('a').value",
    "birthDate.extension('a').value.first()",
    "birthDate > @2000 or deceased",
    "descendants().count()",
    "children().type()",
    "managingOrganization.resolve().name",
    "contained.id | name.family",
    "name.given.join(',')",
    "text.div.htmlChecks()",
    "name.select(given & family)",
    "name ~ contained",
    "name = name.sort(family)",
    "managingOrganization.getReferenceKey(Organization)",
    "repeat($this | contained)",
]


@quick
@given(
    st.dictionaries(st.sampled_from(ELEMENTS.split()), values, max_size=4),
    st.sampled_from(PATHS),
    st.booleans(),
)
def test_broken_resources_cannot_break_the_engine(
    elements: dict[str, Any], path: str, typed: bool
) -> None:
    try:
        compile(path, "Patient" if typed else None)({"resourceType": "Patient", **elements})
    except Problem as problem:
        assert all(issue.code.startswith("N22") for issue in problem.issues)


HUGE = [
    "(1|2|3|4|5|6|7|8).repeatAll($this | $this)",
    "(1 | 2).repeatAll(1.combine(2))",
    "name.given.aggregate($total.combine($total), 1.combine(2))",
    "name.given.aggregate($total & $total, 'abcdefghij')",
    "name.given.aggregate($total + $total, 'abcdefghij')",
    "'a,a,a,a,a,a,a,a,a,a,a,a'.split(',').aggregate($total * $total, 99999)",
    "'a,a,a,a,a,a,a,a,a,a,a,a'.split(',').aggregate($total * $total, 9.9)",
    "'a,a,a,a,a,a,a,a,a,a,a,a,a,a,a'.split(',').aggregate($total * $total, 9.9 'm')",
    "10.power(399).floor()",
    "10.power(100000000000000)",
    "1e5",
    "9" * 5000,
    "@2014-01-01 + " + "9" * 50 + " days",
    "@T10:00 + " + "9" * 50 + " hours",
    "'a'.replace('', '" + "x" * 10000 + "').replace('', '" + "x" * 9000 + "')",
    "99999999999999999999.round(28)",
    "1.lowBoundary(31) + " + "9" * 90,
    "1 'm99' * 1 'm99'",
    "1000 'Ym10' * 1000 'Ym10'",
    "1 'ym60' / 1 'Ym60'",
]


def test_huge_results_are_refused_or_empty() -> None:
    for expression in HUGE:
        try:
            found = compile(expression)({"name": [{"given": ["a"] * 64}]})
        except Problem as problem:
            assert problem.issues[0].code.startswith("N22"), expression
        else:
            assert len(str(found)) < 1000, expression


# --- both engines ---------------------------------------------------------------------------------


@cache
def examples(shared: Path) -> list[dict[str, Any]]:
    lines = gzip.decompress(
        (shared / "conformance/r4-examples.ndjson.gz").read_bytes()
    ).splitlines()
    found = [json.decode(line) for line in lines[::2]]
    return [one for one in found if one.get("resourceType") in definitions.RESOURCE_TYPES]


def test_straight_code_finds_what_the_closures_find(shared: Path) -> None:
    """The expressions of all search parameters and invariants, on the examples of R4."""
    compared = 0
    for resource in examples(shared):
        kind = resource["resourceType"]
        found = {p.expression for p in definitions.search_parameters(kind).values()}
        found |= {rule.expression for rule in definitions.invariants(kind)}
        for expression in sorted(found - {""}):
            written = straight(parse(expression), kind)
            quickly = written(resource) if written else None
            if quickly is not None:
                nodes = compile(expression).nodes(resource)
                values = [value for value in map(plain, nodes) if value is not None]
                assert quickly == values, (kind, expression)
                compared += 1
    assert compared > 1000


# --- regular expressions --------------------------------------------------------------------------


@quick
@given(st.text(alphabet="ab()|*+?.{}[]^$\\d,1", max_size=14), st.text(alphabet="ab,1", max_size=24))
def test_patterns_are_refused_or_run(regex: str, text: str) -> None:
    try:
        pattern(regex, text).search(text)
    except Problem as problem:
        assert problem.issues[0].code == "N2213"


def test_costly_patterns_are_refused() -> None:
    for regex in ("(a+)+$", "(a|aa)+$", "([a-z]+)*", "(.*)*", "(a?a)*b", "(\\d+x)*"):
        assert refused(regex), regex
    for regex in ("^\\d+(,\\d+)*$", "(ab|cd)*", "[A-Z]([A-Za-z0-9_]){0,254}", "(\\.[^.]+)*"):
        assert not refused(regex), regex


def refused(regex: str) -> bool:
    try:
        pattern(regex, "a" * 40)
    except Problem:
        return True
    return False
