"""What the server answers is FHIR that it would accept itself."""

from __future__ import annotations

from typing import Any

from cast import People, observation, patient

from nabd.fhir.check import check

ASKED = (
    "/metadata",
    "/Patient?_include=Patient:organization&_revinclude=Observation:subject",
    "/Patient?name=nobody",
    "/?_type=Patient,Observation",
    "/?_type=Patient%2CObservation",
    "/Patient?_summary=count",
    "/Patient?spam=1&_lenient",
    "/Patient/_history",
    "/_history",
    "/Nothing",
    "/Patient/none",
)


async def written(people: People) -> str:
    """Make a patient with an observation, change one and delete the other."""
    made = await people.amina.post("/Patient", json=patient())
    place = f"Patient/{made.json()['id']}"
    seen = (await people.amina.post("/Observation", json=observation(place))).json()
    await people.amina.put(f"/Observation/{seen['id']}", json=seen | {"status": "amended"})
    await people.amina.delete(f"/Observation/{seen['id']}")
    await people.amina.post("/Observation", json=observation(place))
    return place


def posted(kind: str) -> dict[str, Any]:
    create = {"resource": patient(), "request": {"method": "POST", "url": "Patient"}}
    read = {"request": {"method": "GET", "url": "Patient?name=nobody"}}
    return {"resourceType": "Bundle", "type": kind, "entry": [create, read]}


async def test_every_answer_would_be_accepted(people: People) -> None:
    place = await written(people)
    for path in (*ASKED, f"/{place}/$everything", f"/{place}/_history", f"/{place}/Observation"):
        check((await people.amina.get(path)).content)
    for kind in ("batch", "transaction"):
        answer = await people.amina.post("/", json=posted(kind))
        assert answer.status_code == 200, answer.text
        check(answer.content)
