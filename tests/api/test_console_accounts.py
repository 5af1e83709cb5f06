"""Accounts in the console: create, give a role, disable; one's own password and tokens."""

from __future__ import annotations

import re

import pytest
from console_site import PASSWORD, Site

from nabd.errors import Problem, catalogue

NEW = {
    "name": "chahra",
    "display": "Chahra",
    "role": "clinician",
    "place": "province:01.051",
    "password": "a-long-enough-one",
}


async def test_a_wrong_form_tells_each_field_and_keeps_what_was_typed(site: Site) -> None:
    answer = await site.admin.post("/accounts/new", data={**NEW, "name": ""})
    assert answer.status_code == 400
    assert 'href="#name"' in answer.text
    assert '<option value="province:01.051" selected>' in answer.text
    short = await site.admin.post("/accounts/new", data={**NEW, "password": "short"})
    assert short.status_code == 400 and 'href="#password"' in short.text


@pytest.mark.parametrize(
    ("place", "facility", "code", "field"),
    [
        ("province:99.999", "", "N7508", "place"),
        ("facility", "", "N4024", "place"),
        ("facility", "demo-none", "N7508", "facility"),
        ("national", "demo-0001", "N7507", "facility"),
        ("moon", "", "N4024", "place"),
    ],
)
async def test_a_scope_that_is_none_is_told_at_its_field(
    site: Site, place: str, facility: str, code: str, field: str
) -> None:
    answer = await site.admin.post(
        "/accounts/new", data={**NEW, "place": place, "facility": facility}
    )
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert told(code) in answer.text


def told(code: str) -> str:
    """The beginning of a problem, before its first value."""
    return catalogue()[code].en.split("{")[0][:60]


async def test_a_facility_is_a_scope_and_is_said_by_its_name(site: Site) -> None:
    form = {**NEW, "name": "hind", "place": "facility", "facility": "demo-0001"}
    answer = await site.admin.post("/accounts/new", data=form)
    assert answer.headers["location"] == "/accounts/hind?done=created"
    assert 'href="/facilities/demo-0001"' in (await site.admin.get("/accounts")).text
    twin = (await site.admin.get("/accounts.json")).json()["rows"]
    assert next(row for row in twin if row["name"] == "hind")["place"] == "facility:demo-0001"


async def test_a_program_has_no_password_and_enters_by_a_token(site: Site) -> None:
    form = {"name": "laboratory", "role": "integrator", "place": "national", "password": ""}
    answer = await site.admin.post("/accounts/new", data=form)
    assert answer.headers["location"] == "/accounts/laboratory?done=created"
    path = "/accounts/laboratory/tokens"
    nameless = await site.admin.post(path, data={"token": ""})
    assert nameless.status_code == 400 and 'href="#token"' in nameless.text
    answer = await site.admin.post(path, data={"token": "results", "days": "90"})
    assert answer.headers["cache-control"] == "no-store"
    token = re.search(r"nabd_[\w-]{43}", answer.text)
    assert token is not None
    assert (await site.door.enter(token[0])).account.name == "laboratory"
    assert token[0] not in (await site.admin.get("/accounts/laboratory")).text
    answer = await site.admin.post(f"{path}/revoke", data={"token": "results"})
    assert answer.headers["location"] == "/accounts/laboratory?done=revoked"
    with pytest.raises(Problem, match="N4011"):
        await site.door.enter(token[0])


async def test_nobody_locks_themselves_out(site: Site) -> None:
    for path, form in (
        ("/accounts/admin/state", {"disabled": "yes"}),
        ("/accounts/admin/role", {"role": "auditor", "place": "national"}),
    ):
        answer = await site.admin.post(path, data=form)
        assert answer.status_code == 409 and "other than your own" in answer.text
    assert (await site.admin.get("/accounts")).status_code == 200
    page = (await site.admin.get("/accounts/admin")).text
    assert "This is your own account" in page and "Disable the account" not in page


async def test_an_account_is_created_and_can_enter(site: Site) -> None:
    answer = await site.admin.post("/accounts/new", data=NEW)
    assert answer.headers["location"] == "/accounts/chahra?done=created"
    page = await site.admin.get("/accounts/chahra")
    assert "Clinician" in page.text and "01.051" in page.text
    assert await site.door.sign_in("chahra", NEW["password"])
    twice = await site.admin.post("/accounts/new", data=NEW)
    assert twice.status_code == 409 and 'href="#name"' in twice.text


async def test_a_changed_role_ends_the_sessions_and_stays_known(site: Site) -> None:
    form = {"role": "planner", "place": "national"}
    answer = await site.admin.post("/accounts/amina/role", data=form)
    assert answer.headers["location"] == "/accounts/amina?done=role"
    assert (await site.amina.get("/country")).status_code == 303
    page = (await site.admin.get("/accounts/amina")).text
    assert "Planner" in page and "Clinician" in page and "given by" in page


async def test_a_disabled_account_cannot_enter_until_it_is_enabled(site: Site) -> None:
    await site.admin.post("/accounts/salma/state", data={"disabled": "yes"})
    assert (await site.salma.get("/country")).status_code == 303
    assert "disabled" in (await site.admin.get("/accounts")).text
    await site.admin.post("/accounts/salma/state", data={"disabled": "no"})
    assert await site.door.sign_in("salma", PASSWORD)


async def test_a_token_is_shown_once_and_can_be_revoked(site: Site) -> None:
    form = {"token": "district report", "days": "30"}
    answer = await site.djamel.post("/account/tokens", data=form)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = re.search(r"nabd_[\w-]{43}", answer.text)
    assert token is not None
    assert (await site.door.enter(token[0])).account.name == "djamel"
    page = (await site.djamel.get("/account")).text
    assert "district report" in page and token[0] not in page
    await site.djamel.post("/account/tokens/revoke", data={"token": "district report"})
    assert "revoked" in (await site.djamel.get("/account")).text


async def test_the_own_password_needs_the_present_one(site: Site) -> None:
    wrong = {"present": "not mine at all", "password": "a-new-long-one", "again": "a-new-long-one"}
    answer = await site.safia.post("/account/password", data=wrong)
    assert answer.status_code == 401 and 'href="#present"' in answer.text
    unlike = {**wrong, "present": PASSWORD, "again": "another-long-one"}
    answer = await site.safia.post("/account/password", data=unlike)
    assert answer.status_code == 400 and 'href="#again"' in answer.text
    right = {**wrong, "present": PASSWORD}
    answer = await site.safia.post("/account/password", data=right)
    assert answer.headers["location"] == "/sign-in?done=password"
    assert (await site.safia.get("/country")).status_code == 303
    assert await site.door.sign_in("safia", "a-new-long-one")
