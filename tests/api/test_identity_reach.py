"""From one record to all of its person: cross-reference, searches with ``:mdm``, $everything.

Amina's hospital is in Rabat; the clinic, whose records she may not see, in Oujda.
"""

from __future__ import annotations

from typing import Any

import pytest
from cast import People, code_of, resources
from identities import again, cnie, identity, person, written


async def test_cross_reference_gives_the_identifiers_of_all_records(people: People) -> None:
    record = person(
        birthDate="1977-05-29",
        identifier=[*cnie("PX100001"), {"system": "urn:hospital:rabat", "value": "42"}],
    )
    same = again(
        record, identifier=[*cnie("PX100001"), {"system": "urn:clinic:oujda", "value": "7"}]
    )
    await written(people, record, same)
    query = "sourceIdentifier=urn:hospital:rabat|42&targetSystem=urn:clinic:oujda"
    answer = await people.admin.get(f"/Patient/$ihe-pix?{query}")
    assert answer.status_code == 200, answer.text
    said = answer.json()["parameter"]
    found = [p["valueIdentifier"]["value"] for p in said if p["name"] == "targetIdentifier"]
    assert found == ["7"]
    assert code_of(await people.admin.get("/Patient/$ihe-pix?sourceIdentifier=x|y")) == "N6115"
    hidden = await people.amina.get(f"/Patient/$ihe-pix?{query}")
    assert "7" not in hidden.text


async def observed(people: People, record: dict[str, Any]) -> str:
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": f"Patient/{record['id']}"},
        "performer": [record["managingOrganization"]],
    }
    made = await people.admin.post("/Observation", json=body)
    assert made.status_code == 201, made.text
    return str(made.headers["location"].split("/")[-3])


async def test_searches_and_everything_reach_all_records_of_a_person(people: People) -> None:
    record = person(identifier=cnie("EV100001"), birthDate="1967-07-13")
    same = again(record)
    await written(people, record, same)
    both = {await observed(people, record), await observed(people, same)}
    plain = await people.admin.get(f"/Observation?subject=Patient/{record['id']}")
    assert len(resources(plain)) == 1
    wide = await people.admin.get(f"/Observation?subject:mdm=Patient/{record['id']}")
    assert {one["id"] for one in resources(wide)} == both
    whole = await people.admin.get(f"/Patient/{record['id']}/$everything?_mdm=true")
    assert {record["id"], same["id"], *both} <= {one["id"] for one in resources(whole)}
    within = await people.amina.get(f"/Observation?subject:mdm=Patient/{record['id']}")
    assert len(resources(within)) == 1  # her hospital's; the clinic's stays out of her scope


async def test_a_question_about_several_people_reaches_the_records_of_each(people: People) -> None:
    seen: set[str] = set()
    records = [person(identifier=cnie(f"SV10000{n}"), birthDate=f"195{n}-03-0{n}") for n in (1, 2)]
    for record in records:
        fellow = again(record)
        await written(people, record, fellow)
        seen |= {await observed(people, record), await observed(people, fellow)}
    asked_about = ",".join(f"Patient/{record['id']}" for record in records)
    found = await people.admin.get(f"/Observation?subject:mdm={asked_about}")
    assert {one["id"] for one in resources(found)} == seen


async def test_an_identity_itself_leads_to_all_records(people: People) -> None:
    record = person(identifier=cnie("BE998877"))
    fellow = again(record)
    await written(people, record, fellow)
    for number, one in enumerate((record, fellow)):
        note = {"resourceType": "Basic", "id": f"note-{number}", "code": {"text": "note"}}
        note["subject"] = {"reference": f"Patient/{one['id']}"}
        assert (await people.admin.put(f"/Basic/{note['id']}", json=note)).status_code == 201
    known = await identity(people, record)
    found = await people.admin.get(f"/Basic?subject:mdm=Person/{known['id']}")
    assert {one["id"] for one in resources(found)} == {"note-0", "note-1"}
    for path in (f"Person/{known['id']}/$everything", f"Patient/{record['id']}/$everything"):
        body = {
            "resourceType": "Parameters",
            "parameter": [{"name": "_mdm", "valueBoolean": True}],
        }
        asked_of = path.startswith("Patient")
        whole = await (
            people.admin.post(f"/{path}", json=body) if asked_of else people.admin.get(f"/{path}")
        )
        both = {record["id"], fellow["id"], "note-0", "note-1", known["id"]}
        assert both <= {one["id"] for one in resources(whole)}
    nobody = await people.admin.get("/Basic?subject:mdm=Person/nobody")
    assert resources(nobody) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/Patient?_id:mdm=1", "N2503"),
        ("/Patient?family:mdm=Alami", "N2503"),
        ("/Patient?organization:mdm=1", "N2503"),
        ("/Observation?nothing:mdm=1", "N2501"),
        ("/Patient/1/$everything?_mdm=yes", "N7009"),
    ],
)
async def test_what_leads_to_no_person_is_not_searched_as_if_it_did(
    people: People, path: str, code: str
) -> None:
    await people.admin.put("/Patient/1", json={"resourceType": "Patient", "id": "1"})
    assert code_of(await people.admin.get(path)) == code
