"""The pages of the slices, and the page that a visitor comes to first."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response
from starlette.routing import Route

from nabd.access.page import Page
from nabd.access.slice import PageRoute
from nabd.slices import SLICES
from nabd.web.console.listing import Making, listing_routes
from nabd.web.console.visit import MENU, Visit


def page_routes() -> Iterator[Route]:
    """Yield the routes of every page of every slice."""
    for one in SLICES:
        for page in one.pages:
            yield from listing_routes(page.path, _making(page), page.permission)


def _making(page: PageRoute) -> Making:
    async def make(visit: Visit) -> Page:
        return await page.function(visit.someone, visit.parameters)

    return make


async def first_page(visit: Visit) -> Response:
    """Lead to the first page of the menu that the visitor may open."""
    first = next((one.href for one in MENU if visit.someone.may(one.permission)), "/account")
    query = visit.request.url.query
    return visit.go(f"{first}?{query}" if query else first)
