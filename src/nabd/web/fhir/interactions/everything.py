"""$everything of a patient, an encounter or a person: the record as a searchset, page by page.

A person's is that of all records which the identity links.

http://hl7.org/fhir/R4/patient-operation-everything.html,
http://hl7.org/fhir/R4/encounter-operation-everything.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, compartment
from nabd.fhir.search import Query, member_of, parameters, parse
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.query import Include, Node
from nabd.identity.words import BASE
from nabd.web.fhir.bundle import address, bundle, found
from nabd.web.fhir.care import within
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.fellows import records_of
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import moment, number, only, period, repeated
from nabd.web.fhir.posted import operation_parameters

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
#: An encounter has a time already; ``_mdm=true`` asks for all records of the person.
OF_TYPE = {"Patient": ("start", "end", "_mdm"), "Person": ("start", "end")}


async def everything(call: Call) -> Answer:
    """Answer all that belongs to the compartment of the resource, itself included.

    ``start`` and ``end`` narrow it to care in that time.  Unless ``_type`` narrows it, the
    practitioners, facilities and products that a page refers to come with the page.
    """
    if call.method == "POST":
        call.query = await operation_parameters(call)
    type_name, id_, _ = call.path
    wanted = only(call, *KNOWN, *OF_TYPE.get(type_name, ()))
    await call.session.read(type_name, id_)
    ids = await _records(call, type_name, id_, wanted.get("_mdm", "false"))
    home = "Patient" if type_name == "Person" else type_name
    query = _asked(home, ids, wanted | repeated(call.query, "_type"))
    if not query.types:
        readable = call.session.role.reads
        around = tuple(one for one in _around(home) if one.source in readable)
        query = msgspec.structs.replace(query, include=around)
    result = await call.session.search(query)
    entries = [found(call.base, one) for one in result.matches]
    entries += [found(call.base, one, "include") for one in result.included]
    return Answer(200, bundle("searchset", entries, _links(call, result.next), result.total))


async def _records(call: Call, type_name: str, id_: str, mdm: str) -> list[str]:
    """List the ids whose compartments are asked for: of a person, those of all records."""
    if mdm not in ("true", "false"):
        raise problem("N7009", "_mdm", parameter="_mdm", expected="true | false")
    if type_name == "Person" or mdm == "true":
        return await records_of(call.session, [f"{type_name}/{id_}"])
    return [id_]


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


def _asked(type_name: str, ids: list[str], wanted: dict[str, str]) -> Query:
    given = [("_type", wanted["_type"])] if "_type" in wanted else []
    if since := moment(wanted, "_since"):
        given.append(("_lastUpdated", f"ge{since.isoformat()}"))
    query = parse("", given)
    members = any_of(member_of(type_name, one, query.types) for one in ids)
    where = (members, *query.where, *_in_time(wanted))
    count = number(wanted, "_count", COUNT, MOST)
    cursor = wanted.get("_cursor", "")
    return msgspec.structs.replace(query, where=where, count=count, cursor=cursor)


def _in_time(wanted: dict[str, str]) -> Iterator[Node]:
    start, end = moment(wanted, "start"), period(wanted, "end")
    if start or end:
        yield within(start, end[1] if end else None)


def _links(call: Call, cursor: str) -> list[tuple[str, str]]:
    links = [("self", address(call.base, call.path, call.query))]
    if cursor:
        rest = [pair for pair in call.query if pair[0] != "_cursor"]
        links.append(("next", address(call.base, call.path, [*rest, ("_cursor", cursor)])))
    return links


INTERACTIONS = tuple(
    Interaction(
        "$everything",
        method,
        "{type}/{id}/$everything",
        everything,
        definition=f"{base}OperationDefinition/{{type}}-everything",
        types=types,
    )
    for method in ("GET", "POST")
    for base, types in (("http://hl7.org/fhir/", ("Patient", "Encounter")), (BASE, ("Person",)))
)
