"""A resource is read as it is kept, with its version; what is not there is said plainly."""

from __future__ import annotations

import pytest
from cast import People, code_of, patient


async def test_a_created_resource_is_read_back_with_its_version(people: People) -> None:
    made = await people.amina.post("/Patient", json=patient())
    assert made.status_code == 201
    read = await people.amina.get(f"/Patient/{made.json()['id']}")
    assert read.status_code == 200
    assert read.json() == made.json()
    assert read.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert read.headers["etag"] == 'W/"1"'
    assert read.headers["last-modified"].endswith("GMT")


async def test_every_version_stays_readable(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    await people.amina.put(f"/Patient/{id_}", json=patient(id=id_, gender="male"))
    first = await people.amina.get(f"/Patient/{id_}/_history/1")
    second = await people.amina.get(f"/Patient/{id_}/_history/2")
    assert (first.json()["gender"], second.json()["gender"]) == ("female", "male")
    for absent in ("3", "0", "x", "99999999999999"):
        assert (await people.amina.get(f"/Patient/{id_}/_history/{absent}")).status_code == 404


async def test_what_the_client_already_has_is_not_sent_again(people: People) -> None:
    made = await people.amina.post("/Patient", json=patient())
    place = f"/Patient/{made.json()['id']}"
    for header in (
        {"if-none-match": made.headers["etag"]},
        {"if-none-match": "*"},
        {"if-none-match": 'W/"7", W/"1"'},
        {"if-modified-since": made.headers["last-modified"]},
    ):
        answer = await people.amina.get(place, headers=header)
        assert (answer.status_code, answer.content) == (304, b"")
    for header in (
        {"if-none-match": 'W/"2"'},
        {"if-modified-since": "Mon, 23 Nov 2020 10:00:00 GMT"},
    ):
        assert (await people.amina.get(place, headers=header)).status_code == 200


@pytest.mark.parametrize(
    "header", [{"if-none-match": "yesterday"}, {"if-modified-since": "yesterday"}]
)
async def test_a_header_that_cannot_be_read_is_refused(
    people: People, header: dict[str, str]
) -> None:
    made = await people.amina.post("/Patient", json=patient())
    answer = await people.amina.get(f"/Patient/{made.json()['id']}", headers=header)
    assert (answer.status_code, code_of(answer)) == (400, "N7008")


async def test_a_deleted_resource_is_gone_and_its_history_stays(people: People) -> None:
    id_ = (await people.admin.post("/Patient", json=patient())).json()["id"]
    assert (await people.admin.delete(f"/Patient/{id_}")).status_code == 204
    answer = await people.admin.get(f"/Patient/{id_}")
    assert (answer.status_code, code_of(answer)) == (410, "N1002")
    assert (await people.admin.get(f"/Patient/{id_}/_history/1")).status_code == 200
    assert (await people.admin.get(f"/Patient/{id_}/_history/2")).status_code == 410


async def test_a_head_has_the_headers_and_no_content(people: People) -> None:
    made = await people.amina.post("/Patient", json=patient())
    place = f"/Patient/{made.json()['id']}"
    whole = await people.amina.get(place)
    head = await people.amina.head(place)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


async def test_numbers_keep_their_digits(people: People) -> None:
    body = b"""{"resourceType": "Observation", "status": "final", "code": {"text": "mass"},
      "valueQuantity": {"value": 1.50000000000000000}}"""
    made = await people.amina.post(
        "/Observation", content=body, headers={"content-type": "application/fhir+json"}
    )
    read = await people.amina.get(f"/Observation/{made.json()['id']}")
    assert b'"value":1.50000000000000000' in read.content


async def test_a_subset_is_marked_as_one(people: People) -> None:
    id_ = (await people.amina.post("/Patient", json=patient())).json()["id"]
    answer = await people.amina.get(f"/Patient/{id_}", params={"_elements": "gender"})
    found = answer.json()
    assert set(found) == {"resourceType", "id", "meta", "gender"}
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"
    unknown = await people.amina.get(f"/Patient/{id_}", params={"_sumary": "true"})
    assert (unknown.status_code, code_of(unknown)) == (400, "N7010")
