"""The console's own pages with twins: the same as those of slices, on a visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from starlette.responses import Response
from starlette.routing import Route

from nabd.access.page import Page
from nabd.web.console.endpoint import Work, signed_in
from nabd.web.console.twins import KINDS, twin
from nabd.web.console.visit import SECURITY, Visit

Making = Callable[[Visit], Awaitable[Page]]


def listing_routes(path: str, make: Making, permission: str) -> Iterator[Route]:
    """Yield the routes of a page and of its twins; a twin's suffix is looked for first."""
    for kind in KINDS:
        yield Route(f"{path}.{kind}", signed_in(_twin(make, kind), permission))
    yield Route(path, signed_in(_html(make), permission))


def _html(make: Making) -> Work:
    async def work(visit: Visit) -> Response:
        made = await make(visit)
        context = {"page": made.context, "title": made.title}
        return visit.show(made.template, context, made.status, twins=made.table is not None)

    return work


def _twin(make: Making, kind: str) -> Work:
    async def work(visit: Visit) -> Response:
        made = await make(visit)
        body = twin(made, kind, visit.request.query_params.get("table", ""))
        return visit.speak(Response(body, made.status, SECURITY, KINDS[kind]))

    return work
