"""patch and conditional patch: JSON Patch and FHIRPath Patch.

http://hl7.org/fhir/R4/http.html#patch, http://hl7.org/fhir/R4/fhirpatch.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nabd.access import Unit
from nabd.errors import Problem, problem
from nabd.fhir.check import check, check_value
from nabd.fhir.json import Json, decode
from nabd.fhir.patch import fhirpath_patch, json_patch
from nabd.store import ANY, Outcome, Stored, Write
from nabd.store.races import FasterWriterError
from nabd.web.fhir.answers import written
from nabd.web.fhir.conditions import if_match
from nabd.web.fhir.criteria import one_match
from nabd.web.fhir.effect import effect
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.negotiation import is_json
from nabd.web.fhir.parameters import only

Change = Callable[[Json], Json]

JSON_PATCH = "application/json-patch+json"
FORMATS = f"{JSON_PATCH}, application/fhir+json"
OTHER_VERSION = "N3010"


async def patch(call: Call) -> Answer:
    """Change some elements of the resource; the result is checked like any other."""
    only(call)
    type_name, id_ = call.path
    change, known = await change_of(call), if_match(call.header(b"if-match"))

    async def work(unit: Unit) -> Outcome:
        await unit.lock([patch_word(type_name, id_)])
        return await patched(unit, await unit.read(type_name, id_), change, known)

    return written(call, await effect(call, "patch", work))


async def conditional_patch(call: Call) -> Answer:
    """Change the one resource that the criteria match; none is N1001, several N7013."""
    (type_name,) = call.path
    change, known = await change_of(call), if_match(call.header(b"if-match"))

    async def work(unit: Unit) -> Outcome:
        match = await one_match(unit, call.base, type_name, call.query)
        if match is None:
            raise problem("N1001", type=type_name, id="?")
        return await patched(unit, match, change, known)

    return written(call, await effect(call, "patch", work))


def patch_word(type_name: str, id_: str) -> str:
    """Name a resource for a lock, so that patches of it take turns instead of trying again."""
    return f"PATCH {type_name}/{id_}"


async def patched(unit: Unit, stored: Stored, change: Change, known: int | None) -> Outcome:
    """Write the changed resource over the version that was read.

    When another writer came between and the client named no version (``*`` names none), the change
    is made again, on what that writer left.
    """
    named = known if known != ANY else None
    resource = decode(stored.body)
    changed = change(resource)
    _same_place(changed, stored)
    check_value(changed)
    version = named if named is not None else stored.version
    try:
        return (await unit.keep([Write("update", stored.type, stored.id, changed, version)]))[0]
    except Problem as found:
        if named is None and found.issues[0].code == OTHER_VERSION:
            raise FasterWriterError from None
        raise


def _same_place(changed: Any, stored: Stored) -> None:
    if not isinstance(changed, dict) or changed.get("resourceType") != stored.type:
        raise problem("N7011", stored.type, element="resourceType")
    if changed.get("id") != stored.id:
        raise problem("N7011", f"{stored.type}.id", element="id")


async def change_of(call: Call) -> Change:
    """Read the change from the body, as its Content-Type says."""
    content_type = call.header(b"content-type")
    if content_type.partition(";")[0].strip().lower() == JSON_PATCH:
        operations = decode(await call.body())
        return lambda resource: json_patch(resource, operations)
    if not is_json(content_type):
        raise problem("N7005", "Content-Type", expected=FORMATS)
    parameters = check(await call.body(), "Parameters")
    return lambda resource: fhirpath_patch(resource, parameters)


INTERACTIONS = (
    Interaction("patch", "PATCH", "{type}/{id}", patch),
    Interaction("patch", "PATCH", "{type}", conditional_patch, ("conditionalPatch",)),
)
