"""A case at the steward's desk: seen, taken, decided with a reason, undone.

Safia and Emna are stewards of the whole country.
"""

from __future__ import annotations

import re

from console_site import Site
from desk import SURE, asked, identity_of, listed, register


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


async def test_an_act_is_for_its_permission_its_method_and_its_own_site(site: Site) -> None:
    case, *_ = await asked(site)
    path = f"/identity/{case}/take"
    assert (await site.amina.post(path)).status_code == 403
    assert (await site.safia.get(path)).status_code == 405
    elsewhere = {"origin": "https://example.org", "sec-fetch-site": "cross-site"}
    assert (await site.safia.post(path, headers=elsewhere)).status_code == 403
    assert (await site.visitor.post(path)).status_code == 401
    assert await listed(site.safia, "mine") == []
