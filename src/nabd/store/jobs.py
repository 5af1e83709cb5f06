"""Work that outlives a request: exports, rebuilds. A queue of rows, safe against any crash.

A runner claims a job with ``FOR UPDATE SKIP LOCKED`` and a lease that it prolongs; a runner that
is silent longer than its lease is taken for dead, and its job is claimed again. A job that fails
is tried again after a growing pause, and is "dead" after :data:`ATTEMPTS`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import msgspec

from nabd.errors import Issue, problem
from nabd.fhir.json import Json
from nabd.store.connection import Connection

ATTEMPTS = 5
LEASE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Job:
    """One job; ``done`` of ``total`` is its progress."""

    id: int
    kind: str
    state: str
    attempts: int
    created: datetime
    due: datetime
    finished: datetime | None
    done: int
    total: int
    request: Json
    result: Json
    issues: list[Issue]
    owner: str


COLUMNS = ", ".join(field.name for field in fields(Job))

CLAIM = f"""update job set state = 'running', attempts = attempts + 1,
    lease = now() + $2 * interval '1 second'
  where id = (select id from job where kind = any($1) and due <= now()
      and (state = 'ready' or (state = 'running' and lease < now()))
    order by due, id for update skip locked limit 1)
  returning {COLUMNS}"""

FAIL = f"""update job set issues = $3, lease = null,
    state = case when attempts >= {ATTEMPTS} then 'dead' else 'ready' end,
    finished = case when attempts >= {ATTEMPTS} then now() end,
    due = now() + least(3600, $4 * 2 ^ attempts) * interval '1 second'
  where id = $1 and attempts = $2 and state = 'running'"""


async def submit(connection: Connection, kind: str, request: Json, owner: str = "") -> Job:
    """Add a job, to be run as soon as the caller's transaction commits."""
    return _job(
        await connection.fetchrow(
            f"insert into job (kind, request, owner) values ($1, $2, $3) returning {COLUMNS}",
            kind,
            msgspec.json.encode(request).decode(),
            owner,
        )
    )


async def claim(connection: Connection, kinds: list[str], lease: float = LEASE) -> Job | None:
    """Take the job that has waited longest, if any; nobody else gets it during the lease."""
    row = await connection.fetchrow(CLAIM, kinds, lease)
    return None if row is None else _job(row)


async def beat(
    connection: Connection, job: Job, done: int, total: int, result: Json, lease: float = LEASE
) -> bool:
    """Prolong the lease and tell the progress; false when the job is no longer this runner's."""
    status = await connection.execute(
        """update job set lease = now() + $5 * interval '1 second', done = $3, total = $4,
           result = $6 where id = $1 and attempts = $2 and state = 'running'""",
        job.id,
        job.attempts,
        done,
        total,
        lease,
        msgspec.json.encode(result).decode(),
    )
    return status.endswith(" 1")


async def complete(connection: Connection, job: Job, result: Json) -> bool:
    """Close a job that succeeded; false when it was no longer this runner's."""
    status = await connection.execute(
        """update job set state = 'done', finished = now(), lease = null, result = $3,
           done = total where id = $1 and attempts = $2 and state = 'running'""",
        job.id,
        job.attempts,
        msgspec.json.encode(result).decode(),
    )
    return status.endswith(" 1")


async def fail(connection: Connection, job: Job, issues: list[Issue], pause: float = 1.0) -> None:
    """Note why a job failed; it is due again after ``pause`` · 2^attempts seconds, or dead."""
    text = msgspec.json.encode(issues, enc_hook=str).decode()
    await connection.execute(FAIL, job.id, job.attempts, text, pause)


async def cancel(connection: Connection, number: int) -> bool:
    """Stop a job; its runner learns it at the next heartbeat."""
    status = await connection.execute(
        """update job set state = 'cancelled', finished = now(), lease = null
           where id = $1 and state in ('ready', 'running')""",
        number,
    )
    return status.endswith(" 1")


async def show(connection: Connection, number: int) -> Job:
    """Return a job; N3021 when there is none of that number."""
    row = await connection.fetchrow(f"select {COLUMNS} from job where id = $1", number)
    if row is None:
        raise problem("N3021", job=number)
    return _job(row)


async def recent(connection: Connection, count: int = 50) -> list[Job]:
    """List the newest jobs."""
    rows = await connection.fetch(f"select {COLUMNS} from job order by id desc limit $1", count)
    return [_job(row) for row in rows]


def _job(row: Any) -> Job:
    values = dict(row)
    values["issues"] = msgspec.json.decode(row["issues"], type=list[Issue])
    for name in ("request", "result"):
        values[name] = msgspec.json.decode(row[name])
    return Job(**values)
