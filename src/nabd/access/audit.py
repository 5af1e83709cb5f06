"""The audit log: who did what, when, why, and what came of it.

An entry is written in the transaction of its effect; a read's entry commits before the answer
leaves.  It names resources, never what is in them; of a query it keeps the names of the
parameters, never their values.  https://hl7.org/fhir/R4/auditevent.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from nabd.fhir.definitions import TYPE_NAME, TYPE_NUMBER
from nabd.fhir.search import key as key_of
from nabd.store import Connection

Outcome = Literal["done", "absent", "hidden", "refused"]
"""``hidden``: it exists outside the scope, and the answer did not tell so."""


class Who(NamedTuple):
    """Who acts, in which role, why, in which request."""

    account: int
    role: str
    purpose: str
    request: str = ""


class Entry(NamedTuple):
    """One line of the log; ``shown`` are the keys of the resources that a search disclosed."""

    who: Who
    action: str
    outcome: Outcome = "done"
    type: str = ""
    id: str = ""
    shape: str = ""
    shown: Sequence[int] = ()


class Access(NamedTuple):
    """One line of the log as it is shown."""

    at: datetime
    account: str
    role: str
    purpose: str
    action: str
    outcome: str
    type: str
    id: str
    shape: str
    request: str


INSERT = """insert into audit
    (account, role, purpose, request, action, outcome, type, resource_id, key, shape, shown)
  select account, role, purpose, request, action, outcome, type, resource_id, key, shape,
    shown::bigint[]
  from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::smallint[], $8::text[], $9::bigint[], $10::text[], $11::text[])
    n (account, role, purpose, request, action, outcome, type, resource_id, key, shape, shown)"""

SELECT = """select u.id as number, u.at, coalesce(a.name, '') as account, u.role, u.purpose,
    u.action, u.outcome, u.type, u.resource_id, u.shape, u.request
  from audit u left join account a on a.id = u.account
  where {where} and ($2::bigint is null or u.id < $2) order by u.id desc limit $3"""

BY_RESOURCE = "(u.key = $1 or u.shown @> array[$1::bigint])"
BY_ACCOUNT = "u.account = $1::int"
BY_ANYTHING = "$1::int is null"


async def write(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write entries in the connection's transaction."""
    if entries:
        await connection.execute(INSERT, *map(list, zip(*map(_row, entries), strict=True)))


async def of_resource(
    connection: Connection, type_name: str, id_: str, count: int = 100, before: int | None = None
) -> tuple[list[Access], int | None]:
    """List who accessed a resource, newest first, and the place where the next page begins."""
    return await _select(connection, BY_RESOURCE, key_of(type_name, id_), count, before)


async def of_account(
    connection: Connection, account: int | None, count: int = 100, before: int | None = None
) -> tuple[list[Access], int | None]:
    """List what an account did, newest first; ``None`` lists everybody."""
    where = BY_ANYTHING if account is None else BY_ACCOUNT
    return await _select(connection, where, account, count, before)


async def _select(
    connection: Connection, where: str, value: int | None, count: int, before: int | None
) -> tuple[list[Access], int | None]:
    rows = await connection.fetch(SELECT.format(where=where), value, before, count)
    following = rows[-1]["number"] if len(rows) == count else None
    return [_access(row) for row in rows], following


def _access(row: Any) -> Access:
    values = dict(row)
    del values["number"]
    values["type"] = TYPE_NAME.get(values["type"], "")
    values["id"] = values.pop("resource_id")
    return Access(**values)


def _row(entry: Entry) -> tuple[Any, ...]:
    key = key_of(entry.type, entry.id) if entry.id else None
    shown = "{" + ",".join(map(str, entry.shown)) + "}"
    number = TYPE_NUMBER.get(entry.type)
    return (
        *entry.who,
        entry.action,
        entry.outcome,
        number,
        entry.id,
        key,
        entry.shape,
        shown,
    )
