"""The steward's desk: what waits, who has taken it, decide, undo; and who may see which record.

Safia and Emna are stewards of the whole country, Hafsa of the facility where Nora registers people,
Nadia of its province, Rachida of its region, Salma of another region.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from console_site import PASSWORD, Site, opened

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

HERE, THERE = "demo-0001", "demo-0002"
FAR = "demo-0070"  # in another province of the region
ABROAD = "hospital-of-another-region"
CNIE = "https://nabd.health/fhir/sid/cnie"
NEXT = iter(range(1, 1000))
SCORE = Score(3.0, 0.889, "possible", (Reason("born", "same", 14.4),))
SURE = {"verdict": "same", "reason": "card", "words": "seen at the desk"}


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """A console with facilities, and nobody registered yet."""
    async with opened(module_database) as one:
        yield one


def person(facility: str = HERE, **elements: Any) -> Json:
    """Make the record of somebody whom nobody else resembles."""
    number = next(NEXT)
    letters = "".join("abdefghijklmnoprstuz"[int(d) * 2] for d in f"{number * 7919 % 10_000:04}")
    return {
        "resourceType": "Patient",
        "id": f"desk-{number}",
        "name": [{"family": f"Ben{letters}", "given": ["Driss"]}],
        "gender": "male",
        "birthDate": f"19{50 + number % 49}-0{1 + number % 9}-1{number % 10}",
        "telecom": [{"system": "phone", "value": f"+212 012 {number:03} 987"}],
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def twin(one: Json, facility: str) -> Json:
    """Make the record of a twin: all alike but the given name. Never linked, always asked."""
    name = [{**one["name"][0], "given": ["Yassine"]}]
    return {**person(facility), **{k: one[k] for k in ("birthDate", "gender", "telecom")}} | {
        "name": name
    }


async def register(site: Site, *records: Json) -> None:
    """Write records, and let the linker follow."""
    for one in records:
        await site.door.system().update(one)
    await link_all(site.door.system(), load())


async def asked(site: Site, first: str = HERE, second: str = THERE) -> tuple[str, Json, Json]:
    """Register twins, and return the case about them."""
    one = person(first)
    other = twin(one, second)
    await register(site, one, other)
    return case_id(one["id"], other["id"]), one, other


async def identity_of(site: Site, record: Json) -> Json:
    query = parse("Person", [("link", f"Patient/{record['id']}")])
    (found,) = (await site.door.system().search(query)).matches
    text = await site.door.system().read("Person", found.id)
    content: Json = httpx.Response(200, content=text.body).json()
    return content


async def listed(client: httpx.AsyncClient, state: str = "open") -> list[Json]:
    answer = await client.get(f"/identity.json?state={state}")
    assert answer.status_code == 200, answer.text
    rows: list[Json] = answer.json()["rows"]
    return rows


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


async def test_a_case_shows_both_records_and_how_each_field_agrees(site: Site) -> None:
    case, one, other = await asked(site)
    rows = {
        row["field"]: row for row in (await site.safia.get(f"/identity/{case}.json")).json()["rows"]
    }
    assert rows["given"]["level"] == "different" and rows["given"]["bits"] < 0
    assert rows["born"]["level"] == "the same" and rows["born"]["bits"] > 0
    assert {rows["given"]["left"], rows["given"]["right"]} == {"Driss", "Yassine"}
    page = (await site.safia.get(f"/identity/{case}")).text
    for sign in ("✓", "✗"):
        assert sign in page
    assert "they may be twins" in page
    for record in (one, other):
        assert f'href="/identity/person/{(await identity_of(site, record))["id"]}"' in page


async def test_two_stewards_cannot_take_the_same_case(site: Site) -> None:
    case, *_ = await asked(site)
    taken = await site.safia.post(f"/identity/{case}/take")
    assert taken.headers["location"] == f"/identity/{case}?done=case-taken"
    page = await site.emna.get(f"/identity/{case}")
    assert re.search(
        r"<bdi>safia</bdi> is working on this case until <bdi>\d+ \w+ \d{4}", page.text
    )
    assert f"/identity/{case}/decide" not in page.text
    for act, form in (("take", {}), ("decide", SURE), ("release", {})):
        refused = await site.emna.post(f"/identity/{case}/{act}", data=form)
        assert refused.status_code == 409
        assert 'role="alert"' in refused.text and "another steward" in refused.text
    assert [row["id"] for row in await listed(site.safia, "mine")] == [case]
    assert await listed(site.emna, "mine") == []
    freed = await site.safia.post(f"/identity/{case}/release")
    assert freed.headers["location"] == "/identity?done=case-released"
    decided = await site.emna.post(f"/identity/{case}/decide", data=SURE)
    assert decided.headers["location"] == f"/identity/{case}?done=case-same"


async def test_what_a_form_lacks_is_said_on_its_page_all_at_once(site: Site) -> None:
    case, *_ = await asked(site)
    answer = await site.safia.post(f"/identity/{case}/decide", data={"words": " "})
    assert answer.status_code == 400
    assert 'href="#verdict"' in answer.text and 'href="#reason"' in answer.text
    assert f'href="/identity/{case}?lang=fr"' in answer.text  # the page's own address
    answer = await site.safia.post(f"/identity/{case}/decide", data={"reason": "files"})
    assert 'href="#reason"' not in answer.text
    assert re.search(r'value="files" checked', answer.text)
    assert case in [row["id"] for row in await listed(site.safia)]


async def test_a_decision_links_offers_the_next_case_and_can_be_undone(site: Site) -> None:
    case, one, other = await asked(site)
    await asked(site)
    before = [await identity_of(site, record) for record in (one, other)]
    answer = await site.safia.post(f"/identity/{case}/decide", data=SURE)
    page = (await site.safia.get(answer.headers["location"])).text
    assert "Decided: one person." in page
    following = re.search(r'class="button" href="/identity/(identity-\w+)"', page)
    assert following and following[1] != case
    joined = await identity_of(site, one)
    assert {link["target"]["reference"] for link in joined["link"]} == {
        f"Patient/{one['id']}",
        f"Patient/{other['id']}",
    }
    assert case in [row["id"] for row in await listed(site.safia, "decided")]
    bare = await site.emna.post(f"/identity/{case}/undo")
    assert bare.status_code == 422 and 'href="#reason"' in bare.text
    undone = await site.emna.post(f"/identity/{case}/undo", data={"words": "a mistake"})
    assert undone.headers["location"] == f"/identity/{case}?done=case-undone"
    after = [await identity_of(site, record) for record in (one, other)]
    assert [p["link"] for p in after] == [p["link"] for p in before]
    history = (await site.safia.get(f"/identity/{case}")).text.partition("<h2>History")[2]
    assert "decision undone · <bdi>emna</bdi>" in history and "a mistake" in history
    assert "decided: one person · <bdi>safia</bdi> · The identity card was seen" in history
    assert "seen at the desk" in history


async def test_a_reason_is_kept_in_english_and_said_in_the_readers_language(site: Site) -> None:
    case, *_ = await asked(site)
    await site.safia.post(
        f"/identity/{case}/decide", data={"verdict": "unsure", "reason": "little"}
    )
    task = (await site.admin.get(f"/records/Task/{case}.json")).json()["rows"]
    assert "The records say too little" in [row["value"] for row in task]
    arabic = (await site.emna.get(f"/identity/{case}?lang=ar")).text
    assert "ما في السجلين لا يكفي" in arabic
    assert case in [row["id"] for row in await listed(site.emna, "unsure")]


async def test_different_is_remembered(site: Site) -> None:
    case, one, _ = await asked(site)
    await site.safia.post(f"/identity/{case}/decide", data={**SURE, "verdict": "different"})
    await register(site, {**one, "active": True})
    assert case not in [row["id"] for row in await listed(site.safia)]
    rows = {row["id"]: row for row in await listed(site.safia, "decided")}
    assert rows[case]["outcome"] == "different" and rows[case]["owner"] == "safia"


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


async def test_a_record_is_taken_out_of_an_identity_with_a_reason(site: Site) -> None:
    case, one, other = await asked(site)
    await site.safia.post(f"/identity/{case}/decide", data=SURE)
    person_id = (await identity_of(site, one))["id"]
    path = f"/identity/person/{person_id}"
    bare = await site.safia.post(f"{path}/unmerge", data={"patient": other["id"]})
    assert bare.status_code == 422 and 'href="#reason"' in bare.text
    assert re.search(rf'value="{other["id"]}" required checked', bare.text)
    form = {"patient": other["id"], "reason": "relatives"}
    answer = await site.safia.post(f"{path}/unmerge", data=form)
    assert answer.headers["location"] == f"/identity/{case}?done=case-different"
    assert len((await identity_of(site, one))["link"]) == 1
    assert len((await identity_of(site, other))["link"]) == 1
    assert "went:" in (await site.safia.get(path)).text


async def test_a_registration_desk_finds_its_records_with_grade_and_reasons(site: Site) -> None:
    record = person(HERE, name=[{"family": "التهراوي", "given": ["أمين"]}], birthDate="1972-06-21")
    await register(site, record)
    asked_for = {"given": "Amine", "family": "Tahraoui", "born": "21/6/1972"}
    page = await site.nora.post("/identity/search", data=asked_for)
    assert page.status_code == 200
    assert f'href="/records/Patient/{record["id"]}"' in page.text
    assert "Birth date: the same" in page.text
    assert "/identity/person/" not in page.text  # that is for stewards
    (row,) = (await site.nora.post("/identity/search.json", data=asked_for)).json()["rows"]
    assert row["id"] == record["id"] and row["grade"] in ("certain", "probable", "possible")
    steward = await site.safia.post("/identity/search", data=asked_for)
    assert f'/identity/person/{(await identity_of(site, record))["id"]}"' in steward.text


async def test_the_search_tells_nothing_of_a_hidden_record_but_that_it_is_certain(
    site: Site,
) -> None:
    numbers = [{"system": CNIE, "value": "QA445566"}]
    record = person(THERE, identifier=numbers, name=[{"family": "Sekkat", "given": ["Hamza"]}])
    await register(site, record)
    known = {"given": "Hamza", "family": "Sekkat", "born": record["birthDate"]}
    known |= {"kind": "cnie", "number": "qa 445566"}
    page = await site.nora.post("/identity/search", data=known)
    assert "A record that you may not see" in page.text
    (row,) = (await site.nora.post("/identity/search.json", data=known)).json()["rows"]
    assert row == dict.fromkeys(row, None) | {
        "id": "",
        "name": {"fr": "", "ar": ""},
        "born": "",
        "facility": {"fr": "", "ar": ""},
        "grade": "certain",
    }
    guess = {"given": "Hamza", "family": "Sekkat", "born": record["birthDate"][:4]}
    answer = await site.nora.post("/identity/search.json", data=guess)
    assert answer.json()["rows"] == []


async def test_a_search_says_what_it_cannot_use(site: Site) -> None:
    async def said(**asked_for: str) -> httpx.Response:
        return await site.nora.post("/identity/search", data=asked_for)

    wrong = await said(given="Hind", born="1980-13")
    assert wrong.status_code == 400 and 'href="#born"' in wrong.text
    assert "A name alone fits too many" in (await said(given="Hind", family="Alami")).text
    nobody = await said(given="Hind", family="Alami", born="1901-02-03")
    assert "Nobody is like this" in nobody.text


async def test_no_address_has_what_is_asked_about_a_person(site: Site) -> None:
    record = person(HERE, name=[{"family": "Zerouali", "given": ["Ghizlane"]}])
    await register(site, record)
    asked_for = {"given": "Ghizlane", "family": "Zerouali", "born": record["birthDate"]}
    page = (await site.nora.post("/identity/search", data=asked_for)).text
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert not [one for one in addresses if "hizlane" in one or "?given" in one]
    assert not re.search(r'name="next" value="[^"]*hizlane', page)
    assert 'rel="alternate"' not in page  # what lies there is not this page
    again = re.findall(r'<form method="post" action="(/identity/search[^"]*)"(.*?)</form>', page)
    hidden = {(path, *re.findall(r'name="(\w+)" value="([^"]*)"', form)) for path, form in again}
    fields = tuple(asked_for.items())
    tails = ("?lang=ar", "?lang=fr", "?lang=en", ".json", ".csv")
    assert hidden == {(f"/identity/search{tail}", *fields) for tail in tails}
    french = await site.nora.post("/identity/search?lang=fr", data=asked_for)
    assert 'lang="fr"' in french.text and "Ghizlane" in french.text
    assert french.cookies["language"] == "fr"
    site.nora.cookies.delete("language")
    table = await site.nora.post("/identity/search.csv", data=asked_for)
    assert table.headers["content-type"].startswith("text/csv") and "Ghizlane" in table.text


async def test_an_address_that_names_a_person_is_refused_and_not_repeated(site: Site) -> None:
    for suffix in ("", ".json", ".csv"):
        answer = await site.nora.get(f"/identity/search{suffix}?given=Ghizlane&born=1980")
        assert answer.status_code == 400 and "N7512" in answer.text
        assert "Ghizlane" not in answer.text
    assert (await site.nora.get("/identity/search?lang=en")).status_code == 200
    assert (await site.nora.head("/identity/search")).status_code == 200


async def test_a_search_is_posted_from_its_own_site_only(site: Site) -> None:
    asked_for = {"given": "Ghizlane", "born": "1980"}
    elsewhere = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    for path in ("/identity/search", "/identity/search.json"):
        answer = await site.nora.post(path, data=asked_for, headers=elsewhere)
        assert answer.status_code == 403
        assert (await site.visitor.post(path, data=asked_for)).status_code == 401


async def test_an_act_is_for_its_permission_its_method_and_its_own_site(site: Site) -> None:
    case, *_ = await asked(site)
    path = f"/identity/{case}/take"
    assert (await site.amina.post(path)).status_code == 403
    assert (await site.safia.get(path)).status_code == 405
    elsewhere = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    assert (await site.safia.post(path, headers=elsewhere)).status_code == 403
    assert (await site.visitor.post(path)).status_code == 401
    assert await listed(site.safia, "mine") == []


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
