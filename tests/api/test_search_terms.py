"""What a search compares: texts, codes and their kinds, URIs and their paths, composites."""

from __future__ import annotations

import pytest
from searching import ids, observation, patient, put

from nabd.errors import Problem
from nabd.fhir.json import Json
from nabd.store import Store


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
