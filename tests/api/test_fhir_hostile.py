"""A hostile client, or a careless one, always gets a clear answer of the 4xx kind."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from cast import People, code_of, identified, observation, patient, resources

from nabd.store import search

FHIR_JSON = {"content-type": "application/fhir+json"}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": [None]},
        {"resourceType": "Parameters", "parameter": ["operation"]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [5]}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": "x"}]},
        {"resourceType": "Parameters", "parameter": {"name": "operation"}},
    ],
)
async def test_a_patch_that_is_none_is_refused(people: People, body: Any) -> None:
    made = await people.amina.post("/Patient", json=patient())
    place = f"/Patient/{made.json()['id']}"
    for content_type in ("application/fhir+json", "application/json-patch+json"):
        header = {"content-type": content_type}
        answer = await people.amina.patch(place, content=json.dumps(body), headers=header)
        if answer.status_code == 200:  # no operations: nothing to change
            assert body == []
        else:
            assert 400 <= answer.status_code < 500, answer.text
            assert code_of(answer).startswith("N2")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("_sort=" + ",".join(["gender"] * 9), "N2520"),
        ("_sort=" + ",".join(["gender"] * 3000), "N2520"),
        ("_count=-1", "N2512"),
        ("_count=1e3", "N2512"),
        ("_count=" + "9" * 400, "N2512"),
        ("_count=٣", "N2512"),
        ("_elements=shoeSize", "N2512"),
        ("_elements=Observation.status", "N2512"),
        ("_type=Observation", "N2502"),
        ("_type=Patient,Observation", "N2502"),
        ("_filter=" + "(" * 5000, "N2520"),
        ("_filter=" + "not(" * 5000, "N2520"),
        ("_filter=" + "a" * 50_000, "N2527"),
        ("_list=" + ",".join("x" * 1001), "N2520"),
        ("_list:not=x", "N2503"),
        ("_filter:not=x", "N2503"),
        ("_format=xml", "N7004"),
        ("_format=application/fhir%2Bjson;fhirVersion=5.0", "N7004"),
        ("_pretty=true&_format=nonsense", "N7004"),
    ],
)
async def test_a_strange_search_is_refused(people: People, query: str, code: str) -> None:
    answer = await people.amina.get(f"/Patient?{query}")
    assert 400 <= answer.status_code < 500
    assert code_of(answer) == code


@pytest.mark.parametrize("where", ["1e400|0", "٣|0", "inf|0", "0x1|0", "1_0|0", "|", "0|0|1e999"])
async def test_a_place_that_is_none_is_refused(people: People, where: str) -> None:
    answer = await people.amina.get("/Location", params={"near": where})
    assert (answer.status_code, code_of(answer)) == (400, "N2524")


async def test_a_position_beyond_the_earth_is_near_to_nothing(people: People) -> None:
    for number, (latitude, longitude) in enumerate(
        [("1e299", "0"), ("0", "1e299"), ("1e299", "1e299"), ("91", "0"), ("1e-299", "1e-299")]
    ):
        position = f'{{"latitude":{latitude},"longitude":{longitude}}}'
        body = f'{{"resourceType":"Location","id":"off{number}","position":{position}}}'
        made = await people.admin.put(f"/Location/off{number}", content=body, headers=FHIR_JSON)
        assert made.status_code == 201, made.text
    answer = await people.amina.get("/Location", params={"near": "0|0|1|m"})
    assert [r["id"] for r in resources(answer)] == ["off4"]
    whole = await people.amina.get("/Location", params={"near": "0|0|1e300|km"})
    assert [r["id"] for r in resources(whole)] == ["off4"]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("prefer", "return=nonsense", 200),
        ("prefer", "a," * 3000, 200),
        ("prefer", "return", 200),
        ("if-none-match", "x", 400),
        ("if-none-match", 'W/"99999999999"', 400),
        ("if-modified-since", "yesterday", 400),
        ("accept", "application/fhir+json; fhirVersion=5.0", 406),
        ("accept", "application/fhir+json; fhirVersion=4.0", 200),
        ("accept", "application/fhir+json;fhirVersion=5.0, */*;q=0.1", 200),
        ("accept", "a/b," * 1000, 406),
    ],
)
async def test_a_strange_header_is_passed_over_or_refused(
    people: People, name: str, value: str, status: int
) -> None:
    made = await people.amina.post("/Patient", json=patient())
    place = f"/Patient/{made.json()['id']}"
    answer = await people.amina.get(place, headers={name: value})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/fhir+json; charset=UTF-8", 201),
        ('application/fhir+json;charset="utf-8";fhirVersion=4.0', 201),
        ("application/fhir+json; fhirVersion=4.0; charset=utf-8", 201),
        ("application/fhir+json; fhirVersion=5.0", 415),
        ("application/fhir+json; fhirVersion=3.0", 415),
        ("application/fhir+json; charset=iso-8859-1", 415),
        ("application/fhir+xml", 415),
        ("garbage;;;", 415),
    ],
)
async def test_a_body_is_read_as_its_content_type_says(
    people: People, content_type: str, status: int
) -> None:
    body = json.dumps(patient()).encode()
    header = {"content-type": content_type}
    answer = await people.amina.post("/Patient", content=body, headers=header)
    assert answer.status_code == status, answer.text


async def test_metadata_are_cut_down_like_a_resource(people: People) -> None:
    short = (await people.nobody.get("/metadata?_summary=true")).json()
    assert short["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert short["fhirVersion"] == "4.0.1"
    only = (await people.nobody.get("/metadata?_elements=software")).json()
    assert only["software"]["name"] == "Nabd"
    assert "rest" not in only
    for query in ("mode=terminology", "_elements=nothing", "_summary=count"):
        answer = await people.nobody.get(f"/metadata?{query}")
        assert (answer.status_code, code_of(answer)) == (400, "N7009")


async def test_a_search_that_takes_too_long_is_stopped(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SECONDS", 0)
    answer = await people.amina.get("/Patient")
    assert (answer.status_code, code_of(answer)) == (400, "N2529")
    monkeypatch.undo()
    for _ in range(8):  # more than the pool has connections
        assert (await people.amina.get("/Patient")).status_code == 200


async def test_two_hundred_at_once_are_all_answered(people: People) -> None:
    """The pool of these tests has four connections."""
    made = await people.amina.post("/Patient", json=identified("h1"))
    place = f"Patient/{made.json()['id']}"
    await people.amina.post("/Observation", json=observation(place))
    paths = (
        f"/{place}",
        "/Patient?_sort=gender",
        "/Observation?_sort=-subject&_include=Observation:subject",
        f"/{place}/$everything?start=2020",
        "/Patient?_filter=gender eq female&_total=accurate",
        "/Location?near=34|-6",
    )

    async def one(number: int) -> int:
        if number % 10 == 0:
            body = identified(f"h1-{number}")
            return (await people.amina.post("/Patient", json=body)).status_code
        return (await people.amina.get(paths[number % len(paths)])).status_code

    found = Counter(await asyncio.gather(*map(one, range(200))))
    assert found == {200: 180, 201: 20}
