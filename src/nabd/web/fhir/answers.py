"""Answers that many interactions give."""

from __future__ import annotations

from nabd.errors import Issue, issue, operation_outcome
from nabd.fhir.json import encode
from nabd.store import Outcome, Stored
from nabd.web.fhir.conditions import etag, last_modified
from nabd.web.fhir.exchange import Answer, Call


def current(stored: Stored, body: bytes = b"", status: int = 200) -> Answer:
    """Answer one version of a resource: its bytes as they are stored, or ``body``."""
    return Answer(status, body or stored.body, versioning(stored), stored=stored)


def versioning(stored: Stored) -> list[tuple[bytes, bytes]]:
    """Write the headers that say which version this is."""
    return [
        (b"etag", etag(stored.version)),
        (b"last-modified", last_modified(stored.updated)),
    ]


def written(call: Call, outcome: Outcome) -> Answer:
    """Answer a write as the client prefers. http://hl7.org/fhir/R4/http.html#ops"""
    stored = outcome.stored
    headers = versioning(stored)
    if outcome.status == "deleted" or stored.deleted:
        return _deleted(call, headers[:1])
    headers.append((b"location", f"{call.base}/{place(stored)}".encode()))
    status = 201 if outcome.status == "created" else 200
    body = stored.body
    if call.preference.returns == "minimal":
        body = b""
    elif call.preference.returns == "OperationOutcome":
        body = done(call, outcome)
    return Answer(status, body, headers, stored=stored)


def _deleted(call: Call, headers: list[tuple[bytes, bytes]]) -> Answer:
    if call.preference.returns == "OperationOutcome":
        return Answer(200, _said(call, "deleted", ""), headers)
    return Answer(204, b"", headers)


def done(call: Call, outcome: Outcome) -> bytes:
    """Say in an OperationOutcome what became of a write."""
    return _said(call, outcome.status, str(outcome.stored.version))


def _said(call: Call, status: str, version: str) -> bytes:
    return outcome_of(
        call, [issue("N7028", severity="information", status=status, version=version)]
    )


def outcome_of(call: Call, issues: list[Issue]) -> bytes:
    """Render issues as an OperationOutcome in the client's language."""
    return encode(operation_outcome(issues, call.language))


def place(stored: Stored) -> str:
    """Write the relative address of one version."""
    return f"{stored.type}/{stored.id}/_history/{stored.version}"
