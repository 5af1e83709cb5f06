"""$everything of a patient or an encounter: the record as a searchset, page by page.

http://hl7.org/fhir/R4/patient-operation-everything.html,
http://hl7.org/fhir/R4/encounter-operation-everything.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from nabd.errors import problem
from nabd.fhir.check import check
from nabd.fhir.definitions import RESOURCE_TYPES, compartment
from nabd.fhir.search import Query, parameters, parse
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.query import Include
from nabd.web.fhir.bundle import address, bundle, found
from nabd.web.fhir.exchange import Answer, Call, Parameters
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import moment, number, only
from nabd.web.fhir.posted import raw

COUNT = 100
MOST = 1_000
#: What a record refers to without being part of it: who acted, where, with what.
AROUND = (
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "HealthcareService",
    "Medication",
    "Substance",
    "Device",
)
KNOWN = ("_since", "_type", "_count", "_cursor")


async def everything(call: Call) -> Answer:
    """Answer all that belongs to the compartment of the resource, itself included.

    Unless ``_type`` narrows it, the practitioners, facilities and products that a page refers to
    come with the page.
    """
    if call.method == "POST":
        call.query = await _parameters(call)
    wanted = only(call, *KNOWN)
    type_name, id_, _ = call.path
    await call.session.read(type_name, id_)
    query = _asked(type_name, id_, wanted)
    if not query.types:
        readable = call.session.role.reads
        around = tuple(one for one in _around(type_name) if one.source in readable)
        query = msgspec.structs.replace(query, include=around)
    result = await call.session.search(query)
    entries = [found(call.base, one) for one in result.matches]
    entries += [found(call.base, one, "include") for one in result.included]
    return Answer(200, bundle("searchset", entries, _links(call, result.next), result.total))


@cache
def _around(name: str) -> tuple[Include, ...]:
    """Follow every reference of the record to who and what stands around it."""
    includes = []
    for source in RESOURCE_TYPES:
        if source == name or compartment(name).get(source):
            masks = (reference_masks(p) for p in parameters(source).values())
            every = tuple(dict.fromkeys(mask for some in masks for mask in some))
            includes.append(Include(source, every, AROUND))
    return tuple(includes)


def _asked(type_name: str, id_: str, wanted: dict[str, str]) -> Query:
    given = [("_type", wanted["_type"])] if "_type" in wanted else []
    if since := moment(wanted, "_since"):
        given.append(("_lastUpdated", f"ge{since.isoformat()}"))
    query = parse("", given, compartment=(type_name, id_))
    count = number(wanted, "_count", COUNT, MOST)
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
