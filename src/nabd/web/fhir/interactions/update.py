"""update, upsert and conditional update. http://hl7.org/fhir/R4/http.html#update"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from nabd.access import Unit
from nabd.access.session import new_id
from nabd.errors import Problem, problem
from nabd.fhir.json import Json
from nabd.store import Outcome, Write
from nabd.web.fhir.answers import written
from nabd.web.fhir.conditions import if_match
from nabd.web.fhir.criteria import one_match
from nabd.web.fhir.effect import effect
from nabd.web.fhir.exchange import Answer, Call, Headers
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only
from nabd.web.fhir.posted import posted

TAKEN = "N3012"


async def update(call: Call) -> Answer:
    """Replace the resource, or create it under the id that the client chose.

    If-Match refuses to replace another version; ``If-None-Match: *`` refuses to replace any.
    """
    only(call)
    type_name, id_ = call.path
    resource = await posted(call, type_name)
    if resource.get("id") != id_:
        raise problem("N7011", f"{type_name}.id", element="id")
    write = _write(call, type_name, id_, resource)

    async def work(unit: Unit) -> Outcome:
        return (await unit.keep([write]))[0]

    return written(call, await _unless_taken(call, work))


def _write(call: Call, type_name: str, id_: str, resource: Json) -> Write:
    known = if_match(call.header(b"if-match"))
    return Write(put_action(call.headers), type_name, id_, resource, known)


def put_action(headers: Headers) -> Literal["create", "update"]:
    """Say what a PUT may do: ``If-None-Match: *`` lets it only create."""
    if b"if-none-match" not in headers:
        return "update"
    if headers[b"if-none-match"].strip() != b"*":
        raise problem("N7008", "If-None-Match", header="If-None-Match", expected="*")
    return "create"


async def _unless_taken(call: Call, work: Callable[[Unit], Awaitable[Outcome]]) -> Outcome:
    try:
        return await effect(call, "update", work)
    except Problem as found:
        if b"if-none-match" in call.headers and found.issues[0].code == TAKEN:
            raise problem("N7014", "If-None-Match") from None
        raise


async def conditional_update(call: Call) -> Answer:
    """Replace the one resource that the criteria match; create one when none does.

    http://hl7.org/fhir/R4/http.html#cond-update
    """
    (type_name,) = call.path
    resource = await posted(call, type_name)
    known = if_match(call.header(b"if-match"))

    async def work(unit: Unit) -> Outcome:
        match = await one_match(unit, call.base, type_name, call.query)
        if match and put_action(call.headers) == "create":
            raise problem("N7014", "If-None-Match")
        write = matched_write(type_name, resource, match.id if match else None, known)
        return (await unit.keep([write]))[0]

    return written(call, await effect(call, "update", work))


def matched_write(type_name: str, resource: Json, match: str | None, known: int | None) -> Write:
    """Decide what a conditional update writes; ``match`` is the id of the resource found.

    No match: created, under the resource's own id if it has one.  A match with another id than
    the resource's is refused (N7011), and so is the id of a resource that does not match (N3012):
    it may be somebody else's.
    """
    own = resource.get("id")
    if match is not None and own not in (None, match):
        raise problem("N7011", f"{type_name}.id", element="id")
    id_ = match or own or new_id()
    return Write("update" if match else "create", type_name, id_, resource, known)


INTERACTIONS = (
    Interaction("update", "PUT", "{type}/{id}", update, ("updateCreate",)),
    Interaction("update", "PUT", "{type}", conditional_update, ("conditionalUpdate",)),
)
