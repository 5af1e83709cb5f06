"""The quarantine in the console: every reason, correct and submit again, discard with a reason."""

from __future__ import annotations

from console_site import Site

from nabd.store import batch as batches

BETTER = '{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1991-03-12"}'
HALF = '{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"12/03/1991"}'


async def test_every_reason_is_shown_with_its_place(site: Site) -> None:
    text = (await site.safia.get("/quality/quarantine/1")).text
    assert "gender" in text and "birthDate" in text
    assert "femme" in text  # the record is whole


async def test_the_law_of_counts_is_shown(site: Site) -> None:
    rows = (await site.safia.get("/quality.json")).json()["rows"]
    assert rows
    for row in rows:
        assert row["received"] == row["stored"] + row["unchanged"] + row["quarantined"]


async def test_a_correction_that_is_still_wrong_says_so_and_keeps_the_text(site: Site) -> None:
    form = {"record": HALF, "reason": "by telephone"}
    answer = await site.safia.post("/quality/quarantine/1/correct", data=form)
    assert answer.status_code in (400, 422)
    assert 'role="alert"' in answer.text
    assert "12/03/1991" in answer.text
    text = (await site.safia.get("/quality/quarantine/1")).text
    assert "gender" not in text.split("<textarea")[0].split("<ul")[-1]


async def test_a_form_without_reason_is_sent_back(site: Site) -> None:
    answer = await site.safia.post("/quality/quarantine/1/correct", data={"record": BETTER})
    assert answer.status_code == 400
    assert 'href="#reason"' in answer.text
    answer = await site.safia.post("/quality/quarantine/2/discard", data={"why": " "})
    assert answer.status_code == 400
    assert 'href="#why"' in answer.text


async def test_a_corrected_record_is_stored_and_counted(site: Site) -> None:
    form = {"record": BETTER, "reason": "by telephone"}
    answer = await site.safia.post("/quality/quarantine/1/correct", data=form)
    assert answer.headers["location"] == "/quality/quarantine/1?done=corrected"
    page = await site.safia.get(answer.headers["location"])
    assert "The corrected record was stored" in page.text
    assert "by telephone" in page.text
    assert (await site.admin.get("/records/Patient/p1")).status_code == 200
    async with site.store.read() as connection:
        batch = next(one for one in await batches.recent(connection) if one.source == "broken")
    assert (batch.received, batch.stored, batch.quarantined) == (2, 1, 1)
    again = await site.safia.post("/quality/quarantine/1/correct", data=form)
    assert again.status_code == 409


async def test_a_record_is_discarded_with_a_reason_and_stays_readable(site: Site) -> None:
    answer = await site.safia.post("/quality/quarantine/2/discard", data={"why": "cut off"})
    assert answer.headers["location"] == "/quality/quarantine/2?done=discarded"
    page = await site.safia.get("/quality/quarantine/2")
    assert "cut off" in page.text and "&#34;p2&#34;" in page.text
    listed = await site.safia.get("/quality/quarantine?state=discarded")
    assert "/quality/quarantine/2" in listed.text
