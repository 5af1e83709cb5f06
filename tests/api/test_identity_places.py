"""Whose cases and records a steward sees: those of the own facility, province or region.

Safia is a steward of the whole country, Hafsa of a facility, Nadia of its province, Rachida of its
region, Salma of another region.
"""

from __future__ import annotations

import re
from pathlib import Path

from console_site import PASSWORD, Site
from desk import CNIE, HERE, SURE, THERE, asked, identity_of, listed, person, register, twin

from nabd import intake
from nabd.access.custodians import batch_scope
from nabd.fhir.json import decode, encode
from nabd.fhir.search import parse
from nabd.identity.case import case_id
from nabd.slices import laws, queries
from nabd.store import Stamp

FAR = "demo-0070"  # in another province of the region
ABROAD = "hospital-of-another-region"


async def test_a_steward_of_a_facility_sees_the_cases_that_are_its_own(site: Site) -> None:
    shared, *_ = await asked(site, HERE, THERE)
    own, *_ = await asked(site, HERE, HERE)
    foreign, *_ = await asked(site, THERE, THERE)
    seen = [row["id"] for row in await listed(site.hafsa)]
    assert own in seen and shared not in seen and foreign not in seen
    assert (await site.hafsa.get(f"/identity/{own}")).status_code == 200
    for case in (shared, foreign):
        assert (await site.hafsa.get(f"/identity/{case}")).status_code == 404
        assert (await site.hafsa.post(f"/identity/{case}/take")).status_code == 404
    page = (await site.hafsa.get("/identity")).text
    count = re.search(r"(\d+) cases? waits?\.", page)
    assert count and int(count[1]) == len(seen)
    answer = await site.hafsa.post(f"/identity/{own}/decide", data=SURE)
    assert answer.headers["location"].endswith("case-same")


async def test_a_steward_of_a_place_sees_the_cases_whose_two_records_are_kept_there(
    site: Site,
) -> None:
    inside, *_ = await asked(site, HERE, THERE)
    across, *_ = await asked(site, HERE, FAR)
    beyond, *_ = await asked(site, HERE, ABROAD)
    reach = {
        "safia": {inside, across, beyond},
        "rachida": {inside, across},
        "nadia": {inside},
        "hafsa": set(),
        "salma": set(),
    }
    for name, cases in reach.items():
        client = site.clients[name]
        rows = await listed(client)
        assert {row["id"] for row in rows} & {inside, across, beyond} == cases
        assert all(row["left"] and row["right"] for row in rows)
        count = re.search(r"(\d+) cases? waits?\.", (await client.get("/identity")).text)
        assert len(rows) == (int(count[1]) if count else 0)
        for case in (inside, across, beyond):
            status = 200 if case in cases else 404
            for suffix in ("", ".json", ".csv"):
                assert (await client.get(f"/identity/{case}{suffix}")).status_code == status
        session = await site.door.enter(await site.door.sign_in(name, PASSWORD))
        tasks = await session.search(parse("Task", [("_count", "100")]))
        assert {one.id for one in tasks.matches} & {inside, across, beyond} == cases


async def test_whose_place_reaches_one_record_only_can_do_nothing_with_the_case(
    site: Site,
) -> None:
    case, *_ = await asked(site, HERE, FAR)
    for client in (site.nadia, site.hafsa):
        for act, form in (("take", {}), ("decide", SURE), ("undo", SURE), ("release", {})):
            answer = await client.post(f"/identity/{case}/{act}", data=form)
            assert answer.status_code == 404, act
    assert case in [row["id"] for row in await listed(site.safia)]


async def test_a_steward_of_a_region_decides_between_its_facilities_and_undoes(site: Site) -> None:
    case, one, other = await asked(site, HERE, FAR)
    answer = await site.rachida.post(f"/identity/{case}/decide", data=SURE)
    assert answer.headers["location"] == f"/identity/{case}?done=case-same"
    assert await identity_of(site, one) == await identity_of(site, other)
    assert case in [row["id"] for row in await listed(site.rachida, "decided")]
    assert case not in [row["id"] for row in await listed(site.nadia, "decided")]
    undone = await site.rachida.post(f"/identity/{case}/undo", data={"words": "a mistake"})
    assert undone.headers["location"] == f"/identity/{case}?done=case-undone"
    assert await identity_of(site, one) != await identity_of(site, other)


