"""Write Bundles around stored bytes: the resources in them are not parsed.

http://hl7.org/fhir/R4/bundle.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

from nabd.fhir.json import encode
from nabd.store import Stored
from nabd.web.fhir.conditions import etag

Links = Sequence[tuple[str, str]]


def bundle(
    kind: str, entries: Iterable[bytes], links: Links = (), total: int | None = None
) -> bytes:
    """Assemble a Bundle; ``entries`` are JSON objects."""
    out = [b'{"resourceType":"Bundle","type":"', kind.encode(), b'"']
    if total is not None:
        out.append(b',"total":%d' % total)
    if links:
        out += [b',"link":', encode([{"relation": name, "url": url} for name, url in links])]
    joined = b",".join(entries)
    if joined:
        out += [b',"entry":[', joined, b"]"]
    out.append(b"}")
    return b"".join(out)


def found(base: str, one: Stored, mode: str = "match", body: bytes = b"") -> bytes:
    """Write an entry of a searchset; ``body`` replaces the stored one when it was cut down."""
    return b'{"fullUrl":"%b/%b/%b","resource":%b,"search":{"mode":"%b"}}' % (
        base.encode(),
        one.type.encode(),
        one.id.encode(),
        body or one.body,
        mode.encode(),
    )


def remark(outcome: bytes) -> bytes:
    """Write an entry of a searchset that holds an OperationOutcome about the search."""
    return b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome


def version(base: str, one: Stored) -> bytes:
    """Write an entry of a history. http://hl7.org/fhir/R4/http.html#history"""
    place = f"{one.type}/{one.id}".encode()
    method, url, status = b"PUT", place, 200
    if one.deleted:
        method, status = b"DELETE", 204
    elif one.version == 1:
        method, url, status = b"POST", one.type.encode(), 201
    resource = b"" if one.deleted else b'"resource":%b,' % one.body
    return b'{"fullUrl":"%b/%b",%b"request":{"method":"%b","url":"%b"},"response":%b}' % (
        base.encode(),
        place,
        resource,
        method,
        url,
        response(status, one),
    )


def response(
    status: int, one: Stored | None = None, location: str = "", outcome: bytes = b""
) -> bytes:
    """Write ``entry.response``."""
    out: dict[str, object] = {"status": f"{status} {HTTPStatus(status).phrase}"}
    if location:
        out["location"] = location
    if one is not None:
        out["etag"] = etag(one.version).decode()
        out["lastModified"] = instant(one.updated)
    text = encode(out)
    return text if not outcome else b'%b,"outcome":%b}' % (text[:-1], outcome)


def instant(at: datetime) -> str:
    """Write a time as FHIR's instant, in milliseconds UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address(base: str, path: Sequence[str], query: Iterable[tuple[str, str]] = ()) -> str:
    """Write an address of this API."""
    text = urlencode(list(query), safe="$|:,/")
    place = "/".join((base, *path))
    return f"{place}?{text}" if text else place
