"""Completeness by source: shares are counts, of the batch of the version in force, in the scope."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from console_site import Site, opened

from nabd.fhir.json import Json

WHOLE = {"name": [{"family": "A"}], "birthDate": "1990-01-01", "gender": "female"}


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """A console with three people that came by the API, two of them in Al Hoceïma."""
    async with opened(module_database) as one:
        rows = (await one.admin.get("/facilities.json?province=01.051")).json()["rows"]
        keeper = {"managingOrganization": {"reference": f"Organization/{rows[0]['id']}"}}
        for elements in (
            {**WHOLE, **keeper},
            {"gender": "male", **keeper},
            {"name": WHOLE["name"]},
        ):
            await one.door.system().create({"resourceType": "Patient", **elements})
        yield one


async def shares(site: Site, who: str, query: str = "") -> dict[tuple[str, str, str], Json]:
    rows = (await getattr(site, who).get(f"/quality/sources.json?{query}")).json()["rows"]
    return {(row["type"], row["source"], row["element"]): row for row in rows}


def told(row: Json) -> tuple[Any, ...]:
    return row["filled"], row["resources"], row["share"]


async def test_what_came_by_the_api_is_a_source_of_its_own(site: Site) -> None:
    found = await shares(site, "admin")
    assert told(found["Patient", "", "name"]) == (2, 3, 0.6667)
    assert told(found["Patient", "", "gender"]) == (2, 3, 0.6667)
    assert told(found["Patient", "", "birthdate"]) == (1, 3, 0.3333)
    assert told(found["Patient", "", "organization"]) == (2, 3, 0.6667)
    assert told(found["Patient", "", "identifier"]) == (0, 3, 0.0)


async def test_an_account_of_a_province_judges_its_own_data(site: Site) -> None:
    found = await shares(site, "nadia")
    assert told(found["Patient", "", "name"]) == (1, 2, 0.5)
    assert told(found["Patient", "", "birthdate"]) == (1, 2, 0.5)
    own = (await site.nadia.get("/facilities.json?province=01.051")).json()["rows"]
    assert found["facility", "facilities", "place"]["resources"] == len(own)
    assert (
        "Only what lies in the place of your account is counted."
        in (await site.nadia.get("/quality/sources")).text
    )


async def test_facilities_are_judged_by_the_registry(site: Site) -> None:
    found = await shares(site, "admin")
    count = found["facility", "facilities", "identifier"]["resources"]
    async with site.store.read() as connection:
        row = await connection.fetchrow(
            """select count(*) as n, count(f.name_ar) as name_ar, count(s.longitude) as position
               from live.facility f left join live.site s on s.organization_id = f.id"""
        )
    assert count == row["n"] > 0
    assert found["facility", "facilities", "name_ar"]["filled"] == row["name_ar"]
    assert found["facility", "facilities", "position"]["filled"] == row["position"]


async def test_one_batch_can_be_looked_at_alone(site: Site) -> None:
    async with site.store.read() as connection:
        number = await connection.fetchval("select id from batch where source = 'territory'")
    assert {source for _, source, _ in await shares(site, "admin", f"batch={number}")} == {
        "territory"
    }
    page = await site.admin.get(f"/quality/batches/{number}")
    assert f'href="/quality/sources?batch={number}"' in page.text
    assert (await site.admin.get("/quality/sources?batch=none")).status_code == 404


async def test_a_correction_moves_a_resource_to_its_new_source(site: Site, database: str) -> None:
    before = (await shares(site, "admin"))["Location", "territory", "name"]["resources"]
    async with opened(database) as other:
        session = other.door.system()
        await session.patch("Location", "ma-01", lambda old: {**old, "alias": ["Tanger"]})
        after = await shares(other, "admin")
    assert after["Location", "territory", "name"]["resources"] == before - 1
    assert after["Location", "", "name"]["resources"] == 1


async def test_the_page_draws_before_it_lists_and_says_when_it_counted(site: Site) -> None:
    page = (await site.admin.get("/quality/sources")).text
    assert page.index('class="matrix"') < page.index('class="shares"')
    assert "Counted one by one on" in page
    assert "the API and the console" in page


async def test_the_page_is_for_those_who_see_to_quality(site: Site) -> None:
    assert (await site.djamel.get("/quality/sources")).status_code == 403
