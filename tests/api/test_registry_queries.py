"""The registry's named queries on a loaded country: what pages show adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from itertools import islice
from typing import Any

import pytest_asyncio

from nabd import slices
from nabd.access.custodians import batch_scope
from nabd.demo import beds, facilities, flaws, records, workers
from nabd.demo.country import is_missing, parts
from nabd.intake import Report, keep
from nabd.registry.territory import places
from nabd.store import Stamp, Store, tables
from nabd.store.bulk import Record

SEED = 7
POSTS = 3000
Row = dict[str, Any]


@pytest_asyncio.fixture(scope="module")
async def house(module_database: str) -> AsyncIterator[Store]:
    """A store with the territory, the facilities, the beds, some workers and people of the demo."""
    store = await Store.open(module_database, slices.laws(), size=4)
    for part in islice(parts(100, SEED), 5):
        records: Any = part.records
        if part.name.startswith("Workforce"):
            records = islice(records, POSTS)
        await _load(store, part.name, records)
    yield store
    await store.close()


async def _load(store: Store, name: str, records: Any) -> None:
    await keep(
        store, records, source=name, mark="x", report=Report(), stamp=Stamp("test"), workers=0
    )


async def ask(store: Store, query_name: str, /, **values: Any) -> list[Row]:
    """Run a named query."""
    query = slices.queries()[query_name]
    async with store.read() as connection:
        return [dict(row) for row in await connection.fetch(query.sql, *query.arrange(values))]


async def test_every_level_adds_up_to_the_country(house: Store) -> None:
    country, regions, provinces = [
        await ask(house, "places", level=level) for level in ("country", "region", "province")
    ]
    assert (len(country), len(regions), len(provinces)) == (1, 12, 75)
    for name in ("population", "facilities", "primary_care", "hospitals", "beds_existing"):
        for rows in (regions, provinces):
            assert sum(row[name] or 0 for row in rows) == country[0][name]
    assert country[0]["facilities"] == 3401
    assert country[0]["hospitals"] == 177
    assert country[0]["population"] == 36_828_330


async def test_beds_are_those_of_the_last_count(house: Store) -> None:
    last = Counter[str]()
    for one in beds.resources(SEED):
        if one["effectiveDateTime"] == beds.QUARTERS[-1]:
            last.update(existing=one["component"][0]["valueInteger"])
    (country,) = await ask(house, "places", level="country")
    assert country["beds_existing"] == last["existing"]


async def test_workers_are_counted_by_cadre(house: Store) -> None:
    found = Counter(
        one["code"][0]["coding"][0]["code"]
        for one in islice(workers.resources(SEED), POSTS)
        if one["resourceType"] == "PractitionerRole"
    )
    (country,) = await ask(house, "places", level="country")
    assert country["workers"] == found.total()
    assert country["physicians"] == found["general-practitioner"] + found["specialist"]


async def test_a_province_lists_its_facilities_with_their_communes(house: Store) -> None:
    rows = await ask(house, "facilities_of_province", province="06.141")
    expected = [one for one in facilities.facilities(SEED) if one.place.province == "06.141"]
    assert {row["id"] for row in rows} == {one.id for one in expected}
    assert all(row["commune_fr"] and row["commune_ar"] for row in rows)
    communes = await ask(house, "communes", province="06.141")
    assert sum(row["facilities"] for row in communes) == len(expected)


async def test_a_facility_is_found_by_name_category_and_province(house: Store) -> None:
    one = next(f for f in facilities.facilities(SEED) if f.category == "HR")
    asked = {"name": one.name.latin[:4].upper(), "category": "HR", "limit": 200}
    rows = await ask(house, "facilities_found", province=one.place.province, **asked)
    assert one.id in {row["id"] for row in rows}
    assert {row["category"] for row in rows} == {"HR"}
    arabic = await ask(
        house, "facilities_found", name=one.name.arabic, category="", province="", limit=500
    )
    assert one.id in {row["id"] for row in arabic}


async def test_a_facility_shows_beds_services_staff_and_membership(house: Store) -> None:
    one = next(f for f in facilities.facilities(SEED) if f.category == "HR")
    (row,) = await ask(house, "facility", facility=one.id)
    assert (row["province_code"], row["commune_code"]) == (one.place.province, one.place.code)
    assert row["region_ar"] == places()[one.place.region].name_ar
    counts = await ask(house, "facility_beds", facility=one.id)
    assert len(counts) == len(one.wards) * len(beds.QUARTERS)
    services = await ask(house, "facility_services", facility=one.id)
    assert {service["code"] for service in services} == set(one.services)
    (membership,) = await ask(house, "facility_memberships", facility=one.id)
    assert membership["name"].startswith("Groupement sanitaire territorial")
    assert await ask(house, "facility_staff", facility=one.id)


async def test_the_hierarchy_is_whole_and_gaps_are_counted(house: Store) -> None:
    assert await ask(house, "hierarchy") == []
    gaps = await ask(house, "completeness")
    assert sum(row["facilities"] for row in gaps) == 3401
    assert sum(row["hospitals_without_beds"] for row in gaps) == 0


async def test_facilities_are_listed_by_how_long_they_are_silent(house: Store) -> None:
    rows = await ask(house, "reporting", since=date(2025, 7, 1), least=1, limit=500)
    encounters = [
        one
        for _, one in records.resources(SEED, 100)
        if one["resourceType"] == "Encounter" and not is_missing(one, flaws.silent(SEED))
    ]
    assert sum(row["encounters"] for row in rows) == len(encounters)
    days = [row["last_day"] for row in rows]
    assert days == sorted(days)
    few = await ask(house, "reporting", since=date(2025, 7, 1), least=3, limit=500)
    assert all(row["encounters"] >= 3 for row in few)


async def test_organisations_tell_the_places_that_they_lie_in(house: Store) -> None:
    one = facilities.facilities(SEED)[0]
    rows = await ask(house, "custody", ids=[one.id])
    assert {row["code"] for row in rows} == {one.place.province, one.place.region}
    async with house.read() as connection:
        scope = await batch_scope(connection, slices.queries())
    assert len(scope.places) == 3401


async def test_live_tables_are_what_their_views_say(house: Store) -> None:
    async with house.snapshot() as connection:
        for view in slices.laws().views:
            assert (await tables.verify(connection, view)).clean


async def test_a_count_that_cannot_be_true_is_not_in_the_tables(house: Store) -> None:
    async with house.read() as connection:
        wrong = await connection.fetchval(
            "select count(*) from live.bed_count where functional > existing or existing < 0"
        )
        kept = await connection.fetchval("select count(*) from quarantine")
    assert (wrong, kept) == (0, 4)


def test_records_of_a_part_are_records() -> None:
    part = next(iter(parts(10, SEED)))
    assert isinstance(next(iter(part.records)), Record)
