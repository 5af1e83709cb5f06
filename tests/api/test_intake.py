"""The way in, against PostgreSQL: the law of counts, loading twice, quarantine and back."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nabd import intake, registry, slices
from nabd.errors import Problem
from nabd.intake import Batch, Source, reading
from nabd.intake.load import mark_of
from nabd.intake.mapping import Mapping
from nabd.store import Stamp, Store, bulk, quarantine
from nabd.store import batch as batches
from nabd.store.bulk import Record

STAMP = Stamp("steward", "test")
LISTS = {
    "primary-care-2024.xlsx": "morocco-primary-care-2024",
    "hospitals-2024.csv": "morocco-hospitals-2024",
}
BEDS = """
name = "beds"
[source]
format = "csv"
[columns.site]
header = "site"
required = true
[columns.existing]
header = "existing"
clean = [{ number = "integer" }]
[columns.functional]
header = "functional"
clean = [{ number = "integer" }]
[key]
columns = ["site"]
[[resources]]
type = "Observation"
id = "beds-{site}"
[resources.set]
'status' = "final"
'category[0].coding[0].system' = "https://nabd.health/fhir/CodeSystem/observation-kind"
'category[0].coding[0].code' = "bed-count"
'code.text' = "beds"
'subject.reference' = "Location/{site}"
'effectiveDateTime' = "2026-01-31"
'component[0].code.coding[0].system' = "https://nabd.health/fhir/CodeSystem/bed-measure"
'component[0].code.coding[0].code' = "existing"
'component[0].valueInteger' = "{existing}"
'component[1].code.coding[0].system' = "https://nabd.health/fhir/CodeSystem/bed-measure"
'component[1].code.coding[0].code' = "functional"
'component[1].valueInteger' = "{functional}"
"""


@pytest_asyncio.fixture
async def house(database: str) -> AsyncIterator[Store]:
    """An open store with the laws of the slices."""
    store = await Store.open(database, slices.laws(), size=4)
    yield store
    await store.close()


def patient(identity: str, **more: Any) -> dict[str, Any]:
    """Make a patient."""
    return {"resourceType": "Patient", "id": identity, **more}


def ndjson(*resources: Any) -> bytes:
    """Write resources line by line; text goes as it is."""
    lines = (one if isinstance(one, str) else json.dumps(one) for one in resources)
    return "\n".join(lines).encode()


async def load(store: Store, content: bytes, name: str = "x.ndjson", **more: Any) -> Batch:
    """Load one source."""
    return await intake.load(store, [Source(name, content=content)], stamp=STAMP, **more)


def law(batch: batches.Batch) -> tuple[int, int, int, int]:
    """Return the counts, having checked their law."""
    assert batch.received == batch.stored + batch.unchanged + batch.quarantined
    return batch.received, batch.stored, batch.unchanged, batch.quarantined


async def fetch(store: Store, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a query."""
    async with store.read() as connection:
        return [tuple(row) for row in await connection.fetch(query, *values)]


async def open_entries(store: Store) -> list[quarantine.Entry]:
    """List what is open in quarantine."""
    async with store.read() as connection:
        return await quarantine.entries(connection)


@pytest.mark.parametrize(("name", "mapping"), LISTS.items())
async def test_the_lists_of_the_ministry_load_and_load_again(
    house: Store, shared: Path, name: str, mapping: str
) -> None:
    path = shared / "data/morocco" / name
    rows = 3224 if name.endswith("xlsx") else 177
    for expected in ((2 * rows, 2 * rows, 0, 0), (2 * rows, 0, 2 * rows, 0)):
        batch = await intake.load(house, [path], mapping=registry.mapping(mapping), stamp=STAMP)
        assert law(batch) == expected
        assert (batch.rows, batch.mapping) == (rows, mapping)
        assert len(batch.duplicates) == (1 if rows == 3224 else 0)
        async with house.read() as connection:
            assert await reading.duplicates(connection, batch.id) == list(batch.duplicates)
    assert await fetch(house, "select count(*) from live.facility") == [(rows,)]
    joined = "select count(distinct s.province_code) from live.site s where s.place_id is not null"
    assert (await fetch(house, joined))[0][0] == (75 if rows == 3224 else 71)
    history = await fetch(house, "select count(*) from history")
    assert history == [(0,)]


