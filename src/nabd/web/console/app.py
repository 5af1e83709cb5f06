"""The console as one Starlette application: its routes, and what happens when none answers."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from nabd.access import Door
from nabd.config import Settings
from nabd.errors import Problem, issue
from nabd.log import fault
from nabd.store import Store
from nabd.web.console.endpoint import failure
from nabd.web.console.origin import Origin
from nabd.web.console.routes import routes

LEAST_TO_COMPRESS = 1024
NOT_ALLOWED = 405


def console(settings: Settings, store: Store, door: Door) -> Starlette:
    """Build the console on an open store."""
    app = Starlette(
        routes=routes(),
        middleware=[Middleware(GZipMiddleware, minimum_size=LEAST_TO_COMPRESS, compresslevel=5)],
        exception_handlers={HTTPException: _unknown, Problem: _refused, Exception: _fault},
    )
    app.state.settings = settings
    app.state.store = store
    app.state.door = door
    app.state.origin = Origin(door)
    return app


async def _unknown(request: Request, error: Exception) -> Response:
    """Answer for an address that no page has, or that takes no form."""
    if isinstance(error, HTTPException) and error.status_code == NOT_ALLOWED:
        return await failure(request, [issue("N7502", method=request.method)], NOT_ALLOWED)
    return await failure(request, [issue("N7501")], 404)


async def _refused(request: Request, error: Exception) -> Response:
    """Answer for a problem that an address without a page met."""
    assert isinstance(error, Problem)
    return await failure(request, error.issues, error.status)


async def _fault(request: Request, error: Exception) -> Response:
    """Answer for a fault of ours: a number to find it in the log, and nothing else."""
    return await failure(request, [issue("N1000", fault=fault(error))], 500, known=False)
