"""What people and systems do with the registry, each a FHIR operation.

http://hl7.org/fhir/R4/operations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nabd.access.slice import Operation
from nabd.errors import Issue, Problem, problem
from nabd.fhir.json import Json
from nabd.registry.names import BASE, reference
from nabd.registry.rules import Named
from nabd.registry.territory import gazetteer, location_id

if TYPE_CHECKING:
    from nabd.access.session import Session


async def resolve_place(session: Session, parameters: Json) -> Json:
    """Find the place that names mean: ``province``, and optionally ``region`` and ``commune``.

    Answers with ``place`` (a reference to its Location), ``code`` and ``name``; never guesses:
    N6002 unknown, N6003 several, N6004 a region that contradicts the province.
    """
    said = {one.get("name"): one.get("valueString", "") for one in parameters.get("parameter", ())}
    if not said.get("province"):
        raise problem("N6001", "Parameters.parameter")
    found = gazetteer().province(said["province"], said.get("region", ""))
    if not isinstance(found, Issue) and said.get("commune"):
        found = gazetteer().commune(said["commune"], found.code)
    if isinstance(found, Issue):
        raise Problem([found])
    return _answer(found)


def _answer(place: Named) -> Json:
    where = reference("Location", location_id(place.code))
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "place", "valueReference": where},
            {"name": "code", "valueCode": place.code},
            {"name": "name", "valueString": place.name_fr},
        ],
    }


OPERATIONS = (
    Operation(
        name="resolve-place",
        function=resolve_place,
        permission="aggregates",
        type="Location",
        definition=f"{BASE}OperationDefinition/Location-resolve-place",
        takes=dict.fromkeys(("province", "region", "commune"), ("valueString",)),
    ),
)
