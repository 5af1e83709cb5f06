"""What people and systems do with identities, each a FHIR operation.

http://hl7.org/fhir/R4/operations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nabd.access.slice import Operation, OperationFunction
from nabd.errors import problem
from nabd.fhir.json import Json
from nabd.identity import decisions, matching
from nabd.identity.case import task_of
from nabd.identity.crossing import cross_reference
from nabd.identity.decisions import VERDICTS, Verdict
from nabd.identity.force import in_force
from nabd.identity.words import BASE, id_in

if TYPE_CHECKING:
    from nabd.access.session import Session


#: http://hl7.org/fhir/R4/patient-operation-match.html
ASKED = {
    "resource": ("resource",),
    "onlyCertainMatches": ("valueBoolean",),
    "count": ("valueInteger",),
}
#: https://profiles.ihe.net/ITI/PIXm/ITI-83.html
CROSSED = {
    "sourceIdentifier": ("valueString",),
    "targetSystem": ("valueUri", "valueString"),
}
REFERENCE, WORDS = ("valueReference",), ("valueString",)


def _match(type_name: str) -> Operation:
    async def match(session: Session, parameters: Json) -> Json:
        return await matching.match(session, type_name, parameters, await in_force(session))

    base = "http://hl7.org/fhir/" if type_name == "Patient" else BASE
    definition = f"{base}OperationDefinition/{type_name}-match"
    return Operation("match", match, "resources", type_name, definition, takes=ASKED)


async def take(session: Session, parameters: Json) -> Json:
    """Take a case for ten minutes: ``case`` (Reference to its Task)."""
    return task_of(await decisions.take(session, _id(parameters, "case")))


async def release(session: Session, parameters: Json) -> Json:
    """Give a case back: ``case``."""
    return task_of(await decisions.release(session, _id(parameters, "case")))


async def decide(session: Session, parameters: Json) -> Json:
    """Decide a case: ``case``, ``outcome`` (same, different, unsure) and ``reason``."""
    case, why = _id(parameters, "case"), _text(parameters, "reason")
    verdict, model = _verdict(parameters), await in_force(session)
    return task_of(await decisions.decide(session, case, verdict, why, model))


async def undo(session: Session, parameters: Json) -> Json:
    """Undo the decision of a case: ``case`` and ``reason``."""
    case, why = _id(parameters, "case"), _text(parameters, "reason")
    return task_of(await decisions.undo(session, case, why))


async def merge(session: Session, parameters: Json) -> Json:
    """Make two identities one: ``target`` and ``source`` (Persons) and ``reason``."""
    target, source = _id(parameters, "target"), _id(parameters, "source")
    why = _text(parameters, "reason")
    return task_of(await decisions.merge(session, target, source, why, await in_force(session)))


async def unmerge(session: Session, parameters: Json) -> Json:
    """Take a record out of its identity: ``patient`` and ``reason``."""
    patient, why = _id(parameters, "patient"), _text(parameters, "reason")
    return task_of(await decisions.unmerge(session, patient, why, await in_force(session)))


def _said(parameters: Json, name: str) -> Json:
    for one in parameters.get("parameter", ()):
        if one.get("name") == name:
            found: Json = one
            return found
    return {}


def _id(parameters: Json, name: str) -> str:
    found = id_in(_said(parameters, name).get("valueReference"))
    if not found:
        raise problem("N6112", f"Parameters.parameter.where(name = '{name}')", name=name)
    return found


def _text(parameters: Json, name: str) -> str:
    return str(_said(parameters, name).get("valueString", ""))


def _verdict(parameters: Json) -> Verdict:
    said = _said(parameters, "outcome").get("valueCode")
    for verdict in VERDICTS:
        if said == verdict:
            return verdict
    raise problem("N6113", "Parameters.parameter.where(name = 'outcome')")


def _steward(
    name: str, function: OperationFunction, type_name: str, **takes: tuple[str, ...]
) -> Operation:
    definition = f"{BASE}OperationDefinition/{type_name}-{name}"
    return Operation(name, function, "identity", type_name, definition, takes=takes)


OPERATIONS = (
    *map(_match, matching.KINDS),
    Operation(
        "ihe-pix",
        cross_reference,
        "resources",
        "Patient",
        "https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix",
        reads=True,
        takes=CROSSED,
    ),
    _steward("identity-take", take, "Task", case=REFERENCE),
    _steward("identity-release", release, "Task", case=REFERENCE),
    _steward(
        "identity-decide", decide, "Task", case=REFERENCE, outcome=("valueCode",), reason=WORDS
    ),
    _steward("identity-undo", undo, "Task", case=REFERENCE, reason=WORDS),
    _steward("merge", merge, "Person", target=REFERENCE, source=REFERENCE, reason=WORDS),
    _steward("unmerge", unmerge, "Person", patient=REFERENCE, reason=WORDS),
)
