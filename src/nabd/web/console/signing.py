"""Sign in and out: a form, a cookie, and the way back to what was asked for."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import Response

from nabd.access.origin import COOKIE, PURPOSE_COOKIE, check_origin, cookie, token_of
from nabd.access.rules import PURPOSES
from nabd.errors import Problem, problem
from nabd.web.console.forms import Wrong, said
from nabd.web.console.visit import Visit


async def form(visit: Visit) -> Response:
    """Show the form."""
    return _form(visit, {}, [])


async def enter(visit: Visit) -> Response:
    """Check the name and the password; a wrong one says the same whichever was wrong."""
    check_origin("POST", dict(visit.request.scope["headers"]))
    posted = await visit.form()
    client = visit.request.client
    proof = {key: posted.get(key, "") for key in ("name", "password")}
    try:
        token = await visit.door.sign_in(**proof, address=client.host if client else "")
    except Problem as found:
        wrong = said(found.issues, visit.language, "name")
        response = _form(visit, posted, wrong, found.status)
        for one in found.issues:
            if "seconds" in one.params:
                response.headers["Retry-After"] = str(one.params["seconds"])
        return response
    before, _ = token_of(dict(visit.request.scope["headers"]))
    if before:
        await visit.door.sign_out(before)  # a browser has one session; the old one ends with it
    response = visit.go(local(posted.get("next", "")))
    _keep(visit, response, token)
    _keep(visit, response, "", PURPOSE_COOKIE)  # the reason of whoever was here before
    return response


async def leave(visit: Visit) -> Response:
    """End the session and forget its cookie."""
    token, _ = token_of(dict(visit.request.scope["headers"]))
    if visit.session is not None:
        await visit.door.sign_out(token)
    response = visit.go("/sign-in", "signed-out")
    _keep(visit, response, "")
    _keep(visit, response, "", PURPOSE_COOKIE)
    return response


async def state_purpose(visit: Visit) -> Response:
    """Keep why the reader looks from now on; it is written beside every access."""
    posted = await visit.form()
    purpose = posted.get("purpose", "")
    if purpose not in PURPOSES:
        raise problem("N4019", "purpose", known=", ".join(PURPOSES))
    await visit.someone.note("state-purpose", shape=purpose)
    response = visit.go(local(posted.get("next", "")))
    _keep(visit, response, purpose, PURPOSE_COOKIE)
    return response


def _keep(visit: Visit, response: Response, value: str, name: str = COOKIE) -> None:
    """Let the browser keep a cookie as long as a sign-in lasts; an empty one is forgotten."""
    settings = visit.request.app.state.settings
    lasts = int(timedelta(hours=settings.session_hours).total_seconds()) if value else 0
    response.headers.append("set-cookie", cookie(value, lasts, settings.secure_cookies, name))


def local(target: str) -> str:
    """Return a target inside the console; anything else becomes the first page."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and not parts.scheme and not parts.netloc else "/"


def _form(visit: Visit, posted: dict[str, str], wrong: Wrong, status: int = 200) -> Response:
    following = posted.get("next") or visit.request.query_params.get("next", "")
    context = {"name": posted.get("name", ""), "next": following, "wrong": wrong}
    return visit.show("sign-in.html", context, status)
