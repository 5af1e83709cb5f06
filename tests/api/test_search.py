"""Searches against PostgreSQL, by what a client sends and what it gets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from searching import ADA, STAMP, ask, ids, put

from nabd.store import Store, Write
from nabd.store.keep import keep

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
