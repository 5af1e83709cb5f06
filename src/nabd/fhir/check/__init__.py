"""Is it FHIR R4?  Structure, formats, bindings, invariants.

Two paths.  The fast one (``fast``, ``shapes``, ``judging``) says "surely right" and costs a few
microseconds a resource; whatever it does not recognise goes to the slow one (``walk``), which
decides and lists every problem.  So the fast path may be stricter than the standard, but never
laxer.

https://hl7.org/fhir/R4/validation.html
"""

from __future__ import annotations

from codecs import BOM_UTF8

import msgspec

from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir import definitions, json
from nabd.fhir.check import fast, vitals
from nabd.fhir.json import Json

__all__ = ["check", "check_value", "checked", "profiled"]


def check(raw: bytes, type_name: str | None = None) -> Json:
    """Decode a resource and check it; the value is plain JSON with every digit kept.

    ``type_name`` asks for a resource of that type.  Raises Problem with *every* issue.

    Cost for a usual resource of 1.4 KB: one decode to shapes, one encode (it proves that no key was
    unknown or came twice) and one look at formats and invariants, 10 to 15 µs together; a resource
    that is not minified costs its minifying too.  Only what was right is remembered, so that
    processes may share work as they like.
    """
    return checked(raw, type_name)[0]


def checked(raw: bytes, type_name: str | None = None) -> tuple[Json, bytes]:
    """Check as :func:`check` does; return the value with its compact JSON, which proved it."""
    read = fast.sound(raw)
    if read is None:
        return _walked(raw, type_name)
    if type_name is not None:
        _demand_type(read[0], type_name)
    return read


def _walked(raw: bytes, type_name: str | None) -> tuple[Json, bytes]:
    """Judge by the walk what is not surely right."""
    value = json.decode_any_depth(raw)
    if not isinstance(value, dict):
        raise problem("N2004", found="array" if isinstance(value, list) else "value")
    if type_name is not None:
        _demand_type(value, type_name)
    compact = json.encode(value)
    _raise(_issues(value) + _twice(raw, compact))
    return value, compact


def check_value(resource: Json) -> None:
    """Check a resource that is in memory already; raises Problem with *every* issue."""
    read = fast.sound(json.encode(resource))
    if read is None or read[0] != resource:
        _raise(_issues(resource))


def profiled(resource: Json) -> list[Issue]:
    """List what breaks a profile that R4 makes a duty: that of vital signs.

    ``check`` leaves it out, and so do all ways of writing: data of many systems, and an example of
    the specification itself, break it. ``$validate`` tells it.
    """
    is_one = resource.get("resourceType") == "Observation"
    found = vitals.problems(resource, "Observation") if is_one else ()
    return list(found)


def _issues(value: Json) -> list[Issue]:
    from nabd.fhir.check import walk  # its FHIRPath engine is not needed while all is well

    json.forbid_depth(value)
    return walk.problems(value)


def _raise(issues: list[Issue]) -> None:
    if issues:
        raise Problem(issues)


def _demand_type(value: Json, type_name: str) -> None:
    found = value.get("resourceType")
    if found != type_name:
        known = found if isinstance(found, str) and found in definitions.TYPE_NUMBER else "?"
        raise problem("N2007", "resourceType", expected=type_name, found=known)


def _twice(raw: bytes, compact: bytes) -> list[Issue]:
    """Look for keys that come twice: the text then has more keys than the value."""
    raw = raw.removeprefix(BOM_UTF8)
    if raw == compact or fast.keys(msgspec.json.format(raw, indent=-1)) == fast.keys(compact):
        return []
    return [issue("N2008", path) for path in fast.repeated_keys(raw)]
