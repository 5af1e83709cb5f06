"""Searches against PostgreSQL, by what a client sends and what it gets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from nabd.errors import Problem
from nabd.fhir.json import Json
from nabd.fhir.search import member_of, parse, term
from nabd.fhir.search.nodes import any_of
from nabd.store import Stamp, Store, Write
from nabd.store.connection import Connection
from nabd.store.keep import keep
from nabd.store.search import Result, search

STAMP = Stamp("test")


async def put(store: Store, *resources: Json, scope: tuple[int, ...] = ()) -> None:
    writes = [Write("update", r["resourceType"], r["id"], r, scope=scope) for r in resources]
    async with store.transaction() as connection:
        await keep(connection, store.laws, writes, STAMP)


async def ask(store: Store, kind: str, *parameters: tuple[str, str], **options: Any) -> Result:
    async with store.read() as connection:
        return await search(
            connection, parse(kind, parameters), options.pop("scope", None), **options
        )


async def ids(store: Store, kind: str, *parameters: tuple[str, str], **options: Any) -> list[str]:
    return [found.id for found in (await ask(store, kind, *parameters, **options)).matches]


def patient(id_: str, **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id_, **more}


def observation(id_: str, code: str, subject: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": code, "display": f"The {code}"}]
        },
        "subject": {"reference": f"Patient/{subject}"},
        **more,
    }


def component(code: str, value: float) -> Json:
    concept = {"coding": [{"system": "http://loinc.org", "code": code}]}
    return {"code": concept, "valueQuantity": mmhg(value)}


def mmhg(value: float) -> Json:
    return {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}


ADA = patient(
    "ada",
    active=True,
    name=[{"family": "Benali", "given": ["Adèle", "Marie"]}, {"text": "أحمد الفاسي"}],
    gender="female",
    birthDate="1980-05-17",
    identifier=[
        {
            "system": "urn:cin",
            "value": "AB1",
            "type": {
                "coding": [{"system": "urn:kinds", "code": "NI"}],
                "text": "National identity card",
            },
        }
    ],
    telecom=[{"system": "phone", "value": "0600"}, {"system": "email", "value": "a@b.ma"}],
    address=[{"city": "Salé", "line": ["1 rue des Orangers"]}],
    generalPractitioner=[{"reference": "Practitioner/dr"}],
    meta={"tag": [{"system": "urn:tags", "code": "demo"}], "profile": ["http://x.org/p|1.0"]},
)
BEN = patient(
    "ben",
    active=False,
    name=[{"family": "O'Neil", "given": ["Ben"]}],
    gender="male",
    birthDate="1990",
    deceasedDateTime="2020-01-01",
    identifier=[{"system": "urn:cin", "value": "CD2"}, {"value": "AB1"}],
    managingOrganization={"identifier": {"system": "urn:org", "value": "7"}},
)
DR = {
    "resourceType": "Practitioner",
    "id": "dr",
    "name": [{"family": "Tazi", "given": ["Dr"]}],
}
PRESSURE = observation(
    "pressure",
    "85354-9",
    "ada",
    effectiveDateTime="2024-03-05T10:00:00Z",
    component=[component("8480-6", 150), component("8462-4", 80)],
)
WEIGHT = observation(
    "weight",
    "29463-7",
    "ada",
    effectivePeriod={"start": "2024-03-01", "end": "2024-03-10"},
    valueQuantity={
        "value": 72.5,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
)
SMOKER = observation(
    "smoker",
    "72166-2",
    "ben",
    effectiveDateTime="2023",
    valueCodeableConcept={"coding": [{"system": "urn:s", "code": "yes"}], "text": "Smokes daily"},
)
ALL = (ADA, BEN, DR, PRESSURE, WEIGHT, SMOKER)


@pytest_asyncio.fixture(scope="module")
async def clinic(module_database: str) -> AsyncIterator[Store]:
    store = await Store.open(module_database, size=2)
    await put(store, *ALL)
    yield store
    await store.close()


PATIENTS: Sequence[tuple[str, str, str]] = (
    ("name", "benali", "ada"),
    ("name", "BÉN", "ada ben"),
    ("name", "adele", "ada"),
    ("name", "احمد", "ada"),
    ("name:exact", "Adèle", "ada"),
    ("name:exact", "adele", ""),
    ("name:contains", "nal", "ada"),
    ("name", "nal", ""),
    ("family", "o'n,ben", "ada ben"),
    ("address-city", "sale", "ada"),
    ("address", "1 rue", "ada"),
    ("gender", "male", "ben"),
    ("gender", "http://hl7.org/fhir/administrative-gender|male", "ben"),
    ("gender", "urn:other|male", ""),
    ("gender:not", "male", "ada"),
    ("active", "true", "ada"),
    ("identifier", "AB1", "ada ben"),
    ("identifier", "urn:cin|AB1", "ada"),
    ("identifier", "|AB1", "ben"),
    ("identifier", "urn:cin|", "ada ben"),
    ("identifier:of-type", "urn:kinds|NI|AB1", "ada"),
    ("identifier:of-type", "urn:kinds|NI|CD2", ""),
    ("identifier:text", "identity", "ada"),
    ("phone", "0600", "ada"),
    ("email", "a@b.ma", "ada"),
    ("email", "0600", ""),
    ("telecom", "0600", "ada"),
    ("birthdate", "1980-05-17", "ada"),
    ("birthdate", "1980", "ada"),
    ("birthdate", "lt1985", "ada"),
    ("birthdate", "ge1990", "ben"),
    ("birthdate", "ne1990", "ada"),
    ("death-date", "2020-01-01", "ben"),
    ("death-date:missing", "true", "ada"),
    ("deceased", "true", "ben"),
    ("deceased", "false", "ada"),
    ("general-practitioner", "Practitioner/dr", "ada"),
    ("general-practitioner", "dr", "ada"),
    ("general-practitioner:Practitioner", "dr", "ada"),
    ("general-practitioner:Organization", "dr", ""),
    ("general-practitioner:missing", "true", "ben"),
    ("general-practitioner.name", "tazi", "ada"),
    ("general-practitioner:Practitioner.family", "x", ""),
    ("organization:identifier", "urn:org|7", "ben"),
    ("_id", "ada,ben,none", "ada ben"),
    ("_tag", "urn:tags|demo", "ada"),
    ("_tag:not", "demo", "ben"),
    ("_profile", "http://x.org/p", "ada"),
    ("_profile", "http://x.org/p|1.0", "ada"),
    ("_profile", "http://x.org/p|2.0", ""),
    ("_lastUpdated", "gt2020", "ada ben"),
    ("_lastUpdated", "lt2020", ""),
    ("_has:Observation:patient:code", "29463-7", "ada"),
    ("_has:Observation:subject:value-quantity", "gt70", "ada"),
    ("_has:Observation:patient:_id", "smoker", "ben"),
)


@pytest.mark.parametrize(("name", "value", "expected"), PATIENTS)
async def test_patients(clinic: Store, name: str, value: str, expected: str) -> None:
    assert sorted(await ids(clinic, "Patient", (name, value))) == expected.split()


OBSERVATIONS: Sequence[tuple[str, str, str]] = (
    ("code", "85354-9", "pressure"),
    ("code", "http://loinc.org|29463-7,72166-2", "smoker weight"),
    ("code", "urn:x|29463-7", ""),
    ("code:text", "the 85", "pressure"),
    ("code:text", "294", "weight"),
    ("combo-code", "8480-6", "pressure"),
    ("component-code", "85354-9", ""),
    ("status:in", "http://hl7.org/fhir/ValueSet/observation-status", "pressure smoker weight"),
    ("status:not-in", "http://hl7.org/fhir/ValueSet/observation-status", ""),
    ("patient", "ada", "pressure weight"),
    ("subject", "Patient/ben", "smoker"),
    ("subject:Patient", "ben", "smoker"),
    ("subject:Group", "ben", ""),
    ("patient.birthdate", "lt1985", "pressure weight"),
    ("subject:Patient.general-practitioner:Practitioner.family", "tazi", "pressure weight"),
    ("patient._has:Observation:patient:code", "72166-2", "smoker"),
    ("date", "2024-03", "pressure weight"),
    ("date", "2024-03-05", "pressure"),
    ("date", "gt2024-03-05", "weight"),
    ("date", "lt2024-03-05", "smoker weight"),
    ("date", "ge2024-03-05", "pressure weight"),
    ("date", "sa2024-02", "pressure weight"),
    ("date", "eb2024", "smoker"),
    ("date", "ne2024-03", "smoker"),
    ("value-quantity", "72.5", "weight"),
    ("value-quantity", "72.50", "weight"),
    ("value-quantity", "73", "weight"),
    ("value-quantity", "72.4", ""),
    ("value-quantity", "gt72.4||kg", "weight"),
    ("value-quantity", "gt72|http://unitsofmeasure.org|kg", "weight"),
    ("value-quantity", "gt72|http://unitsofmeasure.org|g", ""),
    ("component-value-quantity", "le80||mm[Hg]", "pressure"),
    ("component-value-quantity", "le80||mmHg", "pressure"),
    ("component-code-value-quantity", "8480-6$gt140", "pressure"),
    ("component-code-value-quantity", "http://loinc.org|8480-6$gt140", "pressure"),
    ("component-code-value-quantity", "8462-4$gt140", ""),
    ("combo-code-value-quantity", "8462-4$80||mm[Hg]", "pressure"),
    ("combo-code-value-quantity", "29463-7$gt70", "weight"),
    ("code-value-quantity", "29463-7$gt70", "weight"),
    ("code-value-quantity", "29463-7$lt70", ""),
    ("code-value-concept", "72166-2$urn:s|yes", "smoker"),
    ("value-concept:text", "daily", "smoker"),
    ("value-concept:missing", "false", "smoker"),
    ("value-quantity:missing", "true", "pressure smoker"),
)


@pytest.mark.parametrize(("name", "value", "expected"), OBSERVATIONS)
async def test_observations(clinic: Store, name: str, value: str, expected: str) -> None:
    assert sorted(await ids(clinic, "Observation", (name, value))) == expected.split()


async def test_parameters_hold_together(clinic: Store) -> None:
    found = await ids(clinic, "Observation", ("patient", "ada"), ("date", "gt2024-03-05"))
    assert found == ["weight"]
    found = await ids(
        clinic, "Patient", ("gender", "female,male"), ("name", "ben"), ("active", "true")
    )
    assert found == ["ada"]


async def test_all_types_are_searched_by_what_they_share(clinic: Store) -> None:
    assert await ids(clinic, "", ("_tag", "demo")) == ["ada"]
    found = await ids(clinic, "", ("_type", "Patient,Practitioner"))
    assert sorted(found) == ["ada", "ben", "dr"]
    found = await ids(clinic, "", ("_type", "Patient,Practitioner"), ("family", "tazi,benali"))
    assert sorted(found) == ["ada", "dr"]


async def test_order(clinic: Store) -> None:
    assert await ids(clinic, "Observation", ("_sort", "date")) == ["smoker", "weight", "pressure"]
    assert await ids(clinic, "Observation", ("_sort", "-date")) == ["pressure", "weight", "smoker"]
    by_value = await ids(clinic, "Observation", ("_sort", "value-quantity,-_id"))
    assert by_value == ["weight", "smoker", "pressure"]
    assert await ids(clinic, "Patient", ("_sort", "-family")) == ["ben", "ada"]


@pytest.mark.parametrize("order", ["", "date", "-date", "value-quantity", "-_lastUpdated", "-_id"])
async def test_pages_follow_each_other(clinic: Store, order: str) -> None:
    parameters = [("_sort", order)] if order else []
    whole = await ids(clinic, "Observation", *parameters)
    paged: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        page = await ask(clinic, "Observation", ("_count", "1"), *parameters, *at)
        paged += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert paged == whole
    assert len(paged) == 3


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("count", ["1", "2", "3", "20"])
async def test_the_first_of_several_dates_counts_and_none_comes_last(
    store: Store, descending: bool, count: str
) -> None:
    events = {
        "a": ["2024-03-01", "2021-01-01"],
        "b": ["2022-01-01", "2022-01-01"],
        "c": [],
        "d": ["2023-01-01", "2024-03-01"],
        "e": [],
        "f": ["2022-01-01"],
    }
    for id_, dates in events.items():
        dosage = [{"timing": {"event": [date]}} for date in dates]
        await put(
            store,
            {
                "resourceType": "MedicationRequest",
                "id": id_,
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": {"text": "x"},
                "subject": {"reference": "Patient/p"},
                **({"dosageInstruction": dosage} if dosage else {}),
            },
        )
    seen: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        order = ("_sort", "-date,_id" if descending else "date,_id")
        page = await ask(store, "MedicationRequest", order, ("_count", count), *at)
        seen += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert seen == list("adbfce" if descending else "abfdce")


async def test_pages_go_over_open_ends(store: Store) -> None:
    values = [{"value": 5, "comparator": "<"}, {"value": 3}, {"value": 9, "comparator": ">"}]
    for n, value in enumerate(values):
        await put(store, observation(f"o{n}", "1", "x", valueQuantity=value))
    seen: list[str] = []
    cursor = ""
    while True:
        at = [("_cursor", cursor)] if cursor else []
        page = await ask(store, "Observation", ("_sort", "value-quantity"), ("_count", "1"), *at)
        seen += [one.id for one in page.matches]
        cursor = page.next
        if not cursor:
            break
    assert seen == ["o0", "o1", "o2"]


async def test_text_that_postgresql_cannot_hold(store: Store) -> None:
    nul = chr(0)
    with pytest.raises(Problem) as refused:
        await ids(store, "Patient", ("name:exact", f"a{nul}"))
    assert refused.value.issues[0].code == "N2523"
    name = [{"family": f"Bad{nul}Name", "text": "x" * 5000}]
    await put(store, patient("bad", name=name), observation("bad", f"c{nul}d", "bad"))
    assert await ids(store, "Patient", ("name", "x" * 5000)) == ["bad"]
    assert await ids(store, "Patient", ("name:exact", "x" * 4999)) == []
    assert await ids(store, "Patient", ("family:contains", "name")) == ["bad"]


async def test_a_code_is_found_without_its_system(store: Store) -> None:
    two = {"coding": [{"system": "urn:a", "code": "1"}, {"code": "2"}]}
    await put(store, {**observation("o", "x", "p"), "code": two})
    await put(store, observation("other", "1", "p"))
    assert sorted(await ids(store, "Observation", ("code", "1"))) == ["o", "other"]
    assert await ids(store, "Observation", ("code", "urn:a|")) == ["o"]
    assert await ids(store, "Observation", ("code", "|2")) == ["o"]
    assert await ids(store, "Observation", ("code", "|1")) == []
    assert await ids(store, "Observation", ("code:not", "2")) == ["other"]
    assert await ids(store, "Observation", ("code", "nothing")) == []
    found = await ids(store, "Observation", ("code", "2,urn:none|1"), ("patient", "p"))
    assert found == ["o"]


async def test_uris_have_paths_above_and_below(store: Store) -> None:
    for n, url in enumerate(("http://a.org/x", "http://a.org/x/y", "http://a.org/xy")):
        await put(store, {"resourceType": "ValueSet", "id": f"v{n}", "url": url, "status": "draft"})
    assert await ids(store, "ValueSet", ("url", "http://a.org/x")) == ["v0"]
    assert sorted(await ids(store, "ValueSet", ("url:below", "http://a.org/x"))) == ["v0", "v1"]
    assert sorted(await ids(store, "ValueSet", ("url:above", "http://a.org/x/y/z"))) == ["v0", "v1"]


async def test_codes_have_kinds_below_and_above(store: Store) -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"

    def condition(code: str) -> Json:
        status = {"coding": [{"system": system, "code": code}]}
        subject = {"reference": "Patient/p"}
        return {
            "resourceType": "Condition",
            "id": code,
            "clinicalStatus": status,
            "subject": subject,
        }

    await put(store, *map(condition, ("active", "relapse", "recurrence", "resolved")))
    name = "clinical-status"
    active = ["active", "recurrence", "relapse"]
    assert sorted(await ids(store, "Condition", (f"{name}:below", f"{system}|active"))) == active
    assert sorted(await ids(store, "Condition", (f"{name}:below", "active"))) == active
    assert await ids(store, "Condition", (f"{name}:below", "relapse")) == ["relapse"]
    above = await ids(store, "Condition", (f"{name}:above", f"{system}|relapse"))
    assert sorted(above) == ["active", "relapse"]


async def test_a_code_without_system_has_kinds_by_its_binding(store: Store) -> None:
    states = ("amended", "corrected", "final")
    await put(store, *(observation(s, "x", "p") | {"status": s} for s in states))
    assert sorted(await ids(store, "Observation", ("status:below", "amended"))) == [
        "amended",
        "corrected",
    ]
    assert await ids(store, "Observation", ("status:above", "amended")) == ["amended"]


async def test_composites_of_every_kind(store: Store) -> None:
    await put(
        store,
        {
            "resourceType": "DocumentReference",
            "id": "d",
            "status": "current",
            "content": [{"attachment": {"url": "http://x"}}],
            "relatesTo": [
                {"code": "replaces", "target": {"reference": "DocumentReference/1"}},
                {"code": "signs", "target": {"reference": "DocumentReference/2"}},
            ],
        },
        {
            "resourceType": "MolecularSequence",
            "id": "m",
            "coordinateSystem": 0,
            "referenceSeq": {
                "referenceSeqId": {"coding": [{"code": "NC"}]},
                "windowStart": 10,
                "windowEnd": 20,
            },
            "variant": [{"start": 1, "end": 5}, {"start": 10, "end": 15}],
        },
        {
            "resourceType": "Group",
            "id": "g",
            "type": "person",
            "actual": False,
            "characteristic": [
                {
                    "code": {"coding": [{"code": "sex"}]},
                    "valueCodeableConcept": {"coding": [{"code": "f"}]},
                    "exclude": False,
                },
                {"code": {"coding": [{"code": "old"}]}, "valueBoolean": True, "exclude": False},
            ],
        },
    )
    asked = [
        ("DocumentReference", "relationship", "DocumentReference/1$replaces", ["d"]),
        ("DocumentReference", "relationship", "DocumentReference/1$signs", []),
        ("MolecularSequence", "referenceseqid-variant-coordinate", "NC$gt5$lt20", ["m"]),
        ("MolecularSequence", "referenceseqid-variant-coordinate", "NC$lt5$gt10", []),
        ("MolecularSequence", "referenceseqid-window-coordinate", "NC$10$20", ["m"]),
        ("Group", "characteristic-value", "sex$f", ["g"]),
        ("Group", "characteristic-value", "old$true", ["g"]),
        ("Group", "characteristic-value", "sex$true", []),
    ]
    for kind, name, value, expected in asked:
        assert await ids(store, kind, (name, value)) == expected, (name, value)


async def test_pages_stay_while_others_write(store: Store) -> None:
    await put(store, *(patient(f"p{n}") for n in range(20)))
    first = await ask(store, "Patient", ("_count", "7"))
    await put(store, *(patient(f"new{n}") for n in range(20)))
    await put(store, *(patient(f"p{n}", active=True) for n in range(20)))
    seen = [one.id for one in first.matches]
    cursor = first.next
    while cursor:
        page = await ask(store, "Patient", ("_count", "7"), ("_cursor", cursor))
        seen += [one.id for one in page.matches]
        cursor = page.next
    assert sorted(seen) == sorted(f"p{n}" for n in range(20))


async def test_totals(clinic: Store) -> None:
    page = await ask(clinic, "Observation", ("_count", "1"))
    assert page.total is None
    page = await ask(clinic, "Observation", ("_count", "1"), ("_total", "accurate"))
    assert page.total == 3
    page = await ask(clinic, "Observation", ("patient", "ada"))
    assert page.total == 2
    page = await ask(clinic, "Observation", ("_summary", "count"))
    assert (page.matches, page.total) == ([], 3)


async def test_includes(clinic: Store) -> None:
    async def included(kind: str, *parameters: tuple[str, str]) -> list[str]:
        return sorted(one.id for one in (await ask(clinic, kind, *parameters)).included)

    weight = ("_id", "weight")
    assert await included("Observation", weight, ("_include", "Observation:subject")) == ["ada"]
    assert await included("Observation", weight, ("_include", "Observation:patient:Patient")) == [
        "ada"
    ]
    assert await included("Observation", weight, ("_include", "Observation:subject:Group")) == []
    assert await included("Observation", weight, ("_include", "*")) == ["ada"]
    further = ("_include:iterate", "Patient:general-practitioner")
    both = ("_include", "Observation:subject")
    assert await included("Observation", weight, both, further) == ["ada", "dr"]
    ada = ("_id", "ada")
    assert await included("Patient", ada, ("_revinclude", "Observation:subject")) == [
        "pressure",
        "weight",
    ]
    assert await included("Patient", ada, ("_revinclude", "Observation:*")) == [
        "pressure",
        "weight",
    ]


async def test_what_was_deleted_or_changed_is_not_found(store: Store) -> None:
    await put(store, ADA)
    await put(store, {**ADA, "gender": "male", "name": [{"family": "Other"}]})
    assert await ids(store, "Patient", ("gender", "female")) == []
    assert await ids(store, "Patient", ("name", "benali")) == []
    assert await ids(store, "Patient", ("name", "other")) == ["ada"]
    async with store.transaction() as connection:
        await keep(connection, store.laws, [Write("delete", "Patient", "ada")], STAMP)
    for parameter in (("name", "other"), ("_id", "ada"), ("death-date:missing", "true")):
        assert await ids(store, "Patient", parameter) == []
    assert await ids(store, "Patient") == []


async def test_scope_holds_everywhere(store: Store) -> None:
    mine, yours = term("~place=1"), term("~place=2")
    await put(store, ADA, WEIGHT, PRESSURE, scope=(mine,))
    await put(store, BEN, SMOKER, scope=(yours,))
    await put(store, DR)
    assert await ids(store, "Patient", scope=(mine,)) == ["ada"]
    assert await ids(store, "Patient", ("name", "ben"), scope=(yours,)) == ["ben"]
    hidden = ("subject:Patient.name", "benali")
    await put(store, observation("leak", "1", "ada"), scope=(yours,))
    assert await ids(store, "Observation", hidden, scope=(yours,)) == []
    assert await ids(store, "Patient", ("_has:Observation:patient:code", "1"), scope=(mine,)) == []
    page = await ask(store, "Observation", ("_id", "leak"), ("_include", "*"), scope=(yours,))
    assert ([one.id for one in page.matches], page.included) == (["leak"], [])
    page = await ask(store, "Patient", ("_revinclude", "Observation:subject"), scope=(mine,))
    assert sorted(one.id for one in page.included) == ["pressure", "weight"]
    opened = {"scope": (mine,), "open_types": ("Practitioner",)}
    assert await ids(store, "Practitioner", **opened) == ["dr"]
    assert await ids(store, "Patient", ("general-practitioner.name", "tazi"), **opened) == ["ada"]
    assert await ids(store, "Practitioner", scope=(mine,)) == []
    page = await ask(store, "Patient", ("_total", "accurate"), ("_count", "1"), scope=(mine,))
    assert page.total == 1


async def test_types_that_may_not_be_read_are_not_touched(clinic: Store) -> None:
    readable = {"readable": frozenset({"Patient", "Practitioner"})}
    assert await ids(clinic, "Observation", **readable) == []
    assert (
        await ids(clinic, "Patient", ("_has:Observation:patient:code", "29463-7"), **readable) == []
    )
    page = await ask(clinic, "Patient", ("_revinclude", "Observation:subject"), **readable)
    assert page.included == []


async def test_compartments(clinic: Store) -> None:
    async with clinic.read() as connection:
        query = parse("Observation", [], compartment=("Patient", "ada"))
        found = await search(connection, query, None)
        assert sorted(one.id for one in found.matches) == ["pressure", "weight"]
        everything = parse("", []).__class__((), (member_of("Patient", "ada"),))
        found = await search(connection, everything, None)
        assert sorted(one.id for one in found.matches) == ["ada", "pressure", "weight"]


async def test_a_compartment_is_found_by_index_however_many_resources_there_are(
    database: str,
) -> None:
    """A record of three resources is not looked for among all the others."""
    async with store_of(database) as store:
        await put(store, *(patient(f"p{number}") for number in range(3_000)))
        await put(store, observation("one", "1", "p7"), observation("two", "1", "p7"))
        alone, other = (member_of("Patient", id_) for id_ in ("p7", "p8"))
        one = parse("", []).__class__((), (alone,), count=3)
        both = parse("", []).__class__((), (any_of((alone, other)),), count=4)
        async with store.transaction() as connection:
            await connection.execute("analyze resource")
            await connection.execute("set local enable_seqscan = off")  # too few to need an index
            for query, ids_ in ((one, ["one", "p7", "two"]), (both, ["one", "p7", "p8", "two"])):
                before = await rows_read(connection)
                found = await search(connection, query, None)
                assert sorted(match.id for match in found.matches) == ids_
                assert await rows_read(connection) - before < 50


@asynccontextmanager
async def store_of(database: str) -> AsyncIterator[Store]:
    store = await Store.open(database, size=2)
    try:
        yield store
    finally:
        await store.close()


async def rows_read(connection: Connection) -> int:
    read: int = await connection.fetchval(
        "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " from pg_stat_xact_user_tables where relname = 'resource'"
    )
    return read


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "WyIxOjI6Iiwi", "WyI1OjM6IiwxXQ", "WyIxOjI6MyIsMV0"]
)
async def test_a_strange_cursor_is_refused(clinic: Store, cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        await ask(clinic, "Patient", ("_cursor", cursor))
    assert refused.value.issues[0].code == "N2521"
