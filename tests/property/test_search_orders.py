"""Orders, filters, lists, places and hierarchies against an oracle in memory, page by page."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_search_oracle import (
    CODES,
    DATES,
    IDS,
    NAMES,
    PREFIXES,
    SYSTEMS,
    Test,
    answers,
    bare,
    codings,
    date_matches,
    date_span,
    found,
    observation,
    optional,
    some,
    span,
    strings,
    token_matches,
    world,
)

from nabd.fhir.definitions import search_parameters
from nabd.fhir.json import Json
from nabd.fhir.search import key, parse
from nabd.store import Stamp, Store, Write
from nabd.store.connection import Connection
from nabd.store.keep import keep
from nabd.store.search import search

ROUNDS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest_asyncio.fixture(scope="module")
async def empty(module_database: str) -> AsyncIterator[Store]:
    store = await Store.open(module_database, size=2)
    yield store
    await store.close()


class _UndoError(Exception):
    """Ends a transaction that must leave nothing."""


# ---------------------------------------------------------------- orders

ORDERED = ("code", "status", "value-concept", "subject", "patient", "combo-code", "date")


def sort_values(resource: Json, code: str, known: set[str]) -> list[Any]:
    """The values of the standard's expression, as this server's reference says they are ordered."""
    values = found(resource, code)
    match search_parameters("Observation")[code].type:
        case "token":
            return [c for value in values for _, c in codings(value) if c]
        case "reference":
            places = [value["reference"] for value in values]
            return [place.partition("/")[2] for place in places if place in known]
        case _:
            return [date_span(value)[0] for value in values]


def in_order(resources: list[Json], sorts: list[tuple[str, bool]], known: set[str]) -> list[str]:
    """What has no value last, ties by key; of several values the first in the direction."""
    ordered = sorted(resources, key=lambda r: key(r["resourceType"], r["id"]))
    for code, descending in reversed(sorts):
        pick = max if descending else min
        having = [r for r in ordered if sort_values(r, code, known)]
        lacking = [r for r in ordered if not sort_values(r, code, known)]

        def first(r: Json, code: str = code, pick: Callable[[list[Any]], Any] = pick) -> Any:
            return pick(sort_values(r, code, known))

        groups = sorted({first(r) for r in having}, reverse=descending)
        ordered = [r for value in groups for r in having if first(r) == value] + lacking
    return [r["id"] for r in ordered]


async def paged(connection: Connection, kind: str, *asked: tuple[str, str]) -> list[str]:
    seen: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        page = await search(connection, parse(kind, [*asked, *at]), None)
        seen += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            return seen


@ROUNDS
@given(
    observations=st.lists(observation, max_size=8),
    people=st.sets(IDS),
    sorts=st.lists(st.tuples(st.sampled_from(ORDERED), st.booleans()), min_size=1, max_size=3),
    count=st.sampled_from(["1", "2", "20"]),
)
async def test_pages_are_in_the_order_of_the_first_values(
    empty: Store,
    observations: list[Json],
    people: set[str],
    sorts: list[tuple[str, bool]],
    count: str,
) -> None:
    seen = [{**o, "id": f"o{n}"} for n, o in enumerate(observations)]
    written = [*seen, *({"resourceType": "Patient", "id": id_} for id_ in sorted(people))]
    order = ",".join(("-" if descending else "") + code for code, descending in sorts)
    try:
        async with empty.transaction() as connection:
            # twice: pages leave out what is new since the first, and here nothing is committed
            for tag in ("before", "now"):
                tagged = [{**r, "meta": {"tag": [{"code": tag}]}} for r in written]
                writes = [Write("update", r["resourceType"], r["id"], r) for r in tagged]
                await keep(connection, empty.laws, writes, Stamp("test"))
            got = await paged(connection, "Observation", ("_sort", order), ("_count", count))
            raise _UndoError
    except _UndoError:
        pass
    assert got == in_order(seen, sorts, {f"Patient/{id_}" for id_ in people})


# ---------------------------------------------------------------- filters

Filter = tuple[str, Test]


def present(code: str, wanted: bool) -> Filter:
    return f"{code} pr {str(wanted).lower()}", lambda r: bool(found(r, code)) == wanted


def equal(code: str, value: str) -> Filter:
    return f"{code} eq {value}", some(code, lambda x: token_matches(value, x))


def dated(operator: str, date: str) -> Filter:
    def test(value: Any) -> bool:
        if operator != "po":
            return date_matches(operator, date, value)
        (low, high), (begin, end) = span(date), date_span(value)
        return begin < high and end > low

    return f"birthdate {operator} {date}", some("birthdate", test)


def named(operator: str, text: str) -> Filter:
    tests: dict[str, Callable[[str, str], bool]] = {
        "eq": str.__eq__,
        "co": str.__contains__,
        "sw": str.startswith,
    }

    def test(value: Any) -> bool:
        return any(tests[operator](bare(one), bare(text)) for one in strings(value))

    return f'name {operator} "{text}"', some("name", test)


def negated(one: Filter) -> Filter:
    return f"not ({one[0]})", lambda r: not one[1](r)


def grouped(one: Filter, word: str, other: Filter) -> Filter:
    def test(resource: Json) -> bool:
        left, right = one[1](resource), other[1](resource)
        return (left and right) if word == "and" else (left or right)

    return f"({one[0]} {word} {other[0]})", test


def from_the_left(first: Filter, rest: list[tuple[str, Filter]]) -> Filter:
    for word, other in rest:
        text = f"{first[0]} {word} {other[0]}"
        first = (text, grouped(first, word, other)[1])
    return first


WORDS = st.sampled_from(["and", "or"])
COMPARISON = st.one_of(
    st.builds(present, st.sampled_from(["name", "birthdate", "identifier"]), st.booleans()),
    st.builds(equal, st.just("identifier"), st.builds("{}|{}".format, SYSTEMS, CODES) | CODES),
    st.builds(dated, PREFIXES | st.just("po"), DATES.filter(lambda d: "T" not in d)),
    st.builds(named, st.sampled_from(["eq", "co", "sw"]), NAMES | st.sampled_from(["a", "b"])),
)
FILTER = st.recursive(
    COMPARISON,
    lambda inner: st.one_of(
        st.builds(negated, inner),
        st.builds(grouped, inner, WORDS, inner),
        st.builds(from_the_left, inner, st.lists(st.tuples(WORDS, inner), max_size=2)).map(
            lambda one: (f"({one[0]})", one[1])
        ),
    ),
    max_leaves=5,
)


def through(one: Filter, people: list[Json]) -> Filter | None:
    """The same comparison, asked of an observation about its patient."""
    met = {f"Patient/{p['id']}" for p in people if one[1](p)}
    return f"patient.{one[0]}", some("subject", lambda x: x["reference"] in met)


@ROUNDS
@given(
    world=world,
    asked=st.lists(FILTER, min_size=1, max_size=3),
    chained=COMPARISON.filter(lambda one: one is not None),
)
async def test_a_filter_means_what_the_standard_says(
    empty: Store, world: tuple[list[Json], list[Json]], asked: list[Filter], chained: Filter
) -> None:
    people = [{**p, "id": str(n)} for n, p in enumerate(world[0], 1)]
    seen = [{**o, "id": f"o{n}"} for n, o in enumerate(world[1], 1)]
    far = through(chained, people)
    assert far is not None
    questions = [("Patient", [("_filter", text, test)]) for text, test in asked]
    questions.append(("Observation", [("_filter", far[0], far[1])]))
    expected = [
        sorted(r["id"] for r in people + seen if r["resourceType"] == kind and one[0][2](r))
        for kind, one in questions
    ]
    got = await answers(empty, [*people, *seen], questions)
    shown = [one[0][1] for _, one in questions]
    assert list(zip(shown, got, strict=True)) == list(zip(shown, expected, strict=True))


# ---------------------------------------------------------------- lists, places, hierarchies

DEGREES = st.floats(-3, 3) | st.sampled_from([0.0, 1e-308, -1e-9])
places = st.lists(
    optional(position=st.tuples(DEGREES, DEGREES), part=st.integers(0, 5)), min_size=1, max_size=6
)


def location(number: int, drawn: Json) -> Json:
    made: Json = {"resourceType": "Location", "id": f"l{number}"}
    if "position" in drawn:
        latitude, longitude = drawn["position"]
        made["position"] = {"latitude": latitude, "longitude": longitude}
    if "part" in drawn:
        made["partOf"] = {"reference": f"Location/l{drawn['part']}"}
    return made


def metres(one: Json, latitude: float, longitude: float) -> float:
    """The spherical law of cosines in vectors: another formula than the server's."""

    def vector(lat: float, lon: float) -> tuple[float, float, float]:
        lat, lon = math.radians(lat), math.radians(lon)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    here, there = vector(latitude, longitude), vector(one["latitude"], one["longitude"])
    return 6_371_008.7714 * math.atan2(
        math.dist(here, there) * math.sqrt(max(0.0, 1 - math.dist(here, there) ** 2 / 4)),
        sum(a * b for a, b in zip(here, there, strict=True)),
    )


