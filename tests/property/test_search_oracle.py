"""Search against an oracle: the standard read literally, over plain JSON and compiled FHIRPath.

The oracle shares no code with extraction, parsing or SQL: each parameter is its official
expression, each value is compared as the standard's text says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nabd.errors import Problem
from nabd.fhir.definitions import search_parameters
from nabd.fhir.fhirpath import compile as compile_path
from nabd.fhir.json import Json
from nabd.fhir.search import index, parse
from nabd.fhir.search.fold import fold
from nabd.store import Stamp, Store, Write
from nabd.store.keep import keep
from nabd.store.search import search

# ---------------------------------------------------------------- the oracle

Test = Callable[[Json], bool]
DAY = timedelta(days=1)


def found(resource: Json, code: str) -> list[Any]:
    expression = search_parameters(resource["resourceType"])[code].expression
    return list(compile_path(expression, resource["resourceType"])(resource))


def span(text: str) -> tuple[datetime, datetime]:
    """First moment, and the first moment after."""
    parts = [int(part) for part in re.findall(r"\d+", text)]
    year, month, day = [*parts, 1, 1][:3]
    begin = datetime(year, month, day, *parts[3:6], tzinfo=UTC)
    match len(parts):
        case 1:
            return begin, begin.replace(year=year + 1)
        case 2:
            return begin, (begin + 31 * DAY).replace(day=1)
        case 3:
            return begin, begin + DAY
        case _:
            return begin, begin + timedelta(seconds=1)


EVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def date_span(value: Any) -> tuple[datetime, datetime]:
    if isinstance(value, str):
        return span(value)
    start, end = value.get("start"), value.get("end")
    return (span(start)[0] if start else EVER[0], span(end)[1] if end else EVER[1])


def date_matches(prefix: str, sought: str, value: Any) -> bool:
    (low, high), (begin, end) = span(sought), date_span(value)
    return {
        "eq": low <= begin and end <= high,
        "ne": not (low <= begin and end <= high),
        "gt": end > high,
        "lt": begin < low,
        "ge": end > high or (low <= begin and end <= high),
        "le": begin < low or (low <= begin and end <= high),
        "sa": begin >= high,
        "eb": end <= low,
    }[prefix]


def number_matches(prefix: str, sought: str, value: Decimal) -> bool:
    exact = Decimal(sought)
    half = Decimal(5).scaleb(int(exact.as_tuple().exponent) - 1)
    inside = exact - half <= value < exact + half
    return {
        "eq": inside,
        "ne": not inside,
        "gt": value > exact,
        "lt": value < exact,
        "ge": value >= exact,
        "le": value <= exact,
        "sa": value > exact,
        "eb": value < exact,
    }[prefix]


def codings(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, bool):
        return [("", str(value).lower())]
    if isinstance(value, str):
        return [("", value)]
    if "value" in value:
        return [(value.get("system", ""), value["value"])]
    return [(c.get("system", ""), c.get("code", "")) for c in value.get("coding", [])]


def token_matches(sought: str, value: Any) -> bool:
    system, bar, code = sought.rpartition("|")
    return any((not code or c == code) and (not bar or s == system) for s, c in codings(value))


def bare(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in plain if unicodedata.category(c) != "Mn")


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [s for part in value.values() for s in (part if isinstance(part, list) else [part])]


def quantity_matches(prefix: str, sought: str, value: Json) -> bool:
    number, _, unit = sought.partition("||")
    same = not unit or unit in (value.get("unit"), value.get("code"))
    return same and number_matches(prefix, number, Decimal(value["value"]))


def some(code: str, test: Callable[[Any], bool]) -> Test:
    return lambda resource: any(test(value) for value in found(resource, code))


# ------------------------------------------------------------ random worlds

DATES = st.sampled_from(
    ["2023", "2024", "2024-02", "2024-03", "2024-02-29", "2024-03-01", "2024-03-01T10:00:00Z"]
)
CODES = st.sampled_from(["a", "b", "c"])
SYSTEMS = st.sampled_from(["urn:x", "urn:y"])
NAMES = st.sampled_from(["Benali", "bénali", "Ben", "Alaoui", "ALAMI", "Zahra"])
VALUES = st.sampled_from(["5", "5.4", "5.40", "54", "-1", "100"])
UNITS = st.sampled_from(["mg", "g"])
IDS = st.sampled_from(["1", "2", "3"])
PREFIXES = st.sampled_from(["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"])


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


coding = st.fixed_dictionaries({"code": CODES}, optional={"system": SYSTEMS})
concept = st.lists(coding, min_size=1, max_size=2).map(lambda found: {"coding": found})
quantity = st.builds(
    lambda value, unit: {"value": Decimal(value), "unit": unit, "code": unit}, VALUES, UNITS
)
period = st.one_of(
    st.builds(lambda d: {"start": d}, DATES),
    st.builds(lambda d: {"end": d}, DATES),
    st.just({"start": "2024-02", "end": "2024-03-01"}),
)
element = st.builds(
    lambda c, v: {"code": c, **v},
    concept,
    optional(valueQuantity=quantity, valueCodeableConcept=concept),
)
observation = st.builds(
    lambda who, status, code, when, value, component: {
        "resourceType": "Observation",
        "subject": {"reference": f"Patient/{who}"},
        "status": status,
        "code": code,
        **when,
        **value,
        **({"component": component} if component else {}),
    },
    IDS,
    st.sampled_from(["final", "amended"]),
    concept,
    st.one_of(optional(effectiveDateTime=DATES), optional(effectivePeriod=period)),
    st.one_of(optional(valueQuantity=quantity), optional(valueCodeableConcept=concept)),
    st.lists(element, max_size=2),
)
patient = st.builds(
    lambda more: {"resourceType": "Patient", **more},
    optional(
        active=st.booleans(),
        birthDate=DATES.filter(lambda d: "T" not in d),
        name=st.lists(
            st.builds(lambda f, g: {"family": f, "given": [g]}, NAMES, NAMES), max_size=2
        ),
        identifier=st.lists(
            st.builds(lambda s, v: {"system": s, "value": v}, SYSTEMS, CODES), max_size=2
        ),
    ),
)
world = st.tuples(st.lists(patient, min_size=3, max_size=3), st.lists(observation, max_size=6))

token = st.one_of(
    CODES,
    st.builds("{}|{}".format, SYSTEMS, CODES),
    st.builds("|{}".format, CODES),
    st.builds("{}|".format, SYSTEMS),
)

Asked = tuple[str, str, Test]


def tokens(code: str) -> st.SearchStrategy[Asked]:
    return token.map(lambda v: (code, v, some(code, lambda x: token_matches(v, x))))


def dated(code: str) -> st.SearchStrategy[Asked]:
    def asked(prefix: str, date: str) -> Asked:
        return code, prefix + date, some(code, lambda x: date_matches(prefix, date, x))

    return st.builds(asked, PREFIXES, DATES)


def missing(code: str) -> st.SearchStrategy[Asked]:
    return st.sampled_from(
        [
            (f"{code}:missing", "true", lambda r: not found(r, code)),
            (f"{code}:missing", "false", lambda r: bool(found(r, code))),
        ]
    )


def not_(asked: Asked) -> Asked:
    code, value, test = asked
    return f"{code}:not", value, lambda r: not test(r)


def either(first: Asked, second: Asked) -> Asked:
    return first[0], f"{first[1]},{second[1]}", lambda r: first[2](r) or second[2](r)


def named(mode: str, text: str) -> Asked:
    def test(value: Any) -> bool:
        return any(
            one == text
            if mode == ":exact"
            else bare(text) in bare(one)
            if mode == ":contains"
            else bare(one).startswith(bare(text))
            for one in strings(value)
        )

    return f"name{mode}", text, some("name", test)


def measured(prefix: str, number: str, unit: str) -> Asked:
    sought = number + unit
    return (
        "value-quantity",
        prefix + sought,
        some("value-quantity", lambda x: quantity_matches(prefix, sought, x)),
    )


def in_component(code: str, prefix: str, number: str) -> Asked:
    def test(resource: Json) -> bool:
        return any(
            token_matches(code, one["code"])
            and "valueQuantity" in one
            and number_matches(prefix, number, one["valueQuantity"]["value"])
            for one in resource.get("component", [])
        )

    return "component-code-value-quantity", f"{code}${prefix}{number}", test


def pair_in_component(code: str, value: str) -> Asked:
    def test(resource: Json) -> bool:
        return any(
            token_matches(code, one["code"])
            and token_matches(value, one.get("valueCodeableConcept", {}))
            for one in resource.get("component", [])
        )

    return "component-code-value-concept", f"{code}${value}", test


EXACT = st.one_of(CODES, st.builds("{}|{}".format, SYSTEMS, CODES))
OF_PATIENT = st.one_of(
    tokens("identifier"),
    tokens("active").map(lambda _: ("active", "true", some("active", lambda x: x is True))),
    dated("birthdate"),
    missing("birthdate"),
    missing("name"),
    tokens("identifier").map(not_),
    st.builds(
        named,
        st.sampled_from(["", ":exact", ":contains"]),
        NAMES | st.sampled_from(["a", "be", "é"]),
    ),
)
OF_OBSERVATION = st.one_of(
    tokens("code"),
    tokens("code").map(not_),
    st.builds(either, tokens("combo-code"), tokens("combo-code")),
    tokens("value-concept"),
    dated("date"),
    st.builds(either, dated("date"), dated("date")),
    missing("date"),
    missing("value-quantity"),
    st.builds(measured, PREFIXES, VALUES, st.one_of(st.just(""), UNITS.map("||{}".format))),
    st.builds(in_component, EXACT, PREFIXES, VALUES),
    st.builds(pair_in_component, EXACT, EXACT),
    IDS.map(lambda i: ("patient", i, some("subject", lambda x: x["reference"] == f"Patient/{i}"))),
)


def chained(asked: Asked, people: list[Json]) -> Asked:
    code, value, test = asked
    met = {f"Patient/{p['id']}" for p in people if test(p)}
    return f"patient.{code}", value, some("subject", lambda x: x["reference"] in met)


def reversed_(asked: Asked, observations: list[Json]) -> Asked:
    code, value, test = asked
    met = {o["subject"]["reference"] for o in observations if test(o)}
    return f"_has:Observation:patient:{code}", value, lambda r: f"Patient/{r['id']}" in met


@pytest_asyncio.fixture(scope="module")
async def empty(module_database: str) -> AsyncIterator[Store]:
    store = await Store.open(module_database, size=2)
    yield store
    await store.close()


class _UndoError(Exception):
    """Ends a transaction that must leave nothing."""


async def answers(
    store: Store, resources: list[Json], questions: list[tuple[str, list[Asked]]]
) -> list[list[str]]:
    writes = [Write("create", r["resourceType"], r["id"], r) for r in resources]
    results = []
    try:
        async with store.transaction() as connection:
            await keep(connection, store.laws, writes, Stamp("test"))
            for kind, asked in questions:
                query = parse(kind, [(name, value) for name, value, _ in asked])
                found = await search(connection, query, None)
                results.append(sorted(one.id for one in found.matches))
            raise _UndoError
    except _UndoError:
        return results


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=world, data=st.data())
async def test_postgresql_answers_as_the_standard_says(
    empty: Store, world: tuple[list[Json], list[Json]], data: st.DataObject
) -> None:
    people = [{**p, "id": str(n)} for n, p in enumerate(world[0], 1)]
    seen = [{**o, "id": f"o{n}"} for n, o in enumerate(world[1], 1)]
    of_patient = st.one_of(OF_PATIENT, OF_OBSERVATION.map(lambda a: reversed_(a, seen)))
    of_observation = st.one_of(OF_OBSERVATION, OF_PATIENT.map(lambda a: chained(a, people)))
    questions = [
        ("Patient", data.draw(st.lists(of_patient, min_size=1, max_size=2))),
        ("Patient", data.draw(st.lists(of_patient, min_size=1, max_size=2))),
        ("Observation", data.draw(st.lists(of_observation, min_size=1, max_size=3))),
        ("Observation", data.draw(st.lists(of_observation, min_size=1, max_size=2))),
        ("Observation", data.draw(st.lists(of_observation, min_size=1, max_size=1))),
    ]
    expected = [
        sorted(
            r["id"]
            for r in people + seen
            if r["resourceType"] == kind and all(t(r) for _, _, t in asked)
        )
        for kind, asked in questions
    ]
    got = await answers(empty, [*people, *seen], questions)
    shown = [(kind, [(name, value) for name, value, _ in asked]) for kind, asked in questions]
    assert list(zip(shown, got, strict=True)) == list(zip(shown, expected, strict=True))


# ------------------------------------------------------------ what holds for any input


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["", "Patient", "Observation", "DocumentReference", "MolecularSequence"]),
    parameters=st.lists(
        st.tuples(
            st.one_of(
                st.text(max_size=12),
                st.builds(
                    "{}{}{}".format,
                    st.sampled_from([*search_parameters("Observation"), "_has", "_sort"]),
                    st.sampled_from(["", ":", ".", ":missing", ":Patient", ":not", ".name"]),
                    st.sampled_from(["", "code", ":exact"]),
                ),
                st.sampled_from(["_count", "_sort", "_include", "_revinclude", "_type", "_total"]),
            ),
            st.one_of(st.text(max_size=8), st.text(alphabet="ab1-,|$\\:/.geT ", max_size=12)),
        ),
        max_size=4,
    ),
)
async def test_a_search_is_answered_or_refused_with_reasons(
    empty: Store, kind: str, parameters: list[tuple[str, str]]
) -> None:
    try:
        async with empty.read() as connection:
            assert (await search(connection, parse(kind, parameters), (1,))).matches == []
    except Problem as refused:
        assert refused.issues
        assert all(one.code.startswith("N25") and one.text() for one in refused.issues)


@settings(max_examples=20, deadline=None)
@given(observation)
def test_what_is_extracted_does_not_depend_on_what_came_before(resource: Json) -> None:
    first = index({**resource, "id": "1"})
    index({"resourceType": "Patient", "id": "1", "name": [{"family": "x"}]})
    again = index({**resource, "id": "1"})
    assert (first.dates, first.numbers, first.strings) == (
        again.dates,
        again.numbers,
        again.strings,
    )
    assert first.terms[0] == again.terms[0]
    assert set(first.terms) == set(again.terms)
