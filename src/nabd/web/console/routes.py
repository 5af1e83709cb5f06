"""The addresses of the console."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.routing import BaseRoute, Route

from nabd.web.console import about, accounts, audit, desk, quality, records, signing
from nabd.web.console.endpoint import public, signed_in
from nabd.web.console.pages import act_routes, first_page, page_routes
from nabd.web.console.static import static


def routes() -> list[BaseRoute]:
    """Return every route; more particular ones first."""
    return [
        Route("/static/{version}/{name}", static),
        Route("/", signed_in(first_page)),
        Route("/about", public(about.about)),
        *_signing(),
        *act_routes(),
        *page_routes(),
        *quality.routes(),
        *records.routes(),
        *audit.routes(),
        *accounts.routes(),
        *desk.routes(),
    ]


def _signing() -> Iterator[Route]:
    yield Route("/sign-in", public(signing.form))
    yield Route("/sign-in", public(signing.enter), methods=["POST"])
    yield Route("/sign-out", signed_in(signing.leave), methods=["POST"])
    yield Route("/purpose", signed_in(signing.state_purpose), methods=["POST"])
