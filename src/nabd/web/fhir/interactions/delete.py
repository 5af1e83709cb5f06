"""delete and conditional delete. http://hl7.org/fhir/R4/http.html#delete"""

from __future__ import annotations

from nabd.access import Unit
from nabd.errors import Problem
from nabd.store import Outcome, Write
from nabd.store.keep import unmet
from nabd.web.fhir.answers import written
from nabd.web.fhir.conditions import if_match
from nabd.web.fhir.criteria import one_match
from nabd.web.fhir.effect import effect
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only

NOT_FOUND = "N1001"


async def delete(call: Call) -> Answer:
    """Delete the resource; its history stays. Deleting what is not there succeeds."""
    only(call)
    type_name, id_ = call.path
    write = Write("delete", type_name, id_, if_match=if_match(call.header(b"if-match")))

    async def work(unit: Unit) -> Outcome | None:
        return await gone(unit, write)

    return _answer(call, await effect(call, "delete", work))


async def gone(unit: Unit, write: Write) -> Outcome | None:
    """Delete a resource, ``None`` when there was none; with If-Match that is a Problem.

    One out of sight is answered as if it were not there.
    """
    try:
        return (await unit.keep([write]))[0]
    except Problem as found:
        if found.issues[0].code != NOT_FOUND:
            raise
    if write.if_match is not None:
        raise unmet(write)
    return None


async def conditional_delete(call: Call) -> Answer:
    """Delete the one resource that the criteria match; several are refused (N7013).

    http://hl7.org/fhir/R4/http.html#3.1.0.7.1
    """
    (type_name,) = call.path
    known = if_match(call.header(b"if-match"))

    async def work(unit: Unit) -> Outcome | None:
        match = await one_match(unit, call.base, type_name, call.query)
        if match is None:
            return None
        return await gone(unit, Write("delete", type_name, match.id, if_match=known))

    return _answer(call, await effect(call, "delete", work))


def _answer(call: Call, outcome: Outcome | None) -> Answer:
    return Answer(204) if outcome is None else written(call, outcome)


INTERACTIONS = (
    Interaction("delete", "DELETE", "{type}/{id}", delete),
    Interaction("delete", "DELETE", "{type}", conditional_delete, ("conditionalDelete",)),
)
