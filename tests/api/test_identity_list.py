"""The steward's list: what waits, the urgent first, page after page; and who has the desk at all.

Safia is a steward of the whole country, Salma of a region; Nora registers people.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from console_site import Site
from desk import CNIE, THERE, asked, listed, person, register, twin

from nabd.demo.cases import waiting
from nabd.demo.tag import TAG
from nabd.fhir.json import Json, decode
from nabd.fhir.search import parse
from nabd.identity.case import case_id, case_of, decided, task_of, text_of
from nabd.identity.case import opened as case_opened
from nabd.identity.guards import THROUGH
from nabd.identity.linking import link_all
from nabd.identity.model import load
from nabd.identity.rules import Reason, Score
from nabd.store import Write

SCORE = Score(3.0, 0.889, "possible", (Reason("born", "same", 14.4),))


async def test_the_list_has_the_urgent_first_with_names_places_and_reasons(site: Site) -> None:
    case, one, other = await asked(site)
    holder = person(identifier=[{"system": CNIE, "value": "AB123456"}])
    borrower = person(
        THERE, identifier=holder["identifier"], name=[{"family": "Zaid", "given": ["Hind"]}]
    )
    await register(site, holder, borrower)
    rows = await listed(site.safia)
    assert [row["urgent"] for row in rows] == sorted((row["urgent"] for row in rows), reverse=True)
    assert rows[0]["id"] == case_id(holder["id"], borrower["id"])
    mine = next(row for row in rows if row["id"] == case)
    names = {mine["left"]["fr"], mine["right"]["fr"]}
    assert names == {f"{p['name'][0]['given'][0]} {p['name'][0]['family']}" for p in (one, other)}
    assert mine["for"] == "phone" and mine["against"] in ("given", "household")
    assert mine["left_facility"]["ar"] and mine["probability"] <= 1
    assert [row["id"] for row in await listed(site.safia, "urgent")] == [rows[0]["id"]]


async def test_the_page_counts_what_waits_and_how_long(site: Site) -> None:
    await asked(site)
    page = (await site.safia.get("/identity")).text
    waiting = len(await listed(site.safia))
    assert f"{waiting} cases wait." in page
    ages = re.findall(
        r'<th scope="row">(\w[\w ]+)</th>.*?<td class="number">(\d+)</td>', page, re.S
    )
    assert dict(ages) == {"today": str(waiting), "this week": "0", "this month": "0", "older": "0"}


@pytest.mark.parametrize("path", ["/identity", "/identity/identity-0", "/identity/person/p"])
async def test_only_stewards_have_the_desk(site: Site, path: str) -> None:
    for client in (site.amina, site.djamel, site.tarik):
        assert (await client.get(path)).status_code == 403
    assert 'href="/identity"' not in (await site.djamel.get("/country")).text
    assert 'href="/identity"' in (await site.salma.get("/country")).text


async def test_who_reads_patients_without_deciding_is_led_to_the_search(site: Site) -> None:
    entry = 'href="/identity/search"'
    assert entry in (await site.nora.get("/country")).text
    assert entry not in (await site.safia.get("/country")).text  # the desk leads there
    assert entry not in (await site.djamel.get("/country")).text
    asked_for = {"born": "1980-01-02"}
    assert (await site.djamel.post("/identity/search", data=asked_for)).status_code == 403


async def paged(client: httpx.AsyncClient, path: str) -> list[str]:
    """Follow the links to the next page; return the ids of all cases, in their order."""
    seen: list[str] = []
    while path:
        page = (await client.get(path)).text
        seen += re.findall(r'<a href="/identity/(identity-\w+)"', page.partition("<tbody role")[2])
        more = re.search(r'<a href="(\?[^"]*)" rel="next"', page)
        path = "/identity" + more[1].replace("&amp;", "&") if more else ""
    return seen


async def test_decided_cases_of_one_moment_are_paged_without_loss(site: Site) -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    pairs = [(f"done-{n}", f"past-{n}") for n in range(60)]
    waiting = [case_opened(pair, SCORE, "test", text_of(at)) for pair in pairs]
    tasks = [task_of(decided(one, "different", "safia", "why", at)) for one in waiting]
    writes = [Write("update", "Task", one["id"], one) for one in tasks]
    await site.door.system().transaction(lambda unit: unit.keep(writes, through=THROUGH))
    seen = await paged(site.safia, "/identity?state=decided")
    assert len(seen) == len(set(seen)) and {task["id"] for task in tasks} <= set(seen)


async def test_a_long_list_is_paged_without_loss_or_repetition(site: Site) -> None:
    now = datetime.now(UTC)
    pairs = [(f"gone-{n}", f"lost-{n}") for n in range(60)]
    tasks = [
        task_of(
            case_opened(pair, SCORE, "test", text_of(now - timedelta(days=n)), urgent=n % 7 == 0)
        )
        for n, pair in enumerate(pairs)
    ]
    writes = [Write("update", "Task", one["id"], one) for one in tasks]
    await site.door.system().transaction(lambda unit: unit.keep(writes, through=THROUGH))
    seen = await paged(site.safia, "/identity?state=open")
    assert len(seen) == len(set(seen)) and {task["id"] for task in tasks} <= set(seen)
    urgent = [task["id"] for n, task in enumerate(tasks) if n % 7 == 0]
    assert [one for one in seen if one in urgent] == urgent[::-1]


async def test_cases_of_the_demo_have_waited_for_a_while_and_say_that_they_are_synthetic(
    site: Site,
) -> None:
    marked: Json = {"meta": {"tag": [TAG]}}
    pairs = [(one, twin(one, THERE)) for one in (person() for _ in range(40))]
    real = person(), person()
    half = twin(real[1], THERE)
    for one in (*(r | marked for pair in pairs for r in pair), *real, twin(real[0], THERE)):
        await site.door.system().update(one)
    await site.door.system().update(half | marked)
    began = datetime.now(UTC)
    await link_all(site.door.system(), load(), opening=waiting)
    rows = await cases(site)
    aged = [rows[case_id(one["id"], other["id"])] for one, other in pairs]
    days = [(began - datetime.fromisoformat(one["authoredOn"])).days for one in aged]
    assert min(days) <= 0 and max(days) > 30 and len(set(days)) > 10
    assert max(days) <= 45
    for task in aged:  # what was written when is not made up
        assert task["meta"]["tag"] == [TAG]
        for moment in (task["lastModified"], task["meta"]["lastUpdated"]):
            assert abs(datetime.fromisoformat(moment) - began) < timedelta(minutes=1)
    others = [task for task in rows.values() if {real[0]["id"], real[1]["id"]} & about(task)]
    assert len(others) == 2
    for task in others:
        assert "tag" not in task["meta"]
        assert datetime.fromisoformat(task["authoredOn"]) >= began - timedelta(milliseconds=1)
    some = case_of(aged[0])
    assert waiting(some) == waiting(some)


async def cases(site: Site) -> dict[str, Json]:
    """Read all cases, by id."""
    found = await site.door.system().search(parse("Task", [("_count", "1000")]))
    return {one.id: decode(one.body) for one in found.matches}


def about(task: Json) -> set[str]:
    """Name the records of a case."""
    return {case_of(task).left, case_of(task).right}
