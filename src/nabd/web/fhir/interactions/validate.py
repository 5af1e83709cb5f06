"""$validate. http://hl7.org/fhir/R4/resource-operation-validate.html"""

from __future__ import annotations

from typing import Any

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
KNOWN = frozenset({"resource", "mode"})
MODES = ("create", "update", "delete")


async def validate(call: Call) -> Answer:
    """Check a resource and say everything that is wrong with it; nothing is stored.

    The resource is the body, or the parameter ``resource`` of Parameters; with ``mode=delete`` on
    an instance there may be none.  The answer is 200 with an OperationOutcome, whatever it says.
    """
    mode = only(call, "mode").get("mode", "")
    body = await raw(call)
    resource, mode = _unwrapped(call, body, mode)
    if mode not in ("", *MODES):
        raise problem("N7009", "mode", parameter="mode", expected=" | ".join(MODES))
    issues = [] if mode == "delete" and resource is None else _checked(call, body, resource)
    return Answer(200, outcome_of(call, issues or [issue("N7027", severity="information")]))


def _checked(call: Call, body: bytes, resource: Json | None) -> list[Issue]:
    type_name = call.path[0] if len(call.path) > 1 else None
    try:
        if resource is None:
            checked = check(body, type_name)
        else:
            check_value(resource)
            checked = resource
        _agree(call, checked, type_name)
    except Problem as found:
        if found.issues[0].code in MALFORMED:
            raise
        return found.issues
    return []


def _agree(call: Call, resource: Json, type_name: str | None) -> None:
    if type_name and resource.get("resourceType") != type_name:
        raise problem("N7011", type_name, element="resourceType")
    if len(call.path) == 3 and resource.get("id") != call.path[1]:
        raise problem("N7011", f"{type_name}.id", element="id")


def _unwrapped(call: Call, body: bytes, mode: str) -> tuple[Json | None, str]:
    """Take the resource and the mode out of Parameters; ``None`` when the body is the resource."""
    if b'"Parameters"' not in body:
        return None, mode
    value = decode(body)
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        return None, mode
    check_value(_without_resource(value))
    found: dict[str, Any] = {p.get("name"): p for p in value.get("parameter", [])}
    if found.keys() - KNOWN and not call.preference.lenient:  # a profile is not validated against
        raise problem("N7010", "Parameters.parameter", known=", ".join(sorted(KNOWN)))
    mode = found.get("mode", {}).get("valueCode", mode)
    resource = found.get("resource", {}).get("resource")
    if resource is None and mode != "delete":
        raise problem("N7024", "Parameters.parameter", expected="Parameters.parameter(resource)")
    return resource, mode


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
