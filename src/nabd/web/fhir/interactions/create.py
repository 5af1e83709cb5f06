"""create and conditional create. http://hl7.org/fhir/R4/http.html#create"""

from __future__ import annotations

from nabd.access import Unit
from nabd.access.session import new_id
from nabd.store import Outcome, Write
from nabd.web.fhir.answers import written
from nabd.web.fhir.criteria import one_match
from nabd.web.fhir.effect import effect
from nabd.web.fhir.exchange import Answer, Call, Parameters
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only, parsed
from nabd.web.fhir.posted import posted


async def create(call: Call) -> Answer:
    """Create a resource under an id that the server chooses.

    With If-None-Exist nothing is created when a resource matches: that one is answered.
    """
    only(call)
    (type_name,) = call.path
    resource = await posted(call, type_name)
    if b"if-none-exist" not in call.headers:
        return written(call, await call.session.create(resource))
    criteria = none_exist(call.header(b"if-none-exist"))

    async def work(unit: Unit) -> Outcome:
        match = await one_match(unit, call.base, type_name, criteria)
        if match is not None:
            return Outcome("unchanged", match)
        return (await unit.keep([Write("create", type_name, new_id(), resource)]))[0]

    return written(call, await effect(call, "create", work))


def none_exist(header: str) -> Parameters:
    """Read the criteria of If-None-Exist; some clients write a type and a question mark first."""
    return parsed(header.rpartition("?")[2])


INTERACTIONS = (Interaction("create", "POST", "{type}", create, ("conditionalCreate",)),)
