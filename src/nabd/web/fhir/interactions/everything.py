"""$everything of a patient or an encounter: the record as a searchset, page by page.

http://hl7.org/fhir/R4/patient-operation-everything.html,
http://hl7.org/fhir/R4/encounter-operation-everything.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from nabd.errors import problem
from nabd.fhir.check import check
from nabd.fhir.search import Query, parse
from nabd.web.fhir.bundle import address, bundle, found
from nabd.web.fhir.exchange import Answer, Call, Parameters
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import moment, number, only
from nabd.web.fhir.posted import raw

COUNT = 100
MOST = 1_000
KNOWN = ("_since", "_type", "_count", "_cursor")


async def everything(call: Call) -> Answer:
    """Answer all that belongs to the compartment of the resource, itself included."""
    if call.method == "POST":
        call.query = await _parameters(call)
    wanted = only(call, *KNOWN)
    type_name, id_, _ = call.path
    await call.session.read(type_name, id_)
    result = await call.session.search(_asked(type_name, id_, wanted))
    entries = (found(call.base, one) for one in result.matches)
    return Answer(200, bundle("searchset", entries, _links(call, result.next), result.total))


def _asked(type_name: str, id_: str, wanted: dict[str, str]) -> Query:
    given = [("_type", wanted["_type"])] if "_type" in wanted else []
    if since := moment(wanted, "_since"):
        given.append(("_lastUpdated", f"ge{since.isoformat()}"))
    query = parse("", given, compartment=(type_name, id_))
    count = number(wanted, "_count", COUNT, MOST) or COUNT
    return msgspec.structs.replace(query, count=count, cursor=wanted.get("_cursor", ""))


def _links(call: Call, cursor: str) -> list[tuple[str, str]]:
    links = [("self", address(call.base, call.path, call.query))]
    if cursor:
        rest = [pair for pair in call.query if pair[0] != "_cursor"]
        links.append(("next", address(call.base, call.path, [*rest, ("_cursor", cursor)])))
    return links


async def _parameters(call: Call) -> Parameters:
    """Read the parameters of an operation that is posted; an empty body has none."""
    body = await raw(call, may_be_empty=True)
    if not body:
        return call.query
    value = check(body, "Parameters")
    return (*call.query, *(_pair(p) for p in value.get("parameter", [])))


def _pair(parameter: dict[str, Any]) -> tuple[str, str]:
    values = [v for k, v in parameter.items() if k.startswith("value")]
    if not values or not isinstance(values[0], str | int):
        raise problem("N7024", "Parameters.parameter", expected="Parameters.parameter.value[x]")
    return parameter["name"], str(values[0])


INTERACTIONS = tuple(
    Interaction(
        "$everything",
        method,
        "{type}/{id}/$everything",
        everything,
        definition="http://hl7.org/fhir/OperationDefinition/{type}-everything",
        types=("Patient", "Encounter"),
    )
    for method in ("GET", "POST")
)
