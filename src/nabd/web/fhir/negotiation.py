"""Which format and language the client reads.

http://hl7.org/fhir/R4/http.html#mime-type, http://hl7.org/fhir/R4/http.html#parameters
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nabd.errors import LANGUAGES, problem

JSON_TYPE = b"application/fhir+json; charset=utf-8"
PLAIN_JSON_TYPE = b"application/json; charset=utf-8"
FORMATS = "application/fhir+json, application/json"

_FORMATS = {
    "json": JSON_TYPE,
    "*/*": JSON_TYPE,
    "application/*": JSON_TYPE,
    "application/fhir+json": JSON_TYPE,
    "application/json": PLAIN_JSON_TYPE,
    "text/json": PLAIN_JSON_TYPE,
    "application/json+fhir": JSON_TYPE,
}


_VERSION = re.compile(r"fhirversion\s*=\s*\"?([^;\"\s]*)", re.IGNORECASE)


class Form(NamedTuple):
    """How the answer is written."""

    media: bytes = JSON_TYPE
    pretty: bool = False


PLAIN = Form()


@lru_cache(maxsize=512)
def media_type(accept: str, wanted: str = "") -> bytes:
    """Choose the media type; ``wanted`` is ``_format`` and overrules the header Accept.

    Raises Problem N7004 when the client reads none of ours.
    """
    if wanted:
        # a '+' that was not percent-encoded arrives as a space
        name, _, parameters = wanted.partition(";")
        names = [name.strip().lower().replace(" ", "+")] if _is_version(parameters) else []
    else:
        names = _ranked(accept) if accept.strip() else ["*/*"]
    for name in names:
        if name in _FORMATS:
            return _FORMATS[name]
    raise problem("N7004", formats=FORMATS)


@lru_cache(maxsize=512)
def language(accept: str) -> str:
    """Choose the language of texts from the header Accept-Language; English when none fits."""
    for tag in _ranked(accept):
        primary = tag.partition("-")[0]
        if primary in LANGUAGES:
            return primary
    return "en"


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type is one of the JSON formats, in UTF-8."""
    name, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    known = name.strip() in _FORMATS and _is_version(parameters)
    return known and charset.partition(";")[0].strip(' "') in ("", "utf-8", "utf8")


def _ranked(accept: str) -> list[str]:
    """List the choices of an Accept header, best first; those with q=0 are left out."""
    ranked: list[tuple[float, str]] = []
    for item in accept.split(","):
        name, _, parameters = item.partition(";")
        quality = _quality(parameters)
        if name.strip() and quality > 0 and _is_version(parameters):
            ranked.append((-quality, name.strip().lower()))
    return [name for _, name in sorted(ranked, key=lambda choice: choice[0])]


def _is_version(parameters: str) -> bool:
    """Tell whether ``fhirVersion``, where it is given, is R4: http://hl7.org/fhir/R4/versioning.html."""
    found = _VERSION.search(parameters)
    return found is None or found[1] in ("4.0", "4.0.1")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
