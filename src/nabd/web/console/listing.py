"""The console's own pages with twins: the same as those of slices, on a visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from nabd.access.page import Page
from nabd.web.console.endpoint import Work, signed_in
from nabd.web.console.forms import Wrong
from nabd.web.console.twins import KINDS, twin
from nabd.web.console.visit import SECURITY, Telling, Visit

Making = Callable[[Visit], Awaitable[Page]]


def listing_routes(path: str, make: Making, permission: str) -> Iterator[Route]:
    """Yield the routes of a page and of its twins; a twin's suffix is looked for first."""
    for suffix, work in _works(make):
        yield Route(path + suffix, signed_in(work, permission))


def asking_routes(path: str, make: Making, permission: str, telling: Telling) -> Iterator[Route]:
    """Yield the same for a page that is asked about people: by its form, never by its address.

    A form that tells of nobody leads to the address that asks the same.
    """
    for suffix, work in _works(make):
        endpoint = signed_in(_asked(work, telling), permission)
        yield Route(path + suffix, endpoint, methods=["GET", "POST"])


def _works(make: Making) -> Iterator[tuple[str, Work]]:
    yield from ((f".{kind}", _twin(make, kind)) for kind in KINDS)
    yield "", _html(make)


def _asked(work: Work, telling: Telling) -> Work:
    async def asked(visit: Visit) -> Response:
        harmless = await visit.ask(telling)
        if visit.request.method != "POST" or visit.asked:
            return await work(visit)
        return visit.go(f"{visit.path}?{urlencode(harmless)}" if harmless else visit.path)

    return asked


def _html(make: Making) -> Work:
    async def work(visit: Visit) -> Response:
        return shown(visit, await make(visit))

    return work


def shown(
    visit: Visit,
    made: Page,
    wrong: Wrong | None = None,
    posted: Mapping[str, str] | None = None,
    status: int = 0,
) -> Response:
    """Show a page; ``wrong`` and ``posted`` are what was wrong with a form of it."""
    context = {
        "page": made.context,
        "title": made.title,
        "wrong": wrong or [],
        "posted": posted or {},
    }
    return visit.show(made.template, context, status or made.status, twins=made.table is not None)


def _twin(make: Making, kind: str) -> Work:
    async def work(visit: Visit) -> Response:
        made = await make(visit)
        body = twin(made, kind, visit.request.query_params.get("table", ""))
        return visit.speak(Response(body, made.status, SECURITY, KINDS[kind]))

    return work