def reached(begin: str, edges: dict[str, set[str]]) -> set[str]:
    seen, waiting = {begin}, [begin]
    while waiting:
        fresh = edges.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
    return seen


@ROUNDS
@given(
    drawn=places,
    root=st.integers(0, 5),
    here=st.tuples(DEGREES, DEGREES),
    km=st.floats(0.1, 500),
    listed=st.sets(st.integers(0, 5)),
)
async def test_places_are_found_by_position_hierarchy_and_list(
    empty: Store,
    drawn: list[Json],
    root: int,
    here: tuple[float, float],
    km: float,
    listed: set[int],
) -> None:
    made = [location(n, one) for n, one in enumerate(drawn)]
    ids = {one["id"] for one in made}
    whole = {r["id"]: r["partOf"]["reference"][9:] for r in made if "partOf" in r}
    up = {part: {over} & ids for part, over in whole.items()}
    down: dict[str, set[str]] = {}
    for part, over in whole.items():
        down.setdefault(over, set()).add(part)
    entries = [{"item": {"reference": f"Location/l{n}"}} for n in sorted(listed)]
    of_list = {"resourceType": "List", "id": "x", "status": "current", "mode": "working"}
    under, over = reached(f"l{root}", down), reached(f"l{root}", up)
    near = f"{here[0]}|{here[1]}|{km}|km"

    def is_near(one: Json) -> bool:
        return "position" in one and metres(one["position"], *here) <= km * 1_000

    questions: list[tuple[str, list[tuple[str, str, Test]]]] = [
        (
            "Location",
            [
                (
                    "near",
                    near,
                    lambda r: "position" in r and metres(r["position"], *here) <= km * 1e3,
                )
            ],
        ),
        ("Location", [("near:missing", "true", lambda r: "position" not in r)]),
        ("Location", [("partof:below", f"l{root}", lambda r: whole.get(r["id"]) in under)]),
        ("Location", [("partof:above", f"Location/l{root}", lambda r: whole.get(r["id"]) in over)]),
        ("Location", [("_list", "x", lambda r: int(r["id"][1:]) in listed)]),
        ("Location", [("_list", "y", lambda r: False)]),
    ]
    expected = [sorted(r["id"] for r in made if one[0][2](r)) for _, one in questions]
    lists = [{**of_list, **({"entry": entries} if entries else {})}]
    got = await answers(empty, [*made, *lists], questions)
    shown = [one[0][:2] for _, one in questions]
    assert list(zip(shown, got, strict=True)) == list(zip(shown, expected, strict=True))
