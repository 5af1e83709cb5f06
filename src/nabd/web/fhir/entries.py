"""The entries of a batch or transaction, each as an interaction of its own.

http://hl7.org/fhir/R4/http.html#transaction
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64Error
from dataclasses import dataclass
from functools import partial
from string import printable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from nabd.errors import problem
from nabd.fhir.json import Json, encode
from nabd.web.fhir.exchange import Call, Parameters
from nabd.web.fhir.parameters import parsed

METHODS = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
_HEADERS = {
    "ifMatch": b"if-match",
    "ifNoneMatch": b"if-none-match",
    "ifModifiedSince": b"if-modified-since",
    "ifNoneExist": b"if-none-exist",
}


@dataclass(slots=True)
class Entry:
    """One entry; ``place`` is its FHIRPath, ``full_url`` the name that references use."""

    place: str
    method: str
    path: tuple[str, ...]
    query: Parameters
    headers: dict[bytes, bytes]
    full_url: str
    resource: Json | None

    def call(self, outer: Call) -> Call:
        """Make the call that stands for this entry inside ``outer``."""
        preference = outer.preference
        if not preference.returns:
            preference = preference._replace(returns="minimal")
        inner = Call(self.method, self.path, outer.base, self.query, self.headers)
        inner.body = partial(_content, self)
        inner.preference, inner.language = preference, outer.language
        inner.enter(outer.session)
        return inner


def read_entry(number: int, entry: Any, base: str) -> Entry:
    """Read an entry; Problem N7018 when it does not say what is asked."""
    place = f"Bundle.entry[{number}]"
    request = entry.get("request", {})
    method, url = request.get("method", ""), request.get("url", "")
    if method not in METHODS:
        raise problem("N7018", f"{place}.request")
    path, query = _address(url, base, place)
    headers = {name: _header(request[key]) for key, name in _HEADERS.items() if key in request}
    resource = entry.get("resource")
    if not isinstance(resource, dict | None):
        raise problem("N7018", f"{place}.resource")
    if method == "PATCH" and resource:
        headers[b"content-type"] = _header(_patch_type(resource))
    return Entry(place, method, path, query, headers, entry.get("fullUrl", ""), resource)


def _patch_type(resource: Json) -> str:
    """Say how a patch is written: JSON Patch comes in a Binary, FHIRPath Patch as Parameters.

    http://hl7.org/fhir/R4/http.html#patch
    """
    if resource.get("resourceType") == "Binary":
        return str(resource.get("contentType", ""))
    return "application/fhir+json"


def _address(url: str, base: str, place: str) -> tuple[tuple[str, ...], Parameters]:
    """Split an address below the base, relative or absolute."""
    rest = url[len(base) :] if url.startswith(f"{base}/") else url
    try:
        parts = urlsplit(rest)
    except ValueError:
        raise problem("N7018", f"{place}.request.url") from None
    if parts.scheme or parts.netloc:
        raise problem("N7018", f"{place}.request.url")
    path = unquote(parts.path).strip("/")
    return (tuple(path.split("/")) if path else ()), parsed(parts.query)


def _header(text: str) -> bytes:
    """Write a text as a header: what is not ASCII is percent-encoded, as on the wire."""
    return quote(text, safe=printable).encode()


async def _content(entry: Entry) -> bytes:
    resource = entry.resource
    if resource is None:
        raise problem("N7018", f"{entry.place}.resource")
    if entry.method != "PATCH" or resource.get("resourceType") != "Binary":
        return encode(resource)
    try:
        return b64decode(str(resource.get("data", "")), validate=True)
    except (NotBase64Error, ValueError):
        raise problem("N7018", f"{entry.place}.resource.data") from None
