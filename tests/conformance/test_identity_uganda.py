"""Registers of others: what the rules do with people they were not made for."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from bench.identity import run

from nabd.fhir.json import Json
from nabd.identity.keys import keys_of
from nabd.identity.model import load
from nabd.identity.record import record_of
from nabd.identity.rules import score

SID = "urn:uganda:"
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"


def ugandan(row: dict[str, str]) -> Json:
    """Write a row of OpenCR's test register as a Patient."""
    row = {key: value.strip() for key, value in row.items()}
    born = row["date_of_birth"]
    nin = {"type": {"coding": [{"system": TYPES, "code": "NI"}]}}  # a national number
    identifiers = [
        {"system": SID + kind, "value": row[kind]} | (nin if kind == "uganda_nin" else {})
        for kind in ("uganda_nin", "art_number")
        if row[kind]
    ]
    return {
        "name": [{"given": [row["given_name"]], "family": row["surname"]}],
        "birthDate": f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
        "gender": {"f": "female", "m": "male"}.get(row["sex"], "unknown"),
        "telecom": [{"system": "phone", "value": row["phone_number"]}],
        "identifier": identifiers,
    }


def test_the_register_of_another_country_is_linked_without_a_word_about_it(shared: Path) -> None:
    folder = shared / "data" / "linkage"
    with (folder / "uganda-5000.csv").open(encoding="utf-8") as file:
        people = {row["rec_id"]: ugandan(row) for row in csv.DictReader(file)}
    with (folder / "uganda-5000-links.csv").open(encoding="utf-8") as file:
        truth = {frozenset((row["rec_id_1"], row["rec_id_2"])) for row in csv.DictReader(file)}
    places = defaultdict(list)
    for number, patient in people.items():
        for term, _ in keys_of(patient):
            places[term].append(number)
    near = {frozenset((a, b)) for found in places.values() for a in found for b in found if a < b}
    records = {number: record_of(patient) for number, patient in people.items()}
    model = load()
    linked = {
        p for p in near if score(*(records[n] for n in p), model).grade in ("probable", "certain")
    }
    assert len(truth & near) / len(truth) > 0.99
    assert len(truth & linked) / len(truth) > 0.85
    assert len(linked - truth) <= 1


def test_linked_as_a_whole_nobody_is_missed_or_mistaken(shared: Path) -> None:
    found = run("uganda", str(shared / "data" / "linkage" / "uganda-5000.csv"))
    assert (found.precision, found.recall) == (1.0, 1.0)
