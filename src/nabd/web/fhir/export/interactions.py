"""Ask for an export, follow it, fetch its files, end it.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import msgspec

from nabd.errors import Problem, problem
from nabd.fhir.json import Json, decode, encode
from nabd.store.jobs import Job
from nabd.web.fhir.bundle import address, instant
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.export.run import Exports, Progress
from nabd.web.fhir.export.wish import Wish, filters_of, since_of, types_of
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import only, repeated
from nabd.web.fhir.posted import operation_parameters

NDJSON = b"application/fhir+ndjson"
MANIFEST = b"application/json"
AGAIN = b"2"  # seconds: Retry-After
PERMISSION = "export"
KNOWN = ("_type", "_typeFilter", "_since", "_outputFormat")
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
        if call.method == "POST":
            call.query = await operation_parameters(call)
        number = await self._exports.start(await _wish(call), call.session.account.name)
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


async def _wish(call: Call) -> Wish:
    """Read what is asked for; a filter that is no search is refused now, not later."""
    level = {1: "system", 2: "patient", 3: "group"}[len(call.path)]
    found = only(call, *KNOWN, *(("patient",) if _names_patients(call, level) else ()))
    found |= repeated(call.query, "_type") | repeated(call.query, "_typeFilter")
    types = types_of(level, found.get("_type", ""))
    filters = filters_of(types, found.get("_typeFilter", ""), call.base)
    members = await _members(call) if level == "group" else ()
    patients = _named(repeated(call.query, "patient").get("patient", ""), members, level)
    return Wish(
        address(call.base, call.path, call.query),
        call.base,
        "group" if patients else level,
        types,
        datetime.now(UTC),
        since_of(found),
        patients or members,
        filters,
    )


def _names_patients(call: Call, level: str) -> bool:
    """Tell whether patients may be named: by POST only, so that no id stands in an address."""
    return call.method == "POST" and level != "system"


def _named(wanted: str, members: tuple[str, ...], level: str) -> tuple[str, ...]:
    """Read ``patient``: ids of patients, of a group only its members."""
    names = [name for name in wanted.split(",") if name]
    ids = tuple(name.removeprefix("Patient/") for name in names)
    if any("/" in id_ for id_ in ids) or (level == "group" and not set(ids) <= set(members)):
        expected = "Patient/…" if level == "patient" else "Patient/… of the group"
        raise problem("N7009", "patient", parameter="patient", expected=expected)
    return ids


async def _members(call: Call) -> tuple[str, ...]:
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
        *_starts(asked),
        Interaction("$export-status", "GET", "$export/{id}", asked.status),
        Interaction("$export-status", "DELETE", "$export/{id}", asked.end),
        Interaction("$export-file", "GET", "$export/{id}/{member}", asked.file),
    ]


def _starts(asked: _Asked) -> Iterator[Interaction]:
    """Make the kick-offs: of the system, of patients, of a group; by GET, and by POST."""
    for method in ("GET", "POST"):
        for shape, name, types in (
            ("$export", "export", ()),
            ("{type}/$export", "patient-export", ("Patient",)),
            ("{type}/{id}/$export", "group-export", ("Group",)),
        ):
            yield Interaction(
                "$export", method, shape, asked.start, (), f"{_DEFINITION}{name}", types
            )