async def test_an_identity_stays_in_sight_of_a_facility_that_the_decider_does_not_reach(
    site: Site,
) -> None:
    case, one, abroad = await asked(site, HERE, ABROAD)
    await site.safia.post(f"/identity/{case}/decide", data=SURE)
    near = twin(one, FAR) | {"name": [{**one["name"][0], "given": ["Khalid"]}]}
    await register(site, near)
    await site.rachida.post(f"/identity/{case_id(one['id'], near['id'])}/decide", data=SURE)
    joined = await identity_of(site, abroad)
    assert len(joined["link"]) == 3
    keepers = {one["valueReference"]["reference"] for one in joined["extension"]}
    assert keepers == {f"Organization/{one}" for one in (HERE, FAR, ABROAD)}


async def test_an_identity_stays_in_sight_of_the_facility_of_a_batch(
    site: Site, tmp_path: Path
) -> None:
    one = person(HERE, identifier=[{"system": CNIE, "value": "BA100001"}])
    path = tmp_path / "patient.json"
    other = {**one, "id": f"{one['id']}-there"}
    del other["managingOrganization"]
    path.write_bytes(encode(other))
    async with site.store.read() as connection:
        scope = await batch_scope(connection, queries(), THERE)
    stamp = Stamp("test", "load")
    await intake.load(site.store, [path], stamp=stamp, laws=laws, scope=scope, workers=0)
    near = twin(one, HERE)
    await register(site, one, near)
    await site.hafsa.post(f"/identity/{case_id(one['id'], near['id'])}/decide", data=SURE)
    joined = await identity_of(site, other)
    assert len(joined["link"]) == 3
    keepers = {one["valueReference"]["reference"] for one in joined["extension"]}
    assert keepers == {f"Organization/{one}" for one in (HERE, THERE)}


async def test_the_desk_names_the_facility_of_a_record_that_names_none(site: Site) -> None:
    clerk = await site.door.enter(await site.door.sign_in("nora", PASSWORD))
    one = person(HERE)
    other = twin(one, HERE)
    for record in (one, other):
        del record["managingOrganization"]
        await clerk.update(record)
    await register(site)
    waiting = {row["id"]: row for row in await listed(site.hafsa)}
    row = waiting[case_id(one["id"], other["id"])]
    name = decode((await site.door.system().read("Organization", HERE)).body)["name"]
    assert row["left_facility"]["fr"] == row["right_facility"]["fr"] == name
    asked_for = {"family": one["name"][0]["family"], "born": one["birthDate"]}
    found = (await site.nora.post("/identity/search", data=asked_for)).text
    assert name in found


async def test_a_case_follows_its_records_to_another_keeper(site: Site) -> None:
    case, one, _ = await asked(site, HERE, HERE)
    assert case in [row["id"] for row in await listed(site.hafsa)]
    await register(site, {**one, "managingOrganization": {"reference": f"Organization/{FAR}"}})
    assert (await site.hafsa.get(f"/identity/{case}")).status_code == 404
    assert case not in [row["id"] for row in await listed(site.nadia)]
    assert case in [row["id"] for row in await listed(site.rachida)]


async def test_an_identity_hides_the_records_of_other_facilities(site: Site) -> None:
    case, one, other = await asked(site, HERE, THERE)
    await site.safia.post(f"/identity/{case}/decide", data=SURE)
    path = f"/identity/person/{(await identity_of(site, one))['id']}"
    whole = (await site.safia.get(path)).text
    assert "Driss" in whole and "Yassine" in whole and "confirmed by a steward" in whole
    narrow = await site.hafsa.get(path)
    assert narrow.status_code == 200
    assert "Driss" in narrow.text and "a record that you may not see" in narrow.text
    assert "Yassine" not in narrow.text and other["id"] not in narrow.text
