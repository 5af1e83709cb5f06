"""What a person may not see cannot be read, found, counted, included or inferred."""

from __future__ import annotations

from cast import CLINIC, People, code_of, identified, observation, patient, resources

from nabd.access import audit


async def record(people: People, value: str) -> str:
    """Make a patient of Amina's hospital with one observation."""
    made = await people.amina.post("/Patient", json=identified(value))
    place = f"Patient/{made.json()['id']}"
    await people.amina.post("/Observation", json=observation(place))
    return place


async def test_another_facilitys_patient_is_nowhere(people: People) -> None:
    place = await record(people, "a1")
    id_ = place.partition("/")[2]
    for path in (
        f"/{place}",
        f"/{place}/_history",
        f"/{place}/_history/1",
        f"/{place}/$everything",
    ):
        answer = await people.chahra.get(path)
        assert (answer.status_code, code_of(answer)) == (404, "N1001"), path
    for query in (
        f"/Patient?_id={id_}",
        "/Patient?identifier=urn:example:nid|a1",
        f"/Observation?subject={place}",
        "/Observation?subject:Patient.identifier=urn:example:nid|a1",
        "/Patient?_has:Observation:subject:status=final",
        f"/{place}/Observation",
        f"/{place}/*",
    ):
        answer = await people.chahra.get(query)
        assert answer.status_code == 200, query
        assert resources(answer) == [], query
    counted = await people.chahra.get("/Patient?_summary=count&identifier=urn:example:nid|a1")
    assert counted.json()["total"] == 0


async def test_an_include_stops_at_the_scope(people: People) -> None:
    place = await record(people, "a2")
    about = observation(place)
    made = await people.chahra.post("/Observation", json=about)
    assert made.status_code == 201
    id_ = made.json()["id"]
    answer = await people.chahra.get(f"/Observation?_id={id_}&_include=Observation:subject")
    assert [r["resourceType"] for r in resources(answer)] == ["Observation"]


async def test_another_facilitys_patient_cannot_be_changed(people: People) -> None:
    place = await record(people, "a3")
    id_ = place.partition("/")[2]
    for answer in (
        await people.chahra.put(f"/{place}", json=patient(id=id_)),
        await people.chahra.patch(
            f"/{place}",
            content='[{"op":"remove","path":"/gender"}]',
            headers={"content-type": "application/json-patch+json"},
        ),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "N1001")
    await people.chahra.delete(f"/{place}")
    assert (await people.amina.get(f"/{place}")).headers["etag"] == 'W/"1"'


async def test_a_conditional_create_does_not_reveal_another_facilitys_patient(
    people: People,
) -> None:
    await record(people, "a4")
    header = {"if-none-exist": "identifier=urn:example:nid|a4"}
    answer = await people.chahra.post("/Patient", json=identified("a4"), headers=header)
    assert answer.status_code == 201


async def test_nobody_writes_in_another_facilitys_name(people: People) -> None:
    body = patient(managingOrganization={"reference": f"Organization/{CLINIC}"})
    answer = await people.amina.post("/Patient", json=body)
    assert (answer.status_code, code_of(answer)) == (403, "N4016")


async def test_a_role_reads_its_types_and_no_other(people: People) -> None:
    place = await record(people, "a5")
    assert (await people.bachir.get(f"/{place}")).status_code == 200
    for who, path in (
        (people.bachir, "/Observation"),
        (people.bachir, "/Patient?_has:Observation:subject:code=8302-2"),
        (people.bachir, f"/{place}/Observation"),
        (people.bachir, "/Patient?_list=x"),
        (people.bachir, "/Claim?encounter:below=Encounter/x"),
        (people.bachir, "/Patient?_filter=_has:Observation:subject:code eq 8302-2"),
        (people.bachir, "/Patient?_filter=not (_has:Observation:subject:code eq 8302-2)"),
        (people.djamel, f"/{place}"),
        (people.djamel, "/Patient"),
    ):
        answer = await who.get(path)
        assert (answer.status_code, code_of(answer)) == (403, "N4015"), path


async def test_a_reverse_include_shows_only_types_of_the_role(people: People) -> None:
    await record(people, "a6")
    query = "/Patient?identifier=urn:example:nid|a6"
    assert len(resources(await people.bachir.get(query))) == 1
    whole = await people.bachir.get(f"{query}&_revinclude=Observation:subject")
    assert whole.status_code == 403


async def test_everybody_signed_in_reads_facilities(people: People) -> None:
    for who in (people.amina, people.bachir, people.chahra, people.djamel):
        assert (await who.get(f"/Organization/{CLINIC}")).status_code == 200


async def test_a_transaction_keeps_to_the_scope(people: People) -> None:
    place = await record(people, "a7")
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "POST", "url": "Patient"}, "resource": identified("a7-c")},
            {"request": {"method": "GET", "url": place}},
        ],
    }
    answer = await people.chahra.post("", json=bundle)
    assert (answer.status_code, code_of(answer)) == (404, "N1001")
    mine = await people.chahra.get("/Patient?identifier=urn:example:nid|a7-c")
    assert resources(mine) == []


async def test_every_access_leaves_a_trace_with_its_reason(people: People) -> None:
    place = await record(people, "a8")
    type_name, _, id_ = place.partition("/")
    wanted = {"x-purpose": "ETREAT", "x-request-id": "trace-8"}
    await people.amina.get(f"/{place}", headers=wanted)
    await people.amina.get("/Patient?identifier=urn:example:nid|a8")
    await people.chahra.get(f"/{place}")
    await people.chahra.put(f"/{place}", json=patient(id=id_))
    await people.chahra.delete(f"/{place}")
    async with people.store.read() as connection:
        found, _ = await audit.of_resource(connection, type_name, id_)
    lines = [(one.account, one.action, one.outcome) for one in reversed(found)]
    assert lines[:4] == [
        ("amina", "created", "done"),
        ("amina", "read", "done"),
        ("amina", "search", "done"),
        ("chahra", "read", "hidden"),
    ]
    assert ("chahra", "update", "refused") in lines
    read = next(one for one in found if one.request == "trace-8")
    assert (read.purpose, read.role) == ("ETREAT", "clinician")
    assert all("a8" not in one.shape for one in found)


async def test_an_unknown_reason_is_no_reason(people: People) -> None:
    answer = await people.amina.get("/Patient", headers={"x-purpose": "CURIOSITY"})
    assert (answer.status_code, code_of(answer)) == (400, "N4019")
