"""The quarantine: broken records, whole, with every reason, until somebody decides.

A record that cannot be read tells no place that it belongs to, so only an account whose scope is
the whole country sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from nabd import intake
from nabd.access.custodians import batch_scope
from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import Problem, problem
from nabd.slices import queries
from nabd.store import quarantine
from nabd.store.quarantine import STATES, Entry, Event
from nabd.web.console.audit import whole
from nabd.web.console.endpoint import signed_in
from nabd.web.console.forms import Wrong, require, said
from nabd.web.console.listing import listing_routes
from nabd.web.console.visit import Visit

COUNT = 50
MOST_SHOWN = 512 * 1024
PATH = "/quality/quarantine"
COLUMNS = (
    Column("id", msgid("Entry"), "number"),
    Column("batch", msgid("Batch"), "number"),
    Column("source", msgid("Source"), "text"),
    Column("row", msgid("Row"), "number"),
    Column("type", msgid("Type"), "code"),
    Column("state", msgid("State"), "code"),
    Column("created", msgid("Since"), "moment"),
    Column("codes", msgid("Reasons"), "code"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Entries of one state."""

    state: str
    states: Mapping[str, int]
    batch: int | None
    entries: Sequence[Entry]
    following: int | None


def routes() -> Iterator[Route]:
    """Yield the routes of the quarantine."""
    yield from listing_routes(PATH, listed, "quality")
    yield Route(f"{PATH}/{{id:int}}", signed_in(one, "quality"))
    yield Route(f"{PATH}/{{id:int}}/correct", signed_in(correct, "quality"), methods=["POST"])
    yield Route(f"{PATH}/{{id:int}}/discard", signed_in(discard, "quality"), methods=["POST"])


async def listed(visit: Visit) -> Page:
    """List the entries of a state, of all batches or of one."""
    _national(visit)
    asked = visit.request.query_params
    state = asked.get("state", "open")
    state = state if state in STATES else "open"
    batch, after = whole(asked.get("batch", "")), whole(asked.get("after", "")) or 0
    async with visit.store.read() as connection:
        found = await quarantine.entries(connection, state, batch, after=after, count=COUNT)
        states = await quarantine.counts(connection)
    following = found[-1].id if len(found) == COUNT else None
    rows = [_row(entry) for entry in found]
    context = Listed(state, states, batch, found, following)
    return Page("quarantine.html", msgid("Quarantine"), context, Table(COLUMNS, rows))


def _row(entry: Entry) -> dict[str, object]:
    codes = " ".join(sorted({issue.code for issue in entry.issues}))
    own = {column.name: getattr(entry, column.name) for column in COLUMNS[:-1]}
    return {**own, "codes": codes}


async def one(visit: Visit) -> Response:
    """Show an entry with its record, its reasons, and what was done with it."""
    return await _shown(visit, [])


async def correct(visit: Visit) -> Response:
    """Store the corrected record, or say what is still wrong with it; nothing is lost."""
    _national(visit)
    posted = await visit.form()
    number = visit.request.path_params["id"]
    raw = posted.get("record", "").encode()
    try:
        require(posted, "record", "reason")
        async with visit.store.read() as connection:
            scope = await batch_scope(connection, queries())
        name, reason = visit.someone.account.name, posted["reason"].strip()
        status = await intake.correct(visit.store, number, raw, name, reason, scope)
    except Problem as wrong:
        issues = said(wrong.issues, visit.language, "record")
        return await _shown(visit, issues, posted, wrong.status)
    await visit.someone.note("correct-quarantined", shape=str(number))
    return visit.go(f"{PATH}/{number}", "unchanged" if status == "unchanged" else "corrected")


async def discard(visit: Visit) -> Response:
    """Discard a record that is not wanted, with the reason why."""
    _national(visit)
    posted = await visit.form()
    number = visit.request.path_params["id"]
    try:
        require(posted, "why")
        async with visit.store.transaction() as connection:
            name = visit.someone.account.name
            await quarantine.discard(connection, number, name, posted["why"].strip())
    except Problem as wrong:
        return await _shown(visit, said(wrong.issues, visit.language, "why"), posted, wrong.status)
    await visit.someone.note("discard-quarantined", shape=str(number))
    return visit.go(f"{PATH}/{number}", "discarded")


async def _shown(
    visit: Visit, wrong: Wrong, posted: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    _national(visit)
    number = visit.request.path_params["id"]
    async with visit.store.read() as connection:
        entry = await quarantine.show(connection, number)
        events: list[Event] = await quarantine.events(connection, number)
    await visit.someone.note("show-quarantined", shape=str(number))
    context = {
        "entry": entry,
        "events": events,
        "reasons": said(entry.issues, visit.language, ""),
        "text": (posted or {}).get("record") or readable(entry.record),
        "posted": posted or {},
        "wrong": wrong,
    }
    return visit.show("quarantined.html", context, status)


def readable(record: bytes) -> str:
    """Write a record so that a person can correct it: JSON indented, anything else as it came."""
    shown = record[:MOST_SHOWN]
    with suppress(msgspec.DecodeError):  # no JSON, or cut: as it came
        shown = msgspec.json.format(shown, indent=2)
    return shown.decode("utf-8", "replace")


def _national(visit: Visit) -> None:
    if visit.someone.place.kind != "national":
        raise problem("N7506")
