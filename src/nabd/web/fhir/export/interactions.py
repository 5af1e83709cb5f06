"""Ask for an export, follow it, fetch its files, end it.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec

from nabd.errors import Problem, problem
from nabd.fhir.json import Json, decode, encode
from nabd.store.jobs import Job
from nabd.web.fhir.bundle import address, instant
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.export.run import Exports, Progress
from nabd.web.fhir.export.wish import Wish, since_of, types_of
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only

NDJSON = b"application/fhir+ndjson"
MANIFEST = b"application/json"
AGAIN = b"2"  # seconds: Retry-After
PERMISSION = "export"
_DEFINITION = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)


class _Asked:
    """The handlers, over the exports of the installation."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    async def start(self, call: Call) -> Answer:
        """Queue an export; 202 says where to follow it."""
        if not call.preference.asynchronous:
            raise problem("N7025", "Prefer")
        call.session.demand(PERMISSION)
        found = only(call, "_type", "_since", "_outputFormat")
        level = {1: "system", 2: "patient", 3: "group"}[len(call.path)]
        wish = Wish(
            address(call.base, call.path, call.query),
            call.base,
            level,
            types_of(level, found.get("_type", "")),
            datetime.now(UTC),
            since_of(found),
            await _patients(call) if level == "group" else (),
        )
        number = await self._exports.start(wish, call.session.account.name)
        return Answer(202, b"", [(b"content-location", _place(call, number))])

    async def status(self, call: Call) -> Answer:
        """Tell the progress; 200 with the manifest when the files are ready."""
        job = await self._find(call)
        if job.state == "dead":
            raise Problem(job.issues)
        if job.state != "done":
            done = f"{job.done}/{job.total or '?'}".encode()
            return Answer(202, b"", [(b"x-progress", done), (b"retry-after", AGAIN)])
        return Answer(200, encode(_manifest(call, job)), [], MANIFEST)

    async def file(self, call: Call) -> Answer:
        """Stream one file."""
        job = await self._find(call)
        body: AsyncIterator[bytes] | None = self._exports.stream(job, call.path[2])
        if body is None:
            raise problem("N7026")
        return Answer(200, body, [], NDJSON)

    async def end(self, call: Call) -> Answer:
        """Cancel the export, or remove the files of a finished one."""
        job = await self._find(call)
        await self._exports.cancel(job.id)
        return Answer(202)

    async def _find(self, call: Call) -> Job:
        number = call.path[1]
        owner = call.session.account.name
        job = None
        if _NUMBER.fullmatch(number):
            job = await self._exports.find(int(number), owner)
        if job is None:
            raise problem("N7026")
        return job


async def _patients(call: Call) -> tuple[str, ...]:
    """List the ids of the patients in the group."""
    group = decode((await call.session.read("Group", call.path[1])).body)
    references = (m.get("entity", {}).get("reference", "") for m in group.get("member", []))
    return tuple(
        text.removeprefix("Patient/") for text in references if text.startswith("Patient/")
    )


def _manifest(call: Call, job: Job) -> Json:
    wish = msgspec.convert(job.request, Wish)
    place = _place(call, job.id).decode()
    return {
        "transactionTime": instant(wish.until),
        "request": wish.url,
        "requiresAccessToken": True,
        "output": [
            {"type": one.type, "url": f"{place}/{one.type}", "count": one.count}
            for one in msgspec.convert(job.result, Progress).files
            if one.count
        ],
        "error": [],
    }


def _place(call: Call, number: int) -> bytes:
    return f"{call.base}/$export/{number}".encode()


def export(exports: Exports) -> list[Interaction]:
    """Make the interactions."""
    asked = _Asked(exports)
    return [
        Interaction("$export", "GET", "$export", asked.start, (), f"{_DEFINITION}export"),
        Interaction(
            "$export",
            "GET",
            "{type}/$export",
            asked.start,
            (),
            f"{_DEFINITION}patient-export",
            ("Patient",),
        ),
        Interaction(
            "$export",
            "GET",
            "{type}/{id}/$export",
            asked.start,
            (),
            f"{_DEFINITION}group-export",
            ("Group",),
        ),
        Interaction("$export-status", "GET", "$export/{id}", asked.status),
        Interaction("$export-status", "DELETE", "$export/{id}", asked.end),
        Interaction("$export-file", "GET", "$export/{id}/{member}", asked.file),
    ]
