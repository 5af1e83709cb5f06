"""Accounts: who can enter, in which role, and where that role holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from nabd.access import accounts
from nabd.access.accounts import Account, Assignment
from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.access.rules import ROLES, Place
from nabd.access.tokens import Token
from nabd.access.tokens import listed as tokens_of
from nabd.access.tokens import revoke as revoke_of
from nabd.errors import Problem, problem
from nabd.web.console.endpoint import signed_in
from nabd.web.console.forms import Wrong, require, said
from nabd.web.console.listing import listing_routes
from nabd.web.console.scopes import Scopes, chosen, scopes
from nabd.web.console.tokens import LASTING, LASTING_DAYS
from nabd.web.console.visit import Visit

COLUMNS = (
    Column("name", msgid("Account"), "code"),
    Column("display", msgid("Person"), "text"),
    Column("role", msgid("Role"), "code"),
    Column("place", msgid("Scope"), "code"),
    Column("created", msgid("Created"), "moment"),
    Column("disabled", msgid("Disabled"), "moment"),
)
PERMISSION = "accounts"


@dataclass(frozen=True, slots=True)
class Listed:
    """All accounts."""

    accounts: Sequence[Account]
    scopes: Scopes


@dataclass(frozen=True, slots=True)
class Shown:
    """One account with its past roles and its tokens."""

    account: Account
    assignments: Sequence[Assignment]
    tokens: Sequence[Token]


def routes() -> Iterator[Route]:
    """Yield the routes of accounts."""
    yield from listing_routes("/accounts", listed, PERMISSION)
    yield Route("/accounts/new", signed_in(new, PERMISSION))
    yield Route("/accounts/new", signed_in(create, PERMISSION), methods=["POST"])
    yield Route("/accounts/{name}", signed_in(one, PERMISSION))
    for action, work in ACTIONS.items():
        path = f"/accounts/{{name}}/{action}"
        yield Route(path, signed_in(work, PERMISSION), methods=["POST"])


async def listed(visit: Visit) -> Page:
    """List all accounts."""
    async with visit.store.read() as connection:
        found = await accounts.listed(connection)
    rows = [{c.name: _cell(account, c.name) for c in COLUMNS} for account in found]
    context = Listed(found, await scopes(visit, [account.place for account in found]))
    return Page("accounts.html", msgid("Accounts"), context, Table(COLUMNS, rows))


def _cell(account: Account, name: str) -> Any:
    return written(account.place) if name == "place" else getattr(account, name)


def written(place: Place) -> str:
    """Write a place as the command line does: ``national`` or ``region:06``."""
    return f"{place.kind}:{place.code}" if place.code else place.kind


async def new(visit: Visit) -> Response:
    """Show the form of a new account."""
    return await _form(visit, {}, [])


async def create(visit: Visit) -> Response:
    """Create an account."""
    posted = await visit.form()
    try:
        require(posted, "name")
        account = await accounts.create(
            visit.store,
            posted["name"],
            posted.get("role", ""),
            await chosen(visit, posted),
            posted.get("password", ""),
            posted.get("display", "").strip(),
            by=visit.someone.account.name,
        )
    except Problem as wrong:
        return await _form(visit, posted, said(wrong.issues, visit.language, "name"), wrong.status)
    await visit.someone.note("create-account", shape=account.name)
    return visit.go(f"/accounts/{account.name}", "created")


async def _form(
    visit: Visit, posted: Mapping[str, str], wrong: Wrong, status: int = 200
) -> Response:
    context = {
        "posted": posted,
        "wrong": wrong,
        "roles": list(ROLES),
        "scopes": await scopes(visit),
    }
    return visit.show("account-new.html", context, status)


async def one(visit: Visit) -> Response:
    """Show an account."""
    return await _shown(visit, [])


async def assign(visit: Visit) -> Response:
    """Give another role or another scope."""
    posted = await visit.form()
    name, by = visit.request.path_params["name"], visit.someone.account.name
    try:
        _check_other(visit, "role")
        place = await chosen(visit, posted)
        await accounts.assign(visit.store, name, posted.get("role", ""), place, by)
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "role"), wrong.status)
    return await _changed(visit, "role")


async def password(visit: Visit) -> Response:
    """Set a password for somebody who has lost theirs."""
    posted = await visit.form()
    try:
        require(posted, "password")
        await accounts.set_password(
            visit.store, visit.request.path_params["name"], posted["password"]
        )
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "password"), wrong.status)
    return await _changed(visit, "password")


async def switch(visit: Visit) -> Response:
    """Disable an account, or open it again."""
    disabled = (await visit.form()).get("disabled") == "yes"
    try:
        _check_other(visit, "state")
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "state"), wrong.status)
    await accounts.set_disabled(visit.store, visit.request.path_params["name"], disabled)
    return await _changed(visit, "disabled" if disabled else "enabled")


async def issue_token(visit: Visit) -> Response:
    """Make an API token for the account and show it once: a page that is not kept, no redirect."""
    posted = await visit.form()
    name = visit.request.path_params["name"]
    days = LASTING.get(posted.get("days", ""), LASTING_DAYS[0])
    try:
        require(posted, "token")
        token = await visit.door.issue_token(visit.someone, posted["token"].strip(), days, name)
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "token"), wrong.status)
    response = await _shown(visit, [], token=token)
    response.headers["Cache-Control"] = "no-store"
    return response


async def revoke_token(visit: Visit) -> Response:
    """Revoke a token of the account by its name."""
    token = (await visit.form()).get("token", "")
    async with visit.store.transaction() as connection:
        account = await accounts.find(connection, visit.request.path_params["name"])
        await revoke_of(connection, account.number, token)
    return await _changed(visit, "revoked")


ACTIONS = {
    "role": assign,
    "password": password,
    "state": switch,
    "tokens": issue_token,
    "tokens/revoke": revoke_token,
}


def _check_other(visit: Visit, field: str) -> None:
    """Raise Problem N7509 when the account is the visitor's own."""
    if visit.request.path_params["name"] == visit.someone.account.name:
        raise problem("N7509", field)


async def _changed(visit: Visit, done: str) -> Response:
    visit.door.forget()
    name = visit.request.path_params["name"]
    await visit.someone.note(f"account-{done}", shape=name)
    return visit.go(f"/accounts/{name}", done)


async def _shown(visit: Visit, wrong: Wrong, status: int = 200, token: str = "") -> Response:
    name = visit.request.path_params["name"]
    async with visit.store.read() as connection:
        account = await accounts.find(connection, name)
        page = Shown(
            account,
            await accounts.assignments(connection, name),
            await tokens_of(connection, account.number),
        )
    context = {
        "page": page,
        "wrong": wrong,
        "roles": list(ROLES),
        "scopes": await scopes(visit, [account.place, *(one.place for one in page.assignments)]),
        "own": account.number == visit.someone.account.number,
        "token": token,
        "days": LASTING_DAYS,
    }
    return visit.show("account.html", context, status)
