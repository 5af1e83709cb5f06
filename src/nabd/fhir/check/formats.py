"""The formats of primitive types. https://hl7.org/fhir/R4/datatypes.html#primitive

The expressions are R4's, made exact where R4's prose is stricter than its expression: a date has
to exist (no 30 February), and base64 comes in groups of four.  They never backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Ordered so that the days of every month come first: this expression runs for every date.
_DAY = (
    r"(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
    r"|(?<=[0-9]{2}0[48]-|[0-9]{2}[2468][048]-|[0-9]{2}[13579][26]-"
    r"|[02468][048]00-|[13579][26]00-)02-29)"
)
_YEAR = r"(?!0000)[0-9]{4}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"

_UUID = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OID = r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"
# A URI that says that it is a UUID or an OID has to be one: RFC 4122, RFC 3061.
_URI = rf"(?!urn:(?:uuid|oid):)\S+|{_UUID}|{_OID}"

# Strings start and end without \A and \Z here: `whole` adds them.
_PATTERNS = {
    "base64Binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    "canonical": _URI,
    "code": r"\S+(?:\s\S+)*",
    "date": rf"(?:{_DAY}|{_YEAR}(?:-(?:0[1-9]|1[0-2]))?)",
    "dateTime": rf"(?:{_DAY}(?:T{_TIME}{_ZONE})?|{_YEAR}(?:-(?:0[1-9]|1[0-2]))?)",
    "id": r"[A-Za-z0-9.-]{1,64}",
    "instant": rf"{_DAY}T{_TIME}{_ZONE}",
    "oid": _OID,
    "time": _TIME,
    "uri": _URI,
    "url": _URI,
    "uuid": _UUID,
}

# Forms that need no second look; the fast path knows only these. Other canonicals of R4 itself
# may name a resource of a wrong type.
_SURE = {
    "canonical": r"(?!http://hl7\.org/fhir/[A-Z]|urn:)[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "profile": r"(?!http://hl7\.org/fhir/(?!StructureDefinition/)[A-Z]|urn:)"
    r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "absolute": rf"(?!urn:(?:uuid|oid):)[A-Za-z][A-Za-z0-9+.-]*:\S+|{_UUID}|{_OID}",
}
# A reference is a link to a contained resource, absolute, relative or, in a transaction,
# conditional: https://hl7.org/fhir/R4/references.html#literal.  The fast path adds the types
# that the element allows (`reference_to`).
_SURE["reference"] = r"#\S*|urn:\S+|[A-Z][A-Za-z]+\?\S+"
_LOCAL = r"[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?"
_REFERENCE = re.compile(
    rf"(?a)(?:[A-Z][A-Za-z]+/{_LOCAL}|#\S*|[A-Za-z][A-Za-z0-9+.-]*:\S+|[A-Z][A-Za-z]+\?\S+)\Z"
)

# What a text may not hold, and how long it may be: https://hl7.org/fhir/R4/datatypes.html#string
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MAX_TEXT = 1024 * 1024

# Inclusive limits: https://hl7.org/fhir/R4/datatypes.html#integer
LIMITS = {
    "integer": (-(2**31), 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
}


def whole(type_name: str) -> str:
    """Return the expression of a whole value that is surely right, "" where any text will do."""
    pattern = _SURE.get(type_name) or _PATTERNS.get(type_name, "")
    return rf"(?a)\A(?:{pattern})\Z" if pattern else ""


def extension_url(*, nested: bool) -> str:
    """Return the expression of what is surely the url of an extension: no version, absolute.

    Within another extension it may be relative.
    """
    pattern = _PATTERNS["uri"] if nested else _SURE["absolute"]
    return rf"(?a)\A(?=[^|]*\Z)(?:{pattern})\Z"


def reference_to(types: Iterable[str]) -> str:
    """Return the expression of what is surely a reference to one of these types."""
    by_initial: dict[str, list[str]] = {}
    for name in sorted(types):
        by_initial.setdefault(name[0], []).append(name[1:])
    named = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in by_initial.items())
    server = r"(?:https?://[A-Za-z0-9.\\:%$/-]*/)?"
    return rf"(?a)\A(?:{server}(?:{named})/{_LOCAL}|{_SURE['reference']})\Z"


def stricter(path: str, kind: str) -> str:
    """Name the form that the fast path demands of an element, when not that of its type."""
    is_url = kind == "uri" and re.fullmatch(r"[A-Za-z]+\.url", path)
    if path == "Identifier.system" or (is_url and path != "Extension.url"):
        return "absolute"  # an extension within another has a relative url
    return "profile" if path == "Meta.profile" else kind


PATTERNS = {name: re.compile(rf"(?a)(?:{text})\Z") for name, text in _PATTERNS.items()}

_ABSOLUTE = re.compile(rf"(?a)(?:{_SURE['absolute']})\Z")
_VALUE_SET = re.compile(r"https?://(?:terminology\.)?hl7\.org/(?:fhir/)?ValueSet/")
_BASE64 = PATTERNS["base64Binary"]


def is_absolute(uri: str) -> bool:
    """Tell whether a URI has a scheme. https://www.rfc-editor.org/rfc/rfc3986#section-4.3"""
    return _ABSOLUTE.match(uri) is not None


def is_value_set(uri: str) -> bool:
    """Tell whether a URI is that of one of HL7's value sets, which is no code system."""
    return _VALUE_SET.match(uri) is not None


def is_extension_url(text: str) -> bool:
    """Tell whether a text may name an extension: a URI, relative within another, no version."""
    return "|" not in text and PATTERNS["uri"].match(text) is not None


def is_reference(text: str) -> bool:
    """Tell whether a text can be followed as a reference."""
    return _REFERENCE.match(text) is not None


def is_base64(text: str) -> bool:
    """Tell whether a text is base64, in one piece or with white space between the characters."""
    return _BASE64.match(text) is not None or _BASE64.match("".join(text.split())) is not None


def is_text(text: str) -> bool:
    """Tell whether a text is short enough and has no control characters."""
    return len(text) <= MAX_TEXT and CONTROL.search(text) is None


def has_format(kind: str, value: str) -> bool:
    """Tell whether a JSON string has the format of a primitive type."""
    if kind == "base64Binary":
        return is_base64(value)
    pattern = PATTERNS.get(kind)
    return is_text(value) and (pattern is None or pattern.match(value) is not None)
