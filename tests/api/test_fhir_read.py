"""A resource is read as it is kept, with its version; what is not there is said plainly."""

from __future__ import annotations

from cast import People

PATIENT = {"resourceType": "Patient", "gender": "female", "birthDate": "1991-03-08"}


async def test_a_created_resource_is_read_back_with_its_version(people: People) -> None:
    made = await people.amina.post("/Patient", json=PATIENT)
    assert made.status_code == 201
    assert made.headers["etag"] == 'W/"1"'
    read = await people.amina.get(f"/Patient/{made.json()['id']}")
    assert read.status_code == 200
    assert read.json() == made.json()
    assert read.headers["content-type"].startswith("application/fhir+json")
    assert read.headers["etag"] == 'W/"1"'
    assert read.headers["last-modified"].endswith("GMT")
