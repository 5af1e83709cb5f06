"""Put the API together: the interactions of this package and the operations of the slices."""

from __future__ import annotations

from collections.abc import Iterable

from nabd.access.slice import Operation, Slice
from nabd.config import Settings
from nabd.fhir.check import check
from nabd.fhir.json import encode
from nabd.web.fhir.exchange import Answer, Call, Handler
from nabd.web.fhir.export.interactions import export
from nabd.web.fhir.export.run import Exports
from nabd.web.fhir.interaction import Interaction, Routes
from nabd.web.fhir.interactions import (
    create,
    delete,
    everything,
    history,
    patch,
    read,
    search,
    update,
    validate,
)
from nabd.web.fhir.interactions.bundles import bundles
from nabd.web.fhir.interactions.capabilities import capabilities
from nabd.web.fhir.posted import raw

MODULES = (read, create, update, patch, delete, history, search, validate, everything)


def routes(settings: Settings, slices: Iterable[Slice], exports: Exports) -> Routes:
    """Register everything that the server answers under ``/fhir``."""
    found: list[Routes] = []
    rows = [one for module in MODULES for one in module.INTERACTIONS]
    rows += [_operation(one) for slice_ in slices for one in slice_.operations]
    rows += export(exports)
    rows.append(bundles(lambda: found[0], settings.entries_limit))
    metadata = capabilities(lambda: found[0].interactions)
    rows.append(Interaction("capabilities", "GET", "metadata", metadata, public=True))
    found.append(Routes(rows))
    return found[0]


def _operation(one: Operation) -> Interaction:
    """Register an operation of a slice; it is posted, on its type or on the system."""
    name = f"${one.name.removeprefix('$')}"
    shape = f"{{type}}/{name}" if one.type else name
    types = (one.type,) if one.type else ()
    return Interaction(name, "POST", shape, _handler(one), definition=one.definition, types=types)


def _handler(one: Operation) -> Handler:
    async def handler(call: Call) -> Answer:
        call.session.demand(one.permission)
        parameters = check(await raw(call), "Parameters")
        return Answer(200, encode(await one.function(call.session, parameters)))

    return handler
