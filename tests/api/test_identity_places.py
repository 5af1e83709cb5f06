"""Whose cases and records a steward sees: those of the own facility, province or region.

Safia is a steward of the whole country, Hafsa of a facility, Nadia of its province, Rachida of its
region, Salma of another region.
"""

from __future__ import annotations

import re

from console_site import PASSWORD, Site
from desk import HERE, SURE, THERE, asked, identity_of, listed, register, twin

from nabd.fhir.search import parse
from nabd.identity.case import case_id

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
