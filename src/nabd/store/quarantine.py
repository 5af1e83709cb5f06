"""What could not be stored: kept whole, with every reason, until somebody decides.

An entry is open until its record was corrected and stored (resolved), or somebody said with a
reason that it is not wanted (discarded). When a later batch brings the same bytes from the same
place again, the older entry is "repeated" and the new one is open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
import zstandard

from nabd.errors import Issue, problem
from nabd.store.connection import Connection

STATES = ("open", "resolved", "discarded", "repeated")


class Rejected(NamedTuple):
    """A record that cannot be stored: as it came, from where, and why."""

    raw: bytes
    source: str
    row: int
    issues: list[Issue]
    type: str = ""
    entry: int = 0
    resources: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the quarantine; ``record`` is only there when a single one is shown."""

    id: int
    batch: int
    source: str
    row: int
    entry: int
    resources: int
    type: str
    state: str
    created: datetime
    changed: datetime
    issues: list[Issue]
    record: bytes = b""


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did with an entry; ``record`` as it was before a correction."""

    at: datetime
    actor: str
    action: str
    reason: str
    issues: list[Issue]
    record: bytes


LISTED = "id, batch, source, row, entry, resources, type, state, created, changed, issues"

REPEAT = """update quarantine q set state = 'repeated', changed = now()
  from unnest($1::bytea[], $2::text[], $3::bigint[], $4::int[]) n (hash, source, row, entry)
  where q.state = 'open' and (q.hash, q.source, q.row, q.entry) =
    (n.hash, n.source, n.row, n.entry) and q.batch <> $5"""

INSERT = """insert into quarantine
    (hash, source, row, entry, batch, resources, type, issues, record)
  select n.hash, n.source, n.row, n.entry, $5, n.resources, n.type, n.issues::jsonb, n.record
  from unnest($1::bytea[], $2::text[], $3::bigint[], $4::int[], $6::int[], $7::text[], $8::text[],
    $9::bytea[]) n (hash, source, row, entry, resources, type, issues, record)"""


async def put(connection: Connection, batch: int, rejected: Iterable[Rejected]) -> None:
    """Keep rejected records in the caller's transaction."""
    entries = list(rejected)
    if not entries:
        return
    place = [
        [_hash(r.raw) for r in entries],
        [r.source for r in entries],
        [r.row for r in entries],
        [r.entry for r in entries],
    ]
    await connection.execute(REPEAT, *place, batch)
    await connection.execute(
        INSERT,
        *place,
        batch,
        [r.resources for r in entries],
        [r.type for r in entries],
        [_issues_text(r.issues) for r in entries],
        [_shut()(r.raw) for r in entries],
    )


async def entries(
    connection: Connection,
    state: str = "open",
    batch: int | None = None,
    source: str | None = None,
    after: int = 0,
    count: int = 50,
) -> list[Entry]:
    """List entries in the order they came; ``after`` is the id of the last one seen."""
    rows = await connection.fetch(
        f"""select {LISTED} from quarantine
            where state = $1 and id > $2 and ($3::int is null or batch = $3)
              and ($4::text is null or source = $4) order by id limit $5""",
        state,
        after,
        batch,
        source,
        count,
    )
    return [_entry(row) for row in rows]


async def show(connection: Connection, number: int) -> Entry:
    """Return one entry with its record; N3018 when there is none of that number."""
    row = await connection.fetchrow(
        f"select {LISTED}, record from quarantine where id = $1", number
    )
    if row is None:
        raise problem("N3018", entry=number)
    return _entry(row, _open(row["record"]))


async def events(connection: Connection, number: int) -> list[Event]:
    """Return what was done with an entry, oldest first."""
    rows = await connection.fetch(
        """select at, actor, action, reason, issues, record from quarantine_event
           where quarantine = $1 order by id""",
        number,
    )
    return [
        Event(**{**row, "issues": _issues(row["issues"]), "record": _open(row["record"] or b"")})
        for row in rows
    ]


async def correct(connection: Connection, number: int, raw: bytes, actor: str, reason: str) -> None:
    """Replace the record of an open entry; what it was before stays in its events."""
    entry = await _locked(connection, number)
    await _event(connection, number, actor, "corrected", reason, [], entry.record)
    await connection.execute(
        "update quarantine set record = $2, hash = $3, changed = now() where id = $1",
        number,
        _shut()(raw),
        _hash(raw),
    )


async def refused(connection: Connection, number: int, actor: str, issues: list[Issue]) -> None:
    """Note that a record was resubmitted and is still wrong, with the reasons of now."""
    await _locked(connection, number)
    await _event(connection, number, actor, "resubmitted", "", issues, None)
    await connection.execute(
        "update quarantine set issues = $2, changed = now() where id = $1",
        number,
        _issues_text(issues),
    )


async def resolve(connection: Connection, number: int, actor: str, unchanged: bool = False) -> None:
    """Close an entry whose record was stored in this transaction; its batch counts it now."""
    entry = await _locked(connection, number)
    await _event(connection, number, actor, "resolved", "", [], None)
    await _close(connection, number, "resolved")
    column = "unchanged" if unchanged else "stored"
    await connection.execute(
        f"""update batch set quarantined = quarantined - $2, {column} = {column} + $2,
            changed = now() where id = $1""",
        entry.batch,
        entry.resources,
    )


async def discard(connection: Connection, number: int, actor: str, reason: str) -> None:
    """Close an entry that is not wanted; it stays in its batch's count, and readable."""
    if not reason.strip():
        raise problem("N3019", entry=number)
    await _locked(connection, number)
    await _event(connection, number, actor, "discarded", reason, [], None)
    await _close(connection, number, "discarded")


async def counts(connection: Connection) -> dict[str, int]:
    """Count the entries by state."""
    rows = await connection.fetch("select state, count(*) from quarantine group by state")
    return dict.fromkeys(STATES, 0) | dict(rows)


async def _locked(connection: Connection, number: int) -> Entry:
    await connection.execute("select from quarantine where id = $1 for update", number)
    entry = await show(connection, number)
    if entry.state != "open":
        raise problem("N3020", entry=number, state=entry.state)
    return entry


async def _event(
    connection: Connection,
    number: int,
    actor: str,
    action: str,
    reason: str,
    issues: list[Issue],
    record: bytes | None,
) -> None:
    await connection.execute(
        """insert into quarantine_event (quarantine, actor, action, reason, issues, record)
           values ($1, $2, $3, $4, $5, $6)""",
        number,
        actor,
        action,
        reason,
        _issues_text(issues),
        None if record is None else _shut()(record),
    )


async def _close(connection: Connection, number: int, state: str) -> None:
    await connection.execute(
        "update quarantine set state = $2, changed = now() where id = $1", number, state
    )


def _entry(row: Any, record: bytes = b"") -> Entry:
    return Entry(**{**row, "issues": _issues(row["issues"]), "record": record})


def _issues(text: str) -> list[Issue]:
    return msgspec.json.decode(text, type=list[Issue])


def _issues_text(issues: list[Issue]) -> str:
    """Write issues as JSON; jsonb cannot hold U+0000, which a broken record may have brought."""
    text = msgspec.json.encode(issues, enc_hook=str).decode()
    return text.replace("\\u0000", "\ufffd")


def _hash(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


@cache
def _shut() -> Any:
    return zstandard.ZstdCompressor(level=9).compress


def _open(record: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(record) if record else b""
