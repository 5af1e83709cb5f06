"""What every page of the console has in common: the door, the permission, the errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nabd.access.origin import check_origin, token_of
from nabd.errors import Issue, Problem, issue, operation_outcome, problem
from nabd.fhir.json import encode
from nabd.log import fault
from nabd.web.console.language import LANGUAGES
from nabd.web.console.problems import hinted, told
from nabd.web.console.twins import KINDS
from nabd.web.console.visit import SECURITY, Visit, check_text
from nabd.web.session import purpose_of

if TYPE_CHECKING:
    from nabd.access import Door, Session

Work = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
NOT_SIGNED_IN = 401
MOST = 2**63 - 1


def public(work: Work) -> Endpoint:
    """Make an endpoint that needs nobody to be signed in."""

    async def endpoint(request: Request) -> Response:
        visit = Visit(request, None)
        try:
            visit.session = await _enter(request)
            _check_address(request)
            return await work(visit)
        except Problem as found:
            return error_page(visit, found.issues, found.status)
        except Exception as error:
            # left to the server it would be logged with its text, in which a database quotes values
            return await failure(request, [issue("N1000", fault=fault(error))], 500, known=False)

    return endpoint


def signed_in(work: Work, permission: str = "") -> Endpoint:
    """Make an endpoint for those who are signed in and may do this."""

    async def checked(visit: Visit) -> Response:
        if visit.session is None:
            return _to_sign_in(visit)
        if permission:
            visit.session.demand(permission)
        await visit.request.app.state.origin.look()
        return await work(visit)

    return public(checked)


def error_page(visit: Visit, issues: list[Issue], status: int) -> Response:
    """Say what went wrong in the reader's language, what to do, and a way on."""
    leads = visit.request.method == "GET" and visit.path != "/sign-in"
    if status == NOT_SIGNED_IN and visit.session is None and leads:
        return _to_sign_in(visit)
    if visit.path.endswith(".json"):
        body = encode(operation_outcome(issues, visit.language))
        return visit.speak(Response(body, status, SECURITY, KINDS["json"]))
    said = [
        {"code": one.code, "text": told(one, visit.language), "hint": hinted(one, visit.language)}
        for one in issues
    ]
    return visit.show("error.html", {"status": status, "issues": said}, status)


async def failure(
    request: Request, issues: list[Issue], status: int, known: bool = True
) -> Response:
    """Answer for the application when no page could: an unknown address, a fault.

    ``known``: look who asks, so that the menu stays; a fault may be that this cannot be done.
    """
    visit = Visit(request, None)
    if known:
        with suppress(Problem):
            visit.session = await _enter(request)
    return error_page(visit, issues, status)


def _check_address(request: Request) -> None:
    """Refuse what no database takes: the character NUL, a number of more than eight bytes."""
    parts = list(request.path_params.values())
    if any(isinstance(one, int) and one > MOST for one in parts):
        raise problem("N7501")
    check_text(
        *map(str, parts), *(one for pair in request.query_params.multi_items() for one in pair)
    )


async def _enter(request: Request) -> Session | None:
    headers = dict(request.scope["headers"])
    token, in_cookie = token_of(headers)
    if not token:
        return None
    if in_cookie:
        check_origin(request.method, headers)
    door = cast("Door", request.app.state.door)
    try:
        purpose = purpose_of(headers, in_cookie)
        return await door.enter(token, purpose, request.scope.get("request_id", ""))
    except Problem as found:
        if found.status == NOT_SIGNED_IN:
            return None  # a session that has ended: the page sends its owner to sign in again
        raise


def _to_sign_in(visit: Visit) -> Response:
    if visit.request.method != "GET":
        raise problem("N7503")
    asked = visit.request.query_params.multi_items()
    # The language goes to the form, where the reader may still change it, not to what follows.
    spoken = [f"lang={value}" for name, value in asked if name == "lang" and value in LANGUAGES]
    kept = urlencode([pair for pair in asked if pair[0] != "lang"])
    there = f"{visit.path}?{kept}" if kept else visit.path
    query = "&".join([*([f"next={quote(there)}"] if there != "/" else []), *spoken[:1]])
    target = f"/sign-in?{query}" if query else "/sign-in"
    return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})
