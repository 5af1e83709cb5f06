"""The synthetic country: the same bytes for a seed, real numbers, marked, valid."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from itertools import chain, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.access.custody import custodians_of
from nabd.demo import beds, doubles, facilities, flaws, records, workers
from nabd.demo.chance import shares, stream
from nabd.demo.country import country, is_missing, parts
from nabd.demo.facilities import DATA
from nabd.demo.people import persons
from nabd.demo.tag import TAG
from nabd.errors import Problem
from nabd.fhir.check import check, check_value
from nabd.fhir.json import Json, encode
from nabd.registry import guards
from nabd.registry.territory import places
from nabd.store import Stamp

SEED = 7
PEOPLE = 720
STAMP = Stamp("test")


@pytest.fixture(scope="module")
def health() -> list[Json]:
    """The health records of a small country."""
    return [resource for _, resource in records.resources(SEED, PEOPLE)]


def digest(people: int, seed: int) -> str:
    """Hash the country: its records, and the first of each of its registers."""
    found = hashlib.sha256()
    sources = (
        islice(facilities.resources(seed), 3000),
        beds.resources(seed),
        islice(workers.resources(seed), 3000),
        (one for _, one in records.resources(seed, people)),
        doubles.resources(seed, people),
    )
    for resource in chain(*sources):
        found.update(encode(resource))
    return found.hexdigest()


def test_a_seed_makes_the_same_bytes() -> None:
    first = digest(200, SEED)
    facilities.facilities.cache_clear()
    assert digest(200, SEED) == first != digest(200, SEED + 1)


def test_facilities_have_their_real_numbers() -> None:
    found = Counter((one.place.province, one.category) for one in facilities.facilities(SEED))
    with (DATA / "facilities.csv").open(encoding="utf-8") as file:
        published = {
            (row["province"], row["category"]): int(row["facilities"])
            for row in csv.DictReader(file)
        }
    assert found == published
    hospital = {"HP", "HPr", "HIR", "HR", "CRO", "CPU", "HPsyP", "HPsyR"}
    assert found.total() == 3224 + 177
    assert sum(n for (_, category), n in found.items() if category in hospital) == 177
    assert len({province for province, _ in found}) == 75


def test_every_resource_is_marked_valid_and_lawful(health: list[Json]) -> None:
    sample = [
        *islice(facilities.resources(SEED), 0, None, 11),
        *islice(beds.resources(SEED), 0, None, 11),
        *islice(workers.resources(SEED), 0, None, 331),
        *islice(health, 0, None, 3),
        *doubles.resources(SEED, PEOPLE),
    ]
    for resource in sample:
        check_value(resource)
        assert resource["meta"]["tag"] == [TAG]
        for guard in guards.GUARDS.get(resource["resourceType"], ()):
            assert guard(resource, None, STAMP) == []


def test_ids_are_unique_and_references_lead_somewhere(health: list[Json]) -> None:
    again = doubles.resources(SEED, PEOPLE)
    made = [*facilities.resources(SEED), *workers.resources(SEED), *health, *again]
    ids = Counter(f"{one['resourceType']}/{one['id']}" for one in made)
    assert ids.most_common(1)[0][1] == 1
    known = ids.keys() | {f"Location/{place.id}" for place in places().values()}
    for one in islice(made, 0, None, 7):
        assert set(references(one)) <= known


def references(value: Any) -> list[str]:
    """Return every reference inside a value."""
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for part in value.values() for found in references(part)]
    if isinstance(value, list):
        return [found for part in value for found in references(part)]
    return []


def test_people_live_where_the_census_counted_them() -> None:
    found = Counter(person.commune.region for person in persons(SEED, 36_000))
    whole = places()["MA"].population
    for region, people in found.items():
        expected = 36_000 * places()[region].population / whole
        assert abs(people - expected) <= 80
    assert found.total() == 36_000


def test_people_have_names_in_both_scripts(health: list[Json]) -> None:
    patients = [one for one in health if one["resourceType"] == "Patient"]
    assert len(patients) == PEOPLE
    for one in patients:
        arabic, french = one["name"]
        assert any("؀" <= letter <= "ۿ" for letter in arabic["family"])
        assert french["family"].isascii()
        assert one["identifier"][0]["value"].startswith("SYN-")
        assert one["managingOrganization"]["reference"].startswith("Organization/demo-")


def test_one_person_in_fifty_is_met_again_elsewhere(health: list[Json]) -> None:
    first = {one["id"]: one for one in health if one["resourceType"] == "Patient"}
    again = list(doubles.resources(SEED, PEOPLE))
    assert 0.018 * 36_000 <= sum(1 for _ in doubles.resources(SEED, 36_000)) <= 0.022 * 36_000
    others = 0
    for one in again:
        number, _, row = one["id"].removeprefix("demo-p").partition("-")
        home = first[f"demo-p{number}"]
        assert (one["managingOrganization"] == home["managingOrganization"]) == (row == "2")
        others += one["birthDate"] != home["birthDate"]
    assert 0 < others < len(again)


def test_each_kind_of_second_registration_is_there_even_in_a_small_country() -> None:
    by_kind = Counter(
        kind.__name__
        for turn, person in enumerate(persons(SEED, PEOPLE))
        for kind in doubles.KINDS
        if kind(person, stream(SEED, turn))
    )
    assert set(by_kind) == {kind.__name__ for kind in doubles.KINDS}
    assert len(list(doubles.resources(SEED, 60))) >= len(doubles.KINDS)


def test_numbers_and_phones_are_of_forms_that_nobody_has(health: list[Json]) -> None:
    patients = [one for one in health if one["resourceType"] == "Patient"]
    patients += doubles.resources(SEED, PEOPLE)
    reached = [one["telecom"][0]["value"] for one in patients if "telecom" in one]
    assert 0.5 < len(reached) / len(patients) < 0.7
    assert all(value.startswith("+212 0") for value in reached)
    numbers = [n["value"] for one in patients for n in one["identifier"]]
    assert all(value.startswith("SYN-") for value in numbers)
    national = [value for value in numbers if value.startswith("SYN-N")]
    assert 0.3 < len(national) / len(patients) < 0.7


def test_every_health_record_has_a_custodian(health: list[Json]) -> None:
    for one in health:
        (custodian,) = custodians_of(one)
        assert custodian.startswith("demo-")


def test_twelve_months_are_filled_and_winter_brings_influenza() -> None:
    by_month: dict[str, Counter[int]] = defaultdict(Counter)
    for _, one in records.resources(SEED, 6000):
        if one["resourceType"] == "Condition":
            code = one["code"]["coding"][0]["code"]
            by_month[code][int(one["recordedDate"][5:7])] += 1
    total = sum(by_month.values(), Counter[int]())
    assert set(total) == set(range(1, 13))
    flu = by_month["J11.1"]
    assert flu[12] + flu[1] + flu[2] > 3 * (flu[6] + flu[7] + flu[8])


def test_beds_and_workers_add_up_to_the_country() -> None:
    last: Counter[str] = Counter()
    for one in beds.resources(SEED):
        existing, functional = (part["valueInteger"] for part in one["component"])
        assert 0 <= functional <= existing
        if one["effectiveDateTime"] == beds.QUARTERS[-1]:
            last.update(existing=existing, functional=functional)
    assert 25_000 <= last["functional"] <= last["existing"] <= 29_000
    assert sum(workers.POSTS.values()) == 55_554


def test_flaws_are_flaws(health: list[Json]) -> None:
    for one in flaws.beds(SEED):
        assert guards.observation(one, None, STAMP)
    for kind in range(3):
        for resource in health[:3]:
            number = kind * flaws.BREAK_EVERY
            with pytest.raises(Problem):
                check(flaws.broken(number, resource))


def test_the_parts_of_the_country_hold_it_once() -> None:
    found: Counter[str] = Counter()
    rows: dict[str, int] = defaultdict(int)
    for part in parts(PEOPLE, SEED):
        for record in part.records:
            assert record.row == rows[record.source] + 1
            rows[record.source] = record.row
            found[part.name] += 1
    whole = sum(1 for _ in country(PEOPLE, SEED))
    silent = sum(
        1
        for _, one in records.resources(SEED, PEOPLE)
        if one["resourceType"] != "Patient" and is_missing(one, flaws.silent(SEED))
    )
    assert found.total() == whole + len(list(flaws.beds(SEED))) - silent


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=20).filter(
        lambda weights: sum(weights) > 0.001
    ),
)
def test_shares_add_up_and_are_fair(total: int, weights: list[float]) -> None:
    parts_ = shares(total, weights)
    assert sum(parts_) == total
    for part, weight in zip(parts_, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1.001
