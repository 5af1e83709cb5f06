"""The formats of primitive types. https://hl7.org/fhir/R4/datatypes.html#primitive

The expressions are R4's, made exact where R4's prose is stricter than its expression: a date has
to exist (no 30 February), and base64 comes in groups of four.  They never backtrack.
"""

from __future__ import annotations

import re

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

# Strings start and end without \A and \Z here: `whole` adds them.
_PATTERNS = {
    "base64Binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    "canonical": r"\S+",
    "code": r"\S+(?:\s\S+)*",
    "date": rf"(?:{_DAY}|{_YEAR}(?:-(?:0[1-9]|1[0-2]))?)",
    "dateTime": rf"(?:{_DAY}(?:T{_TIME}{_ZONE})?|{_YEAR}(?:-(?:0[1-9]|1[0-2]))?)",
    "id": r"[A-Za-z0-9.-]{1,64}",
    "instant": rf"{_DAY}T{_TIME}{_ZONE}",
    "oid": r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+",
    "time": _TIME,
    "uri": r"\S+",
    "url": r"\S+",
    "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}

# Forms that need no second look; the fast path knows only these. Other canonicals of R4 itself
# may name a resource of a wrong type.
_SURE = {
    "canonical": r"(?!http://hl7\.org/fhir/[A-Z])[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "absolute": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
}
# A reference is a link to a contained resource, absolute, relative or, in a transaction,
# conditional: https://hl7.org/fhir/R4/references.html#literal
_SURE["reference"] = (
    r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?"
    rf"|#\S*|{_SURE['absolute']}|[A-Z][A-Za-z]+\?\S+"
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


def stricter(path: str, kind: str) -> str:
    """Name the form that the fast path demands of an element, when not that of its type."""
    if path == "Reference.reference":
        return "reference"
    is_url = kind == "uri" and re.fullmatch(r"[A-Za-z]+\.url", path)
    if path in ("Identifier.system", "Meta.profile") or (is_url and path != "Extension.url"):
        return "absolute"  # an extension within another has a relative url
    return kind


PATTERNS = {name: re.compile(rf"(?a)(?:{text})\Z") for name, text in _PATTERNS.items()}

_REFERENCE = re.compile(whole("reference"))
_ABSOLUTE = re.compile(r"(?a)[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_BASE64 = PATTERNS["base64Binary"]


def is_absolute(uri: str) -> bool:
    """Tell whether a URI has a scheme. https://www.rfc-editor.org/rfc/rfc3986#section-4.3"""
    return _ABSOLUTE.match(uri) is not None


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
