"""The way back out of quarantine: correct a record, and send it through the same path again."""

from __future__ import annotations

from collections.abc import Callable

from nabd.errors import Issue, Problem, problem
from nabd.fhir.json import Json, encode
from nabd.intake.mapping.model import Mapping
from nabd.intake.readers.mapped import is_envelope, remap
from nabd.intake.reading import mapping_text
from nabd.store import Stamp, Store, Write, quarantine
from nabd.store.bulk import Record
from nabd.store.bulk.prepare import Checked, prepare
from nabd.store.connection import Connection
from nabd.store.keep import keep
from nabd.store.quarantine import Entry

Scope = Callable[[Json], tuple[int, ...]]


async def correct(
    store: Store, number: int, raw: bytes, actor: str, reason: str, scope: Scope | None = None
) -> str:
    """Replace the record of an open entry and store it: "stored" or "unchanged".

    When it is still wrong, the correction is kept in the entry, which stays open with the reasons
    of now, and the problem is raised. N3020: the entry is not open any more.
    """
    async with store.transaction() as connection:
        entry = await quarantine.show(connection, number)
        if raw != entry.record:
            await quarantine.correct(connection, number, raw, actor, reason)
    stamp = Stamp(actor, reason, batch=entry.batch)
    try:
        return await store.retrying(lambda c: _keep(c, store, number, stamp, scope))
    except Problem as wrong:
        if any(issue.code == "N3020" for issue in wrong.issues):
            raise
        async with store.transaction() as connection:
            await quarantine.refused(connection, number, actor, wrong.issues)
        raise


async def resubmit(
    store: Store, number: int, stamp: Stamp, scope: Scope | None = None
) -> list[Issue]:
    """Send an open entry through the path again as it is; return what is still wrong with it."""
    async with store.read() as connection:
        entry = await quarantine.show(connection, number)
    try:
        await correct(store, number, entry.record, stamp.actor, stamp.reason, scope)
    except Problem as wrong:
        return wrong.issues
    return []


async def _keep(
    connection: Connection, store: Store, number: int, stamp: Stamp, scope: Scope | None
) -> str:
    entry = await quarantine.show(connection, number)
    if entry.state != "open":
        raise problem("N3020", entry=number, state=entry.state)
    units = _checked(entry, await mapping_text(connection, entry.batch))
    writes = [
        Write("update", c.type, c.id, c.content, scope=scope(c.content) if scope else ())
        for unit in units
        for c in unit.candidates
    ]
    outcomes = await keep(connection, store.laws, writes, stamp)
    unchanged = all(outcome.status == "unchanged" for outcome in outcomes)
    await quarantine.resolve(connection, number, stamp.actor, unchanged)
    return "unchanged" if unchanged else "stored"


def _checked(entry: Entry, mapping: str) -> list[Checked]:
    """Check the record of an entry; raise the problem with every issue of every part."""
    raw = entry.record
    if mapping and is_envelope(raw):
        raw = encode(remap(raw, Mapping.parse(mapping.encode(), f"batch {entry.batch}")))
    units, rejected = prepare([Record(raw, entry.source, entry.row)])
    if rejected:
        raise Problem([issue for one in rejected for issue in one.issues])
    if not units:
        raise problem("N5041")
    return units