async def test_what_is_broken_is_quarantined_whole_and_the_rest_is_stored(house: Store) -> None:
    content = ndjson(
        patient("a"),
        '{"resourceType": "Patient", "id": "b"',
        patient("c", gender="unsure", birthdate="1990"),
        patient("d", active=True, name=[{"family": "x"}]),
        {"resourceType": "Nothing"},
        '{"resourceType": "Patient", "id": "e", "id": "f"}',
        "[" * 5000,
        '{"resourceType": "Patient", "multipleBirthInteger": 1' + "0" * 400 + "}",
    )
    batch = await load(house, content)
    assert law(batch) == (8, 2, 0, 6)
    entries = await open_entries(house)
    assert [entry.row for entry in entries] == [2, 3, 5, 6, 7, 8]
    assert len(entries[1].issues) >= 2
    lines = content.split(b"\n")
    async with house.read() as connection:
        for entry in entries:
            shown = await quarantine.show(connection, entry.id)
            assert shown.record == lines[entry.row - 1]
            assert all(issue.text("ar") and issue.text("fr") for issue in shown.issues)


async def test_a_source_that_comes_again_is_unchanged_and_its_faults_stay_open(
    house: Store,
) -> None:
    content = ndjson(patient("a"), "{broken")
    assert law(await load(house, content)) == (2, 1, 0, 1)
    assert law(await load(house, gzip.compress(content))) == (2, 0, 1, 1)
    assert len(await open_entries(house)) == 1


