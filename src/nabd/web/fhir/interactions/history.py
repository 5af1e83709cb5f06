"""history of a resource, a type, the system. http://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from nabd.web.fhir.bundle import address, bundle, version
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import moment, number, only, period

COUNT = 50
MOST = 1_000


async def history(call: Call) -> Answer:
    """Answer the versions, newest first, a page at a time."""
    found = only(call, "_count", "_since", "_at", "_cursor")
    places = dict(enumerate(call.path[:-1]))
    page = await call.session.history(
        places.get(0),
        places.get(1),
        since=moment(found, "_since"),
        at=period(found, "_at"),
        count=number(found, "_count", COUNT, MOST),
        cursor=found.get("_cursor", ""),
    )
    entries = (version(call.base, one) for one in page.entries)
    return Answer(200, bundle("history", entries, _links(call, page.next), page.total))


def _links(call: Call, cursor: str) -> list[tuple[str, str]]:
    links = [("self", address(call.base, call.path, call.query))]
    if cursor:
        rest = [(name, value) for name, value in call.query if name != "_cursor"]
        links.append(("next", address(call.base, call.path, [*rest, ("_cursor", cursor)])))
    return links


INTERACTIONS = (
    Interaction("history-instance", "GET", "{type}/{id}/_history", history),
    Interaction("history-type", "GET", "{type}/_history", history),
    Interaction("history-system", "GET", "_history", history),
)
