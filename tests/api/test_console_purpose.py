"""Why somebody looks: chosen in the console, shown on every page, written beside every access."""

from __future__ import annotations

from console_site import PASSWORD, Site


async def purposes(site: Site, account: str) -> list[tuple[str, str]]:
    rows = (await site.tarik.get(f"/audit.json?account={account}")).json()["rows"]
    return [(row["action"], row["purpose"]) for row in rows]


async def test_without_a_choice_the_purpose_is_the_roles(site: Site) -> None:
    page = (await site.safia.get("/country")).text
    assert "<summary>Purpose: Healthcare operations</summary>" in page
    assert (await purposes(site, "safia"))[0] == ("query", "HOPERAT")


async def test_a_chosen_purpose_is_shown_and_written_until_the_sign_out(site: Site) -> None:
    me = {"name": "amina", "password": PASSWORD}
    await site.visitor.post("/sign-in", data=me)
    form = {"purpose": "PUBHLTH", "next": "/regions/01?measure=workers"}
    answer = await site.visitor.post("/purpose", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, form["next"])
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = (await site.visitor.get("/country")).text
    assert "<summary>Purpose: Public health</summary>" in page
    assert '<option value="PUBHLTH" selected>' in page
    await site.visitor.get("/country.json")
    written = await purposes(site, "amina")
    assert written[0] == ("query", "PUBHLTH")
    assert ("state-purpose", "TREAT") in written
    await site.visitor.post("/sign-out")
    await site.visitor.post("/sign-in", data=me)
    assert "<summary>Purpose: Treatment</summary>" in (await site.visitor.get("/country")).text
    await site.visitor.post("/sign-out")


async def test_a_program_states_its_purpose_in_a_header(site: Site) -> None:
    token = await site.door.sign_in("amina", PASSWORD)
    headers = {"authorization": f"Bearer {token}", "x-purpose": "HRESCH"}
    assert (await site.visitor.get("/country.json", headers=headers)).status_code == 200
    assert (await purposes(site, "amina"))[0] == ("query", "HRESCH")
    wrong = {**headers, "x-purpose": "CURIOSITY"}
    assert (await site.visitor.get("/country.json", headers=wrong)).status_code == 400


async def test_an_unknown_purpose_is_refused_and_a_broken_cookie_ignored(site: Site) -> None:
    answer = await site.djamel.post("/purpose", data={"purpose": "CURIOSITY"})
    assert answer.status_code == 400 and "N4019" in answer.text
    site.djamel.cookies.set("nabd_purpose", "CURIOSITY")
    page = (await site.djamel.get("/country")).text
    assert "<summary>Purpose: Health system administration</summary>" in page


async def test_the_choice_leads_back_inside_the_console_only(site: Site) -> None:
    form = {"purpose": "TREAT", "next": "https://evil.test/"}
    answer = await site.salma.post("/purpose", data=form)
    assert answer.headers["location"] == "/"
    elsewhere = {"origin": "https://evil.test"}
    assert (await site.salma.post("/purpose", data=form, headers=elsewhere)).status_code == 403


async def test_a_stranger_has_no_purpose(site: Site) -> None:
    assert "Purpose:" not in (await site.visitor.get("/sign-in")).text
