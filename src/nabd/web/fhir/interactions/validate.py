"""$validate. http://hl7.org/fhir/R4/resource-operation-validate.html"""

from __future__ import annotations

from typing import Any

from nabd.access.permit import check_write
from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir.check import check, check_value
from nabd.fhir.json import Json, decode
from nabd.web.fhir.answers import outcome_of
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only
from nabd.web.fhir.posted import raw

DEFINITION = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
MALFORMED = ("N2001", "N2002", "N2003")  # there is no resource to speak of
KNOWN = frozenset({"resource", "mode", "profile"})
MODES = ("create", "update", "delete")
PROFILES = "http://hl7.org/fhir/StructureDefinition/"


async def validate(call: Call) -> Answer:
    """Check a resource and say everything that is wrong with it; nothing is stored.

    The resource is the body, or the parameter ``resource`` of Parameters; with ``mode=delete`` on
    an instance there may be none: then the answer says whether it could be deleted.  The only
    profile is R4's own definition of the type.  The answer is 200 with an OperationOutcome,
    whatever it says.
    """
    asked = only(call, "mode", "profile")
    body = await raw(call)
    resource, asked = _unwrapped(call, body, asked)
    mode = asked.get("mode", "")
    if mode not in ("", *MODES):
        raise problem("N7009", "mode", parameter="mode", expected=" | ".join(MODES))
    if mode == "delete" and resource is None and len(call.path) == 3:
        issues = await _deletable(call)
        return Answer(200, outcome_of(call, issues or [issue("N7031", severity="information")]))
    issues = _checked(call, body, resource, asked.get("profile", ""))
    return Answer(200, outcome_of(call, issues or [issue("N7027", severity="information")]))


async def _deletable(call: Call) -> list[Issue]:
    """Say what would refuse to delete the resource; what may not be seen is absent."""
    type_name, id_, _ = call.path
    try:
        await call.session.read(type_name, id_)
        check_write(call.session.role, type_name)
    except Problem as found:
        return found.issues
    return []


def _checked(call: Call, body: bytes, resource: Json | None, profile: str) -> list[Issue]:
    type_name = call.path[0] if len(call.path) > 1 else None
    try:
        if resource is None:
            checked = check(body, type_name)
        else:
            check_value(resource)
            checked = resource
        _agree(call, checked, type_name)
        if profile.partition("|")[0] not in ("", f"{PROFILES}{checked['resourceType']}"):
            raise problem("N7032", "profile")
    except Problem as found:
        if found.issues[0].code in (*MALFORMED, "N7032"):
            raise
        return found.issues
    return []


def _agree(call: Call, resource: Json, type_name: str | None) -> None:
    if type_name and resource.get("resourceType") != type_name:
        raise problem("N7011", type_name, element="resourceType")
    if len(call.path) == 3 and resource.get("id") != call.path[1]:
        raise problem("N7011", f"{type_name}.id", element="id")


def _unwrapped(
    call: Call, body: bytes, asked: dict[str, str]
) -> tuple[Json | None, dict[str, str]]:
    """Take the resource and what is asked out of Parameters; ``None``: the body is the resource."""
    if b'"Parameters"' not in body:
        return None, asked
    value = decode(body)
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        return None, asked
    check_value(_without_resource(value))
    found: dict[str, Any] = {p.get("name"): p for p in value.get("parameter", [])}
    if found.keys() - KNOWN and not call.preference.lenient:
        raise problem("N7010", "Parameters.parameter", known=", ".join(sorted(KNOWN)))
    mode, profile = found.get("mode", {}), found.get("profile", {})
    asked = asked | {"mode": mode.get("valueCode", asked.get("mode", ""))}
    asked |= {"profile": profile.get("valueUri", profile.get("valueCanonical", ""))}
    resource = found.get("resource", {}).get("resource")
    if resource is None and (asked["mode"] != "delete" or len(call.path) < 3):
        raise problem("N7024", "Parameters.parameter", expected="Parameters.parameter(resource)")
    return resource, asked


def _without_resource(parameters: Json) -> Json:
    """Leave out what is to be validated: its problems are the answer, not a refusal."""
    listed = parameters.get("parameter")
    if not isinstance(listed, list):
        return parameters
    rest = [p for p in listed if not (isinstance(p, dict) and p.get("name") == "resource")]
    outer = {key: value for key, value in parameters.items() if key != "parameter"}
    return outer | ({"parameter": rest} if rest else {})


INTERACTIONS = (
    Interaction("$validate", "POST", "$validate", validate, definition=DEFINITION),
    Interaction("$validate", "POST", "{type}/$validate", validate, definition=DEFINITION),
    Interaction("$validate", "POST", "{type}/{id}/$validate", validate, definition=DEFINITION),
)
