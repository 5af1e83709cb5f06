"""The pages of the slices, what their forms do, and the page that a visitor comes to first."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response
from starlette.routing import Route

from nabd.access.page import Page
from nabd.access.slice import Act, PageRoute
from nabd.errors import Problem
from nabd.slices import SLICES
from nabd.web.console.endpoint import Work, signed_in
from nabd.web.console.forms import said
from nabd.web.console.listing import Making, asking_routes, listing_routes, shown
from nabd.web.console.visit import MENU, Pairs, Visit


def page_routes() -> Iterator[Route]:
    """Yield the routes of every page of every slice."""
    for one in SLICES:
        for page in one.pages:
            if page.asks:
                yield from asking_routes(page.path, _making(page), page.permission, _anything)
            else:
                yield from listing_routes(page.path, _making(page), page.permission)


def act_routes() -> Iterator[Route]:
    """Yield the routes of what the forms of slices do."""
    for one in SLICES:
        for act in one.acts:
            yield Route(act.path, signed_in(_acting(act), act.permission), methods=["POST"])


def _acting(act: Act) -> Work:
    """Do what a form asks and lead on; or show its page again with what is wrong."""

    async def work(visit: Visit) -> Response:
        posted, named = await visit.form(), visit.request.path_params
        try:
            path, done = await act.function(visit.someone, {**posted, **named})
        except Problem as wrong:
            visit.path = act.page.path.format(**named)
            made = await act.page.function(visit.someone, visit.parameters)
            issues = said(wrong.issues, visit.language, "main")
            return shown(visit, made, issues, posted, wrong.status)
        return visit.go(path, done)

    return work


def _anything(visit: Visit, pairs: Pairs) -> bool:
    return bool(pairs)


def _making(page: PageRoute) -> Making:
    async def make(visit: Visit) -> Page:
        return await page.function(visit.someone, visit.parameters)

    return make


async def first_page(visit: Visit) -> Response:
    """Lead to the first page of the menu that the visitor may open."""
    first = next((one.href for one in MENU if one.is_for(visit.someone)), "/account")
    query = visit.request.url.query
    return visit.go(f"{first}?{query}" if query else first)
