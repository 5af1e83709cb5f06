"""Put the API together: the interactions of this package and the operations of the slices."""

from __future__ import annotations

from collections.abc import Iterable

from nabd.access.slice import Operation, Slice
from nabd.config import Settings
from nabd.errors import problem
from nabd.fhir.check import check
from nabd.fhir.json import Json, encode
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
from nabd.web.fhir.parameters import GENERAL
from nabd.web.fhir.posted import raw

MODULES = (read, create, update, patch, delete, history, search, validate, everything)


def routes(settings: Settings, slices: Iterable[Slice], exports: Exports) -> Routes:
    """Register everything that the server answers under ``/fhir``."""
    found: list[Routes] = []
    rows = [one for module in MODULES for one in module.INTERACTIONS]
    rows += [row for slice_ in slices for one in slice_.operations for row in _operation(one)]
    rows += export(exports)
    rows.append(bundles(lambda: found[0], settings.entries_limit))
    metadata = capabilities(lambda: found[0].interactions)
    rows.append(Interaction("capabilities", "GET", "metadata", metadata, public=True))
    found.append(Routes(rows))
    return found[0]


def _operation(one: Operation) -> list[Interaction]:
    """Register an operation of a slice, on its type or on the system; it is posted.

    One that only reads may be asked by GET too.
    http://hl7.org/fhir/R4/operations.html#executing
    """
    name = f"${one.name.removeprefix('$')}"
    shape = f"{{type}}/{name}" if one.type else name
    types = (one.type,) if one.type else ()
    methods = ("GET", "POST") if one.reads else ("POST",)
    return [
        Interaction(name, method, shape, _handler(one), definition=one.definition, types=types)
        for method in methods
    ]


def _handler(one: Operation) -> Handler:
    async def handler(call: Call) -> Answer:
        call.session.demand(one.permission)
        asked = call.method == "GET"
        parameters = _queried(call) if asked else check(await raw(call), "Parameters")
        _check_parameters(one, parameters, call.preference.lenient)
        return Answer(200, encode(await one.function(call.session, parameters)))

    return handler


def _check_parameters(one: Operation, parameters: Json, lenient: bool) -> None:
    """Refuse a parameter that the operation would overlook: unknown, or of another type."""
    for said in parameters.get("parameter", ()):
        name = said["name"]
        if name not in one.takes:
            if lenient:
                continue
            raise problem("N7010", "Parameters.parameter", known=", ".join(sorted(one.takes)))
        if not any(key in said for key in one.takes[name]):
            place = f"Parameters.parameter.where(name = '{name}')"
            raise problem("N7009", place, parameter=name, expected=" | ".join(one.takes[name]))


def _queried(call: Call) -> Json:
    given = [pair for pair in call.query if pair[0] not in GENERAL]
    said = [{"name": name, "valueString": value} for name, value in given if value]
    return {"resourceType": "Parameters", "parameter": said}
