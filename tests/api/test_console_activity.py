"""Activity on the pages of places: encounters by month and frequent diagnoses, within the scope."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from console_site import Site, opened

from nabd.fhir.json import Json

MADE = (
    ("AMB", "2026-01-31T22:30:00Z", 0),
    ("AMB", "2026-03-01T00:30:00+01:00", 0),  # the last hour of February in universal time
    ("IMP", "2026-03-05", 0),
    ("ACUTE", "2026-03-06", 0),
    ("XYZ", "2026-03-07", 0),
    ("EMER", "2026-03-08", 1),
    ("AMB", "2024-03-31", 1),  # more than two years before the last month
    ("AMB", "2999-01-01", 1),  # a day to come
)
HERE, ELSEWHERE = "01.051", "01.151"
ICD10 = "http://hl7.org/fhir/sid/icd-10"


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """A console with encounters at one facility of Al Hoceïma and at one elsewhere."""
    async with opened(module_database) as one:
        facilities = [await first_of(one, HERE), await first_of(one, ELSEWHERE)]
        session = one.door.system()
        for kind, start, where in MADE:
            await session.create(encounter(kind, start, facilities[where]))
        await session.create(encounter("AMB", "2026-03-09", facilities[0], status="cancelled"))
        for code, where, count in (("J06.9", 0, 6), ("I10", 1, 5), ("A15.0", 0, 4)):
            for _ in range(count):
                await session.create(condition(code, facilities[where]))
        yield one


@pytest_asyncio.fixture(scope="module")
async def here(site: Site) -> str:
    """The facility of Al Hoceïma."""
    return await first_of(site, HERE)


async def first_of(site: Site, province: str) -> str:
    rows = (await site.admin.get(f"/facilities.json?province={province}")).json()["rows"]
    return str(rows[0]["id"])


def encounter(kind: str, start: str, facility: str, status: str = "finished") -> Json:
    return {
        "resourceType": "Encounter",
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": kind},
        "period": {"start": start},
        "serviceProvider": {"reference": f"Organization/{facility}"},
    }


def condition(code: str, facility: str) -> Json:
    keeper = {"reference": f"Organization/{facility}"}
    return {
        "resourceType": "Condition",
        "extension": [
            {
                "url": "https://nabd.health/fhir/StructureDefinition/custodian",
                "valueReference": keeper,
            }
        ],
        "code": {"coding": [{"system": ICD10, "code": code}]},
        "subject": {"display": "somebody"},
        "recordedDate": "2026-03-10",
    }


async def activity(site: Site, who: str, path: str) -> dict[tuple[str, str], int]:
    rows = (await getattr(site, who).get(f"{path}.json")).json()["activity"]
    return {(row["month"], row["class"]): row["encounters"] for row in rows if row["encounters"]}


OWN = {
    ("2026-01-01", "ambulatory"): 1,
    ("2026-02-01", "ambulatory"): 1,
    ("2026-03-01", "inpatient"): 2,
    ("2026-03-01", "other"): 1,
}


async def test_the_country_counts_by_month_and_class(site: Site) -> None:
    found = await activity(site, "admin", "/country")
    assert found == {**OWN, ("2026-03-01", "emergency"): 1}


async def test_a_place_and_a_facility_count_their_own(site: Site, here: str) -> None:
    for path in (f"/provinces/{HERE}", f"/facilities/{here}"):
        assert await activity(site, "admin", path) == OWN
    assert await activity(site, "admin", f"/provinces/{ELSEWHERE}") == {
        ("2026-03-01", "emergency"): 1
    }
    assert (await activity(site, "admin", "/regions/01")).keys() > OWN.keys()
    assert await activity(site, "admin", "/regions/02") == {}


async def test_an_account_of_a_province_counts_its_own_everywhere(site: Site, here: str) -> None:
    elsewhere = await first_of(site, ELSEWHERE)
    assert await activity(site, "nadia", "/country") == OWN
    assert await activity(site, "nadia", f"/provinces/{ELSEWHERE}") == {}
    assert await activity(site, "nadia", f"/facilities/{elsewhere}") == {}
    assert await activity(site, "nadia", f"/facilities/{here}") == OWN
    page = (await site.nadia.get("/country")).text
    assert "Only encounters in the place of your account are counted." in page
    assert "Only encounters in the place" not in (await site.admin.get("/country")).text


@pytest.mark.parametrize(
    ("who", "told"),
    [("admin", {"J06.9": 6, "I10": 5}), ("nadia", {"J06.9": 6}), ("amina", {})],
)
async def test_diagnoses_are_counted_in_scope_and_rare_ones_not_told(
    site: Site, who: str, told: dict[str, int]
) -> None:
    rows = (await getattr(site, who).get("/country.json")).json()["diagnoses"]
    assert {row["code"]: row["conditions"] for row in rows} == told
    assert "A15.0" not in (await getattr(site, who).get("/country")).text


async def test_a_diagnosis_is_said_in_the_readers_language(site: Site) -> None:
    page = (await site.djamel.get("/country?lang=fr")).text
    assert "Hypertension essentielle (primitive)" in page


async def test_the_picture_has_a_bar_for_each_month_and_a_table(site: Site) -> None:
    page = (await site.admin.get(f"/provinces/{HERE}")).text
    assert page.count("<g><title>") == 3
    assert "<title>March 2026: 3</title>" in page
    assert '<th scope="row">February 2026</th><td class="number">1</td>' in page


async def test_each_table_of_a_page_has_its_csv(site: Site) -> None:
    assert await table(site, "activity") == [
        {"month": month, "class": kind, "encounters": str(count)}
        for (month, kind), count in sorted(
            {
                **dict.fromkeys(((m, k) for m, _ in OWN for k in KINDS), 0),
                **OWN,
                ("2026-03-01", "emergency"): 1,
            }.items(),
            key=lambda one: (one[0][0], KINDS.index(one[0][1])),
        )
    ]
    assert [row["code"] for row in await table(site, "diagnoses")] == ["J06.9", "I10"]
    assert len(await table(site, "")) == 12
    assert (await site.admin.get("/country.csv?table=nonsense")).status_code == 404


KINDS = ["ambulatory", "emergency", "inpatient", "other"]


async def table(site: Site, name: str) -> list[dict[str, Any]]:
    text = (await site.admin.get(f"/country.csv?table={name}")).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def test_a_place_without_encounters_says_so(site: Site) -> None:
    assert "No encounters are recorded here." in (await site.admin.get("/regions/02")).text
