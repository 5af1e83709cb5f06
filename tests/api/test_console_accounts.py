"""Accounts in the console: create, give a role, disable; one's own password and tokens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from console_site import PASSWORD, Site, opened

NEW = {
    "name": "chahra",
    "display": "Chahra",
    "role": "clinician",
    "kind": "province",
    "code": "01.051",
    "password": "a-long-enough-one",
}


@pytest_asyncio.fixture(scope="module")
async def site(module_database: str) -> AsyncIterator[Site]:
    """A console with its cast."""
    async with opened(module_database) as one:
        yield one


async def test_a_wrong_form_tells_each_field_and_keeps_what_was_typed(site: Site) -> None:
    answer = await site.admin.post("/accounts/new", data={**NEW, "name": "", "password": ""})
    assert answer.status_code == 400
    assert 'href="#name"' in answer.text and 'href="#password"' in answer.text
    assert 'value="01.051"' in answer.text
    short = await site.admin.post("/accounts/new", data={**NEW, "password": "short"})
    assert short.status_code == 400 and 'href="#password"' in short.text
    nowhere = await site.admin.post("/accounts/new", data={**NEW, "code": ""})
    assert nowhere.status_code == 400 and 'href="#place"' in nowhere.text


async def test_an_account_is_created_and_can_enter(site: Site) -> None:
    answer = await site.admin.post("/accounts/new", data=NEW)
    assert answer.headers["location"] == "/accounts/chahra?done=created"
    page = await site.admin.get("/accounts/chahra")
    assert "Clinician" in page.text and "01.051" in page.text
    assert await site.door.sign_in("chahra", NEW["password"])
    twice = await site.admin.post("/accounts/new", data=NEW)
    assert twice.status_code == 409 and 'href="#name"' in twice.text


async def test_a_changed_role_ends_the_sessions_and_stays_known(site: Site) -> None:
    form = {"role": "planner", "kind": "national", "code": ""}
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
