"""Put what concurrent requests ask into one statement: a group commit for reads and their audit.

While one statement runs, the requests that arrive wait for the next; so the group grows with the
load, and a single request waits for nobody.  One round trip writes the audit entries and reads
the bodies; its commit makes the entries durable before any answer leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from nabd.access import audit
from nabd.access.audit import Entry, Who
from nabd.access.rules import OPEN_TYPES
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search import key as key_of
from nabd.store import Store, Stored
from nabd.store.read import stored

A = TypeVar("A")
B = TypeVar("B")

MOST = 256  # of one group: what one statement answers within some milliseconds
FLIGHTS = 2  # statements at a time: one is answered while the next is sent

OPEN = [TYPE_NUMBER[name] for name in OPEN_TYPES]


class Gather(Generic[A, B]):
    """Collects what is asked, and answers it in groups."""

    def __init__(self, work: Callable[[Sequence[A]], Awaitable[Sequence[B]]]) -> None:
        self._work = work
        self._waiting: list[tuple[A, asyncio.Future[B]]] = []
        self._flights: set[asyncio.Task[None]] = set()

    async def ask(self, one: A) -> B:
        """Ask, together with whoever else asks now."""
        future: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, future))
        if len(self._flights) < FLIGHTS:
            task = asyncio.create_task(self._fly())
            self._flights.add(task)
            task.add_done_callback(self._flights.discard)
        return await future

    async def _fly(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                answers = await self._work([one for one, _ in group])
            except BaseException as error:
                for _, future in group:
                    _settle(future, error)
                if not isinstance(error, Exception):
                    raise
                continue
            for (_, future), answer in zip(group, answers, strict=True):
                if not future.done():
                    future.set_result(answer)


def _settle(future: asyncio.Future[Any], error: BaseException) -> None:
    with suppress(asyncio.InvalidStateError):
        if isinstance(error, Exception):
            future.set_exception(error)
        else:
            future.cancel()


class Wanted(NamedTuple):
    """A read: whose, of what, within which scope."""

    who: Who
    action: str
    type: str
    id: str
    scope: tuple[int, ...] | None


READ = """with asked as materialized (
    select n, a.account, a.role, a.purpose, a.request, a.action, a.type, a.id, a.key,
      r.version, r.updated, r.deleted, r.dictionary, r.body,
      (r.key is not null and (a.scope is null or r.type = any($10::smallint[])
        or r.terms && a.scope::bigint[])) as visible
    from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[],
        $7::text[], $8::bigint[], $9::text[]) with ordinality
      a (account, role, purpose, request, action, type, id, key, scope, n)
    left join resource r on r.key = a.key and r.id = a.id
  ), audited as (
    insert into audit (account, role, purpose, request, action, outcome, type, resource_id, key)
    select account, role, purpose, request, action,
      case when visible then 'done' when version is null then 'absent' else 'hidden' end,
      type, id, key
    from asked
  )
  select n, type, id, version, updated, deleted, dictionary, body from asked where visible"""


def reads(store: Store) -> Gather[Wanted, Stored | None]:
    """Gather reads by id: audited whatever they find, ``None`` outside the scope or absent."""

    async def work(group: Sequence[Wanted]) -> Sequence[Stored | None]:
        columns = [list(column) for column in zip(*map(_columns, group), strict=True)]
        async with store.connection() as connection:
            rows = await connection.fetch(READ, *columns, OPEN)
            bodies = await stored(connection, rows)
        found: list[Stored | None] = [None] * len(group)
        for row, body in zip(rows, bodies, strict=True):
            found[row["n"] - 1] = body
        return found

    return Gather(work)


def audits(store: Store) -> Gather[Entry, None]:
    """Gather audit entries of effects that have no transaction: searches, pages, refusals."""

    async def work(group: Sequence[Entry]) -> Sequence[None]:
        async with store.connection() as connection:
            await audit.write(connection, group)
        return [None] * len(group)

    return Gather(work)


def _columns(one: Wanted) -> tuple[Any, ...]:
    scope = None if one.scope is None else "{" + ",".join(map(str, one.scope)) + "}"
    key = key_of(one.type, one.id)
    return (*one.who, one.action, TYPE_NUMBER[one.type], one.id, key, scope)
