"""read and vread. http://hl7.org/fhir/R4/http.html#read, http://hl7.org/fhir/R4/http.html#vread"""

from __future__ import annotations

from nabd.errors import problem
from nabd.store import Stored
from nabd.web.fhir.answers import current, versioning
from nabd.web.fhir.conditions import is_unchanged
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only
from nabd.web.fhir.shape import shaped


async def read(call: Call) -> Answer:
    """Answer the current version, as its stored bytes; 304 when the client has it already."""
    type_name, id_ = call.path
    return _answer(call, await call.reader.read(type_name, id_))


async def vread(call: Call) -> Answer:
    """Answer one version."""
    type_name, id_, _, vid = call.path
    if not (vid.isascii() and vid.isdigit() and len(vid) < 10):
        raise problem("N1001", type=type_name, id=f"{id_}/_history")
    return _answer(call, await call.reader.read_version(type_name, id_, int(vid)))


def _answer(call: Call, stored: Stored) -> Answer:
    headers = call.headers
    if b"if-none-match" in headers or b"if-modified-since" in headers:
        tag, since = call.header(b"if-none-match"), call.header(b"if-modified-since")
        if is_unchanged(tag, since, stored.version, stored.updated):
            return Answer(304, b"", versioning(stored))
    if not call.query:
        return current(stored)
    found = only(call, "_summary", "_elements")
    return current(stored, shaped(stored.body, stored.type, found))


INTERACTIONS = (
    Interaction("read", "GET", "{type}/{id}", read, ("conditionalRead",)),
    Interaction("vread", "GET", "{type}/{id}/_history/{vid}", vread),
)