async def test_a_bundle_of_ten_thousand_entries_is_loaded(house: Store) -> None:
    entries = [{"resource": patient(f"p{i}")} for i in range(10_000)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert law(await load(house, json.dumps(bundle).encode(), "big.json")) == (10_000, 10_000, 0, 0)


async def test_a_transaction_with_cyclic_references_is_kept_whole_or_not_at_all(
    house: Store,
) -> None:
    def bundle(birth: str) -> bytes:
        one = patient("one", link=[{"other": {"reference": "urn:uuid:2"}, "type": "seealso"}])
        two = patient("two", link=[{"other": {"reference": "urn:uuid:1"}, "type": "seealso"}])
        two["birthDate"] = birth
        entries = [
            {"fullUrl": "urn:uuid:1", "resource": one},
            {"fullUrl": "urn:uuid:2", "resource": two},
        ]
        for entry, url in zip(entries, ("Patient/one", "Patient/two"), strict=True):
            entry["request"] = {"method": "PUT", "url": url}
        return json.dumps(
            {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        ).encode()

    assert law(await load(house, bundle("soon"), "t.json")) == (2, 0, 0, 2)
    (entry,) = await open_entries(house)
    assert entry.resources == 2
    status = await intake.correct(house, entry.id, bundle("1990-01-01"), "steward", "typo")
    assert status == "stored"
    assert await fetch(house, "select received, stored, quarantined from batch") == [(2, 2, 0)]
    bodies = await fetch(house, "select id from resource order by id")
    assert bodies == [("one",), ("two",)]


async def test_a_record_is_corrected_and_resubmitted(house: Store) -> None:
    await load(house, ndjson(patient("a", gender="F")))
    (entry,) = await open_entries(house)
    still_wrong = json.dumps(patient("a", gender="f")).encode()
    with pytest.raises(Problem) as wrong:
        await intake.correct(house, entry.id, still_wrong, "steward", "first try")
    assert [one.code for one in wrong.value.issues] == ["N2101"]
    assert [one.code for one in await intake.resubmit(house, entry.id, STAMP)] == ["N2101"]
    right = json.dumps(patient("a", gender="female")).encode()
    assert await intake.correct(house, entry.id, right, "steward", "code") == "stored"
    assert await open_entries(house) == []
    async with house.read() as connection:
        events = await quarantine.events(connection, entry.id)
        batch = await batches.show(connection, entry.batch)
    assert [one.action for one in events] == [
        "corrected",
        "resubmitted",
        "resubmitted",
        "corrected",
        "resolved",
    ]
    assert law(batch) == (1, 1, 0, 0)
    with pytest.raises(Problem) as wrong:
        await intake.correct(house, entry.id, right, "steward", "again")
    assert wrong.value.issues[0].code == "N3020"


async def test_a_record_that_is_there_already_is_resolved_as_unchanged(house: Store) -> None:
    await load(house, ndjson(patient("a"), patient("a ")))
    (entry,) = await open_entries(house)
    right = json.dumps(patient("a")).encode()
    assert await intake.correct(house, entry.id, right, "steward", "space") == "unchanged"


async def test_a_row_is_corrected_as_a_row(house: Store) -> None:
    mapping = Mapping.parse(BEDS.encode(), "beds.toml")
    content = b"site,existing,functional\ns1,10,nine\ns2,10,20\ns3,10,9\n"
    batch = await load(house, content, "beds.csv", mapping=mapping)
    assert law(batch) == (3, 1, 0, 2)
    by_row = {entry.row: entry for entry in await open_entries(house)}
    assert [one.code for one in by_row[2].issues] == ["N5024"]
    assert [one.code for one in by_row[3].issues] == ["N6012"]
    async with house.read() as connection:
        kept = (await quarantine.show(connection, by_row[2].id)).record
    row = json.loads(kept)
    row["row"]["functional"] = "11"
    with pytest.raises(Problem) as wrong:
        await intake.correct(house, by_row[2].id, json.dumps(row).encode(), "steward", "asked")
    assert [one.code for one in wrong.value.issues] == ["N6012"]
    row["row"]["functional"] = "9"
    await intake.correct(house, by_row[2].id, json.dumps(row).encode(), "steward", "asked")
    counts = await fetch(
        house, "select site_id, existing, functional from live.bed_count order by 1"
    )
    assert counts == [("s1", 10, 9), ("s3", 10, 9)]


async def test_guards_hold_on_the_way_in(house: Store) -> None:
    wrong = {
        "resourceType": "Organization",
        "id": "x",
        "name": "x",
        "type": [
            {
                "coding": [
                    {
                        "system": "https://nabd.health/fhir/CodeSystem/facility-category",
                        "code": "CHU",
                    }
                ]
            }
        ],
    }
    assert law(await load(house, ndjson(wrong))) == (1, 0, 0, 1)
    (entry,) = await open_entries(house)
    assert [one.code for one in entry.issues] == ["N6015"]


async def test_an_interrupted_load_goes_on_where_it_was(house: Store) -> None:
    content = ndjson(*(patient(f"p{i}") for i in range(5000)))
    source = Source("long.ndjson", content=content)

    class StopError(Exception):
        """The machine goes down here."""

    def failing() -> Iterator[Record]:
        for record in intake.preview([source]):
            if record.row > 4500:
                raise StopError
            yield record

    with pytest.raises(StopError):
        async with reading.begin(
            house, source.name, mark_of([source], None), None, "steward"
        ) as number:
            await bulk.load(house, failing(), source=source.name, actor="steward", batch=number)
    before = (await fetch(house, "select received from batch"))[0][0]
    assert 0 < before < 5000
    batch = await load(house, content, "long.ndjson")
    assert law(batch) == (5000, 5000, 0, 0)
    assert await fetch(house, "select count(*) from batch") == [(1,)]


async def test_two_loads_of_the_same_source_at_once_both_keep_the_law(house: Store) -> None:
    content = ndjson(*(patient(f"p{i}") for i in range(500)))
    first, second = await asyncio.gather(load(house, content), load(house, content))
    assert first.id != second.id
    law(first), law(second)
    assert first.stored + second.stored == 500
    assert await fetch(house, "select count(*) from resource") == [(500,)]


LINES = st.sampled_from(
    ["good", "again", "changed", "broken", "wrong", "bundle", "partly", "blank"]
)


def line(kind: str, number: int) -> str:
    """Make a line of NDJSON of a kind."""
    identity = f"p{number % 7}"
    bundle = {"resourceType": "Bundle", "type": "batch"}
    made: dict[str, Any] = {
        "good": patient(f"q{number}"),
        "again": patient(identity),
        "changed": patient(identity, active=bool(number % 2)),
        "wrong": patient(identity, gender="?"),
        "bundle": {**bundle, "entry": [{"resource": patient(f"r{number}-{i}")} for i in range(3)]},
        "partly": {**bundle, "entry": [{"resource": patient("ok")}, {"resource": patient("no!")}]},
    }
    return {"broken": '{"a"', "blank": " "}.get(kind) or json.dumps(made[kind])


RESOURCES = {"blank": 0, "bundle": 3, "partly": 2}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kinds=st.lists(LINES, min_size=1, max_size=30))
async def test_whatever_comes_is_stored_unchanged_or_quarantined(
    house: Store, kinds: list[str]
) -> None:
    content = "\n".join(line(kind, i) for i, kind in enumerate(kinds)).encode()
    batch = await load(house, content)
    expected = sum(RESOURCES.get(kind, 1) for kind in kinds)
    assert law(batch)[0] == expected
    again = await load(house, content)
    assert law(again)[0] == expected
    assert again.quarantined == batch.quarantined
    kept = await fetch(
        house, "select coalesce(sum(resources), 0) from quarantine where batch = $1", batch.id
    )
    assert kept == [(batch.quarantined,)]
