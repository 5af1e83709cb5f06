"""The FHIR API as an ASGI application.

It is called below its mount: ``scope["path"]`` begins with ``/fhir``.  A request becomes a
``Call``, the routes find its interaction, and its ``Answer`` is sent; a ``Problem`` becomes an
OperationOutcome.  Nothing on the way of a read parses JSON or runs a regular expression per route.

http://hl7.org/fhir/R4/http.html
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec

from nabd.errors import Problem, issue, operation_outcome, problem
from nabd.fhir.json import encode
from nabd.log import REQUEST, fault
from nabd.web.fhir.content import ClientGoneError, Receive, content
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Routes
from nabd.web.fhir.negotiation import JSON_TYPE, Form, language, media_type
from nabd.web.fhir.parameters import parsed
from nabd.web.fhir.prefer import preference
from nabd.web.session import Enter

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ROOT = "/fhir"
PERMISSION = "resources"
COMPRESSED = 2_048  # bytes: a smaller answer is one packet anyway
NO_BODY = (204, 304)
SAFE = (
    (b"cache-control", b"private, no-cache"),  # ask again; the ETag makes that cheap
    (b"x-content-type-options", b"nosniff"),  # what a record holds is never run as a page
)
# the id of a request: random by process, then counted
_PROCESS = uuid4().hex[:16]
_COUNTER = count(1)
_HOST = re.compile(rb"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: bytes of its content, seconds until it is there."""

    content: int = 64 * 1024 * 1024
    seconds: float = 60.0


class FhirApi:
    """The API of one process; ``enter`` finds the session of a request from its headers."""

    def __init__(
        self, routes: Routes, enter: Enter, base_url: str = "", limits: Limits | None = None
    ) -> None:
        self.routes = routes
        self._enter = enter
        self._base_url = base_url.rstrip("/")
        self._limits = limits or Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request = _request_id(headers)
        REQUEST.set(request)
        try:
            answer = await self._answer(scope, receive, headers, request)
        except ClientGoneError:
            return
        await _send(send, answer, headers, request, scope["method"] == "HEAD")

    async def _answer(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], request: str
    ) -> Answer:
        spoken = language(headers.get(b"accept-language", b"").decode("latin-1"))
        form = Form()
        try:
            query = parsed(_query(scope))
            form = _form(headers, query)
            call = self._call(scope, receive, headers, request)
            call.query, call.form, call.language = query, form, spoken
            call.preference = preference(headers.get(b"prefer", b"").decode("latin-1"))
            one = self.routes.find(call.method, call.path, call.base)
            if not one.public:
                call.enter(await self._enter(call.method, headers, request))
                call.session.demand(PERMISSION)
            return _formed(await one.handler(call), form)
        except Problem as found:
            return _formed(_refused(found, spoken), form)
        except ClientGoneError:
            raise
        except Exception as error:
            return _formed(_fault(error, spoken), form)

    def _call(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], request: str
    ) -> Call:
        rest = scope["path"][len(ROOT) :].strip("/")
        path = tuple(rest.split("/")) if rest else ()
        read = partial(content, receive, headers, self._limits.content, self._limits.seconds)
        return Call(scope["method"], path, self._base(scope, headers), headers=headers, body=read)

    def _base(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        if self._base_url:
            return self._base_url + ROOT
        host = headers.get(b"host", b"")
        name = host.decode() if _HOST.fullmatch(host) else "localhost"
        return f"{scope.get('scheme', 'http')}://{name}{ROOT}"


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"")
    if given and len(given) <= 64 and given.replace(b"-", b"").isalnum():
        return given.decode()
    return f"{_PROCESS}{next(_COUNTER):08x}"


def _form(headers: dict[bytes, bytes], query: tuple[tuple[str, str], ...]) -> Form:
    accept = headers.get(b"accept", b"").decode("latin-1")
    if not query:
        return Form(media_type(accept))
    found = dict(query)
    pretty = found.get("_pretty") == "true"
    return Form(media_type(accept, found.get("_format", "")), pretty)


def _formed(answer: Answer, form: Form) -> Answer:
    if answer.media is JSON_TYPE:
        answer.media = form.media
        if form.pretty and isinstance(answer.body, bytes) and answer.body:
            answer.body = msgspec.json.format(answer.body, indent=2)
    return answer


def _refused(found: Problem, spoken: str) -> Answer:
    headers = []
    for one in found.issues:
        if one.code == "N7003":
            headers.append((b"allow", str(one.params["allowed"]).encode()))
    if found.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return Answer(found.status, encode(operation_outcome(found.issues, spoken)), headers)


def _fault(error: Exception, spoken: str) -> Answer:
    outcome = operation_outcome([issue("N1000", severity="fatal", fault=fault(error))], spoken)
    return Answer(500, encode(outcome))


def _query(scope: Scope) -> str:
    raw: bytes = scope["query_string"]
    try:
        return raw.decode() if raw else ""
    except UnicodeDecodeError:
        raise problem("N7030") from None


async def _send(
    send: Send, answer: Answer, asked: dict[bytes, bytes], request: str, head: bool
) -> None:
    headers = [*answer.headers, (b"x-request-id", request.encode()), *SAFE]
    body = answer.body
    if not isinstance(body, bytes):
        await _stream(send, answer, headers)
        return
    if answer.status not in NO_BODY:
        if body:
            headers.append((b"content-type", answer.media))
        body = _compressed(body, asked, headers)
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


def _compressed(
    body: bytes, asked: dict[bytes, bytes], headers: list[tuple[bytes, bytes]]
) -> bytes:
    headers.append((b"vary", b"accept, accept-encoding, accept-language, authorization"))
    if len(body) < COMPRESSED or b"gzip" not in asked.get(b"accept-encoding", b""):
        return body
    headers.append((b"content-encoding", b"gzip"))
    return gzip.compress(body, compresslevel=1, mtime=0)


async def _stream(send: Send, answer: Answer, headers: list[tuple[bytes, bytes]]) -> None:
    assert not isinstance(answer.body, bytes)
    headers.append((b"content-type", answer.media))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    async for piece in answer.body:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
