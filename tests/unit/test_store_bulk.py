"""The bulk loader keeps the same laws as ``keep``, and leaves the same rows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from nabd.errors import Problem, issue
from nabd.fhir.json import decode, encode
from nabd.store import Stamp, Store, Write, batch, quarantine
from nabd.store.batch import Batch
from nabd.store.bulk import Record, load
from nabd.store.bulk.chunk import Loader
from nabd.store.keep import keep
from nabd.store.read import read, read_version
from nabd.store.tables import verify
from unit import store_laws

Json = dict[str, Any]


@pytest_asyncio.fixture
async def store(database: str) -> AsyncIterator[Store]:
    store = await Store.open(database, store_laws.laws(), size=4)
    yield store
    await store.close()


def patient(id_: str, family: str = "A", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": family}], **more}


def bundle(*resources: Json, kind: str = "transaction", method: str = "POST") -> Json:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "fullUrl": f"urn:uuid:{r['id']}",
                "resource": r,
                "request": {"method": method, "url": f"{r['resourceType']}/{r['id']}"},
            }
            for r in resources
        ],
    }


def records(*values: Json | bytes, source: str = "s") -> list[Record]:
    raws = [v if isinstance(v, bytes) else encode(v) for v in values]
    return [Record(raw, source, n) for n, raw in enumerate(raws, 1)]


async def run(store: Store, some: list[Record], **options: Any) -> Batch:
    done = await load(store, some, source="s", actor="tester", **options)
    async with store.snapshot() as c:
        for view in store.laws.views:
            assert (await verify(c, view)).clean
    return done


def counts(done: Batch) -> tuple[int, int, int]:
    assert done.received == done.stored + done.unchanged + done.quarantined
    return done.stored, done.unchanged, done.quarantined


async def dump(store: Store) -> dict[str, list[Any]]:
    """All rows that a load or ``keep`` leaves behind, but for times, batches and bodies."""
    columns = "key, type, id, version, deleted, hash, terms"
    queries = {
        "resource": f"select {columns} from resource order by key",
        "date_value": "select key, param, lo, hi from date_value order by 1, 2, 3, 4",
        "number_value": "select key, param, lo, hi, unit, code, context from number_value "
        "order by 1, 2, 3, 4, 5, 6, 7",
        "string_value": "select key, param, folded, exact from string_value order by 1, 2, 3",
        "text_value": "select distinct term, param, folded from text_value order by 1, 2",
        "live": "select * from live.patient_name order by key, row",
    }
    async with store.read() as c:
        return {name: [tuple(r) for r in await c.fetch(query)] for name, query in queries.items()}


OBSERVATION: Json = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Haemoglobin"}]},
    "subject": {"reference": "Patient/a"},
    "effectiveDateTime": "2026-01-02T03:04:05Z",
    "valueQuantity": {"value": 12.50, "unit": "g/dL"},
}


async def test_a_load_leaves_the_same_rows_as_keep(store: Store, template: str) -> None:
    values = [patient("a", "Alami", birthDate="1980"), OBSERVATION, patient("b", "É l")]
    assert counts(await run(store, records(*values))) == (3, 0, 0)
    loaded = await dump(store)
    async with store.connection() as c:
        await c.execute("truncate resource, date_value, number_value, string_value, text_value")
        await c.execute("truncate live.patient_name")
    writes = [Write("update", v["resourceType"], v["id"], decode(encode(v))) for v in values]
    await store.retrying(lambda c: keep(c, store.laws, writes, Stamp("tester")))
    assert await dump(store) == loaded


async def test_loading_twice_changes_nothing(store: Store) -> None:
    some = records(patient("a"), bundle(patient("b"), patient("c")))
    assert counts(await run(store, some)) == (3, 0, 0)
    before = await dump(store)
    assert counts(await run(store, some)) == (0, 3, 0)
    assert await dump(store) == before


async def test_a_change_makes_a_version(store: Store) -> None:
    await run(store, records(patient("a"), patient("b")))
    assert counts(await run(store, records(patient("a", "New"), patient("b")))) == (1, 1, 0)
    async with store.read() as c:
        assert (await read_version(c, "Patient", "a", 1)) is not None
        current = await read(c, "Patient", "a")
    assert current and current.version == 2


async def test_one_resource_several_times_in_a_chunk(store: Store) -> None:
    some = records(patient("a", "1"), patient("a", "1"), patient("a", "2"), patient("a", "3"))
    assert counts(await run(store, some)) == (3, 1, 0)
    async with store.read() as c:
        current = await read(c, "Patient", "a")
    assert current and (current.version, b'"3"' in current.body) == (3, True)


async def test_what_is_wrong_is_quarantined_whole_with_its_place(store: Store) -> None:
    wrong = b'{"resourceType": "Patient",  "id": "w", "gender": "none", "birthDate": "x"}'
    broken = b'{"resourceType": "Patient", '
    done = await run(store, records(patient("a"), wrong, broken, patient("b")))
    assert counts(done) == (2, 0, 2)
    async with store.read() as c:
        found = [await quarantine.show(c, e.id) for e in await quarantine.entries(c, batch=done.id)]
    assert [(e.row, e.record) for e in found] == [(2, wrong), (3, broken)]
    assert len(found[0].issues) >= 2


async def test_a_reader_can_reject_a_record_itself(store: Store) -> None:
    reason = issue("N3023", "row 7")
    done = await run(store, [Record(b"a;b;c", "list.csv", 7, (reason,))])
    assert counts(done) == (0, 0, 1)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
    assert (entry.source, entry.row, entry.issues) == ("list.csv", 7, [reason])


async def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    wrong = bundle(patient("a"), patient("b", gender="none"), patient("c"))
    assert counts(await run(store, records(wrong, patient("z")))) == (1, 0, 3)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
        assert (entry.type, entry.resources) == ("Bundle", 3)
        assert entry.issues[0].path.startswith("Bundle.entry[1].resource.gender")
        assert await read(c, "Patient", "a") is None


async def test_a_transaction_that_changes_is_all_or_nothing_too(store: Store) -> None:
    await run(store, records(patient("a", "1")))
    product = {"resourceType": "BiologicallyDerivedProduct", "id": "p", "status": "available"}
    assert counts(await run(store, records(bundle(patient("a", "2"), product)))) == (0, 0, 2)
    assert counts(await run(store, records(bundle(patient("n"), product)))) == (0, 0, 2)
    async with store.read() as c:
        kept = await read(c, "Patient", "a")
        assert kept and kept.version == 1
        assert await read(c, "Patient", "n") is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "colection"}, "N2101"),
        ({"type": None}, "N2018"),
        ({"entrys": []}, "N2010"),
        ({"entry": []}, "N2005"),
        ({"entry": [{"resource": {"resourceType": "Patient"}, "fulUrl": "urn:a"}]}, "N2010"),
    ],
)
async def test_a_bundle_is_not_read_past_what_it_says(
    store: Store, change: Json, code: str
) -> None:
    values = bundle(patient("a"), kind="collection") | change
    assert counts(await run(store, records(values))) == (0, 0, 1)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
        assert code in {one.code for one in entry.issues}
        assert await read(c, "Patient", "a") is None


async def test_what_surrounds_entries_is_known(store: Store) -> None:
    """Every name that R4 gives a Bundle and its entries is understood, and does no harm."""
    more = {
        "id": "b",
        "meta": {"tag": [{"code": "a"}]},
        "identifier": {"system": "urn:oid:1.2", "value": "1"},
        "timestamp": "2026-01-01T00:00:00Z",
        "_timestamp": {"id": "x"},
        "total": 1,
        "link": [{"relation": "self", "url": "http://a.org"}],
    }
    values = bundle(patient("a"), kind="searchset") | more
    values["entry"][0] |= {"id": "e", "search": {"mode": "match"}}
    assert counts(await run(store, records(values))) == (1, 0, 0)


async def test_entries_of_a_collection_stand_for_themselves(store: Store) -> None:
    values = bundle(patient("a"), patient("b", gender="none"), kind="collection")
    done = await run(store, records(values))
    assert counts(done) == (1, 0, 1)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
        assert (entry.entry, entry.type) == (2, "Patient")
        assert json.loads((await quarantine.show(c, entry.id)).record)["id"] == "b"


@pytest.mark.parametrize("kind", ["transaction", "collection"])
async def test_temporary_references_are_resolved(store: Store, kind: str) -> None:
    seen = OBSERVATION | {"subject": {"reference": "urn:uuid:b"}, "focus": [{"reference": "urn:x"}]}
    identified = patient("b", identifier=[{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:b"}])
    await run(store, records(bundle(seen, identified, kind=kind)))
    async with store.read() as c:
        observation = await read(c, "Observation", "o1")
        named = await read(c, "Patient", "b")
    assert observation and named
    assert decode(observation.body)["subject"] == {"reference": "Patient/b"}
    assert decode(observation.body)["focus"] == [{"reference": "urn:x"}]
    assert decode(named.body)["identifier"][0]["value"] == "urn:uuid:b"


async def test_a_resource_without_an_id_gets_the_same_one_each_time(store: Store) -> None:
    alone = {"resourceType": "Patient", "gender": "male"}
    entry = {
        "fullUrl": "urn:uuid:6f2ff9d3-1a8e-4b9d-9d7c-0f7a5d2c2b11",
        "resource": {"resourceType": "Patient"},
        "request": {"method": "POST", "url": "Patient"},
    }
    some = records(alone, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert counts(await run(store, some)) == (2, 0, 0)
    assert counts(await run(store, some)) == (0, 2, 0)
    async with store.read() as c:
        assert await read(c, "Patient", "6f2ff9d3-1a8e-4b9d-9d7c-0f7a5d2c2b11")


@pytest.mark.parametrize(
    "change", [{"method": "DELETE"}, {"url": "Patient?x=y"}, {"ifNoneExist": "x"}]
)
async def test_what_only_the_api_can_do_is_quarantined(store: Store, change: Json) -> None:
    value = bundle(patient("a"))
    value["entry"][0]["request"] |= change
    done = await run(store, records(value))
    assert counts(done) == (0, 0, 1)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
    assert [one.code for one in entry.issues] == ["N3022"]


async def test_a_document_is_kept_as_it_is(store: Store) -> None:
    document = {"resourceType": "Bundle", "id": "d", "type": "message", "timestamp": "2026-01-01"}
    done = await run(store, records({**document, "entry": []}))
    assert done.received == 1


async def test_a_guard_stands_on_this_path_too(store: Store) -> None:
    product = {"resourceType": "BiologicallyDerivedProduct", "id": "p", "status": "available"}
    assert counts(await run(store, records(product))) == (0, 0, 1)


async def test_scope_terms_come_with_the_load(store: Store) -> None:
    await run(store, records(patient("abc")), scope=store_laws.scope)
    async with store.read() as c:
        assert await c.fetchval("select count(*) from resource where terms @> '{3}'") == 1


async def test_workers_do_the_same_as_this_process(store: Store) -> None:
    many = [patient(f"p{n}", f"Family{n % 50}") for n in range(4500)]
    some = records(*many, patient("p1", "Other"), b"{broken")
    done = await run(store, some, laws=store_laws.laws, scope=store_laws.scope, workers=2)
    assert done.received == 4502
    assert done.quarantined == 1
    assert counts(await run(store, records(*many[2:]), laws=store_laws.laws)) == (0, 4498, 0)
    async with store.read() as c:
        assert await c.fetchval("select count(*) from resource") == 4500


async def test_an_interrupted_load_goes_on_where_it_was(store: Store) -> None:
    values = records(*(patient(f"p{n}") for n in range(5000)))

    def stops_early() -> Iterator[Record]:
        yield from values[:4500]
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await load(store, stops_early(), source="s", actor="tester")
    async with store.read() as c:
        stopped = await batch.unfinished(c, "s")
    assert stopped and 0 < stopped.received < 5000
    done = await run(store, values, batch=stopped.id)
    assert counts(done) == (5000, 0, 0)
    assert done.state == "done"


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"\xff\xfe",
    b'{"resourceType": "Patient", "id": "n", "language": "a\\u0000b"}',
    b'{"resourceType": "Patient", "id": "n", "name": [{"family": "a\\u0000b"}]}',
    b'{"resourceType": "Patient", "id": "s", "name": [{"family": "\\ud800"}]}',
    b'{"resourceType": "Patient", "id": "d", "id": "e"}',
    b'{"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": 7}]}',
    b'{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": null}]}',
    b'{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": "x"}]}',
    b'{"resourceType":"Basic","id":"x","code":' + b'{"extension":[' * 5000,
    b'{"resourceType": "Nobody", "id": "x"}',
]


async def test_hostile_records_are_quarantined_and_the_others_kept(store: Store) -> None:
    mixed = [one for n, raw in enumerate(HOSTILE) for one in (raw, patient(f"p{n}"))]
    done = await run(store, records(*mixed))
    assert counts(done) == (len(HOSTILE), 0, len(HOSTILE))


async def test_what_no_rule_foresees_stops_only_itself(
    store: Store,
) -> None:
    def fails(resource: Json) -> tuple[int, ...]:
        return (1 // (resource["id"] != "p7"),)

    done = await run(store, records(*(patient(f"p{n}") for n in range(20))), scope=fails)
    assert counts(done) == (19, 0, 1)
    async with store.read() as c:
        [entry] = await quarantine.entries(c)
    assert (entry.row, [one.code for one in entry.issues]) == (8, ["N3027"])


async def test_who_works_for_a_resumed_load_can_add_nothing(store: Store) -> None:
    async with store.connection() as c:
        begun = await batch.begin(c, "s", "tester")
        left_behind = Loader(c, store.laws, None, Stamp("tester", batch=begun.id))
        await left_behind.keep(records(patient("a")))
        assert await batch.resume(c, begun.id) == 2
        with pytest.raises(Problem) as caught:
            await left_behind.keep(records(patient("b")))
    assert [one.code for one in caught.value.issues] == ["N3028"]
    async with store.read() as c:
        assert await read(c, "Patient", "b") is None


async def test_records_of_one_row_stay_in_one_chunk(store: Store) -> None:
    some = [Record(encode(patient(f"p{n}")), "s", n // 3 + 1) for n in range(60)]

    def stops_early() -> Iterator[Record]:
        yield from some[:40]
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await load(store, stops_early(), source="s", actor="tester", chunk=4)
    async with store.read() as c:
        stopped = await batch.unfinished(c, "s")
    assert stopped and stopped.received % 6 == 0
    assert counts(await run(store, some, batch=stopped.id, chunk=4)) == (60, 0, 0)


async def test_a_batch_that_is_not_there_is_said_so(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        await run(store, [], batch=77)
    assert [one.code for one in caught.value.issues] == ["N3016"]


async def test_a_load_brings_the_scope_up_to_date(store: Store) -> None:
    async def terms() -> list[int]:
        async with store.read() as connection:
            return list(await connection.fetchval("select terms from resource"))

    assert counts(await run(store, records(patient("a")), scope=lambda _: (7,))) == (1, 0, 0)
    before = await terms()
    assert counts(await run(store, records(patient("a")), scope=lambda _: (7, 8))) == (0, 1, 0)
    assert await terms() == [*before[:-2], 7, 8, 2]
