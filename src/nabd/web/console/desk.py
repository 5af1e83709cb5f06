"""One's own account: the password and the API tokens."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response
from starlette.routing import Route

from nabd.access import accounts, passwords, tokens
from nabd.errors import Problem, issue, problem
from nabd.web.console.endpoint import signed_in
from nabd.web.console.forms import Wrong, require, said
from nabd.web.console.scopes import scopes
from nabd.web.console.tokens import LASTING, LASTING_DAYS
from nabd.web.console.visit import Visit

PATH = "/account"


def routes() -> Iterator[Route]:
    """Yield the routes of one's own account."""
    yield Route(PATH, signed_in(own))
    yield Route(f"{PATH}/password", signed_in(change_password), methods=["POST"])
    yield Route(f"{PATH}/tokens", signed_in(issue_token), methods=["POST"])
    yield Route(f"{PATH}/tokens/revoke", signed_in(revoke_token), methods=["POST"])


async def own(visit: Visit) -> Response:
    """Show the account and its tokens."""
    return await _shown(visit, [])


async def change_password(visit: Visit) -> Response:
    """Change the password, given the present one; every session of the account ends."""
    posted = await visit.form()
    try:
        require(posted, "present", "password", "again")
        if posted["password"] != posted["again"]:
            raise Problem([issue("N7505", "again")])
        await _check_present(visit, posted["present"])
        await accounts.set_password(visit.store, visit.someone.account.name, posted["password"])
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "present"), wrong.status)
    visit.door.forget()
    return visit.go("/sign-in", "password")


async def _check_present(visit: Visit, password: str) -> None:
    async with visit.store.read() as connection:
        kept = await connection.fetchval(
            "select password from account where id = $1", visit.someone.account.number
        )
    if not await passwords.fits(kept or "", password):
        raise problem("N4012", "present")


async def issue_token(visit: Visit) -> Response:
    """Make an API token and show it once: a page that is not kept, no redirect."""
    posted = await visit.form()
    days = LASTING.get(posted.get("days", ""), LASTING_DAYS[0])
    try:
        require(posted, "token")
        token = await visit.door.issue_token(visit.someone, posted["token"].strip(), days)
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "token"), wrong.status)
    response = await _shown(visit, [], token=token)
    response.headers["Cache-Control"] = "no-store"
    return response


async def revoke_token(visit: Visit) -> Response:
    """Revoke a token by its name."""
    name = (await visit.form()).get("token", "")
    async with visit.store.transaction() as connection:
        await tokens.revoke(connection, visit.someone.account.number, name)
    visit.door.forget()
    await visit.someone.note("revoke-token")
    return visit.go(PATH, "revoked")


async def _shown(visit: Visit, wrong: Wrong, status: int = 200, token: str = "") -> Response:
    account = visit.someone.account
    async with visit.store.read() as connection:
        listed = await tokens.listed(connection, account.number)
    context = {
        "account": account,
        "tokens": listed,
        "wrong": wrong,
        "token": token,
        "days": LASTING_DAYS,
        "scopes": await scopes(visit, [account.place]),
    }
    return visit.show("own-account.html", context, status)
