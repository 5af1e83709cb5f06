"""A unit of work: reads and writes of a session inside one transaction.

It sees its own writes.  Its audit entries commit with them, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nabd.access import audit
from nabd.access.audit import Entry
from nabd.access.custodians import keepers
from nabd.access.custody import custodians_of, scope_of_resource
from nabd.access.gather import OPEN
from nabd.access.permit import check_query, check_read, check_write, readable, shape_of
from nabd.access.rules import OPEN_TYPES, may_write
from nabd.errors import problem
from nabd.fhir.search import Query, key, term
from nabd.store import Connection, Outcome, Stamp, Stored, Write
from nabd.store.alike import Alike, Weighted, alike
from nabd.store.follow import follow
from nabd.store.keep import keep
from nabd.store.read import read, read_many, read_version
from nabd.store.search import Result, search

if TYPE_CHECKING:
    from nabd.access.session import Session

LOCKS = 2_048
LOCK = "select pg_advisory_xact_lock(n) from unnest($1::bigint[]) n"

REACHED = """select key, $2::bigint[] is null or terms && $2::bigint[] as writable,
    $2::bigint[] is null or terms && $2::bigint[] or type = any($3::smallint[]) as readable
  from resource where key = any($1::bigint[])"""


class Unit:
    """What ``Session.transaction`` lends to its work."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self.session = session
        self._connection = connection
        self._entries: list[Entry] = []

    @property
    def actor(self) -> str:
        """The name of the account at work."""
        return self.session.account.name

    async def read(self, type_name: str, id_: str) -> Stored:
        """Return the current version; Problem N1001 or N1002 when there is none to be seen."""
        check_read(self.session.role, type_name)
        found = await read(self._connection, type_name, id_)
        shown = found if await self._sees(type_name, id_) else None
        self._note("read", type_name, id_, shown, found)
        return present(shown, type_name, id_)

    async def read_version(self, type_name: str, id_: str, version: int) -> Stored:
        """Return one version, current or superseded; Problem N1001 or N1002 as ``read``."""
        check_read(self.session.role, type_name)
        found = await read_version(self._connection, type_name, id_, version)
        shown = found if await self._sees(type_name, id_) else None
        self._note("vread", type_name, id_, shown, found)
        return present(shown, type_name, id_)

    async def search(self, query: Query) -> Result:
        """Search within the scope and the types of the role."""
        check_query(self.session.role, query)
        found = await search_as(self._connection, query, self.session)
        shown = [key(one.type, one.id) for one in (*found.matches, *found.included)]
        type_name = query.types[0] if len(query.types) == 1 else ""
        who = self.session.who
        self._entries.append(
            Entry(who, "search", type=type_name, shape=shape_of(query), shown=shown)
        )
        return found

    async def alike(self, type_name: str, asked: Sequence[Weighted]) -> list[list[Alike]]:
        """Return for each of ``asked`` what shares its keys, seen or not; audited as one entry.

        What the scope does not reach is told apart, for the caller to keep to itself.
        """
        check_read(self.session.role, type_name)
        found = await alike(self._connection, type_name, asked, self.session.scope)
        shown = {key(type_name, o.stored.id) for some in found for o in some if o.seen}
        self._entries.append(Entry(self.session.who, "match", type=type_name, shown=sorted(shown)))
        return found

    async def read_many(self, type_name: str, ids: Iterable[str]) -> dict[str, Stored]:
        """Return the current versions that there are and the scope reaches, by id."""
        check_read(self.session.role, type_name)
        found = await read_many(self._connection, ((type_name, id_) for id_ in ids))
        reached = await self._reached([key(*pair) for pair in found])
        shown = {number for number, (_, readable) in reached.items() if readable}
        who = self.session.who
        self._entries.append(Entry(who, "read", type=type_name, shown=sorted(shown)))
        return {pair[1]: one for pair, one in found.items() if key(*pair) in shown}

    async def keepers(self, type_name: str, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return by id the Organizations that answer for resources, whoever wrote them down.

        Of what the scope does not reach only who decides on identities is told.
        """
        check_read(self.session.role, type_name)
        found = await keepers(self._connection, type_name, ids)
        reached = await self._reached([key(type_name, id_) for id_ in found])
        self._entries.append(Entry(self.session.who, "query", shape="keepers"))
        return {
            id_: some
            for id_, some in found.items()
            if reached[key(type_name, id_)][1] or self.session.may("identity")
        }

    async def follow(self, reader: str, type_name: str, limit: int) -> list[Stored]:
        """Return what of a type changed since the reader's place, and move it; nationally only."""
        self.session.demand("operations")
        return await follow(self._connection, reader, (type_name,), limit)

    async def rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a named query, as ``Session.rows`` does, within this transaction."""
        named, given = self.session.arranged(query, values)
        self._entries.append(Entry(self.session.who, "query", shape=query))
        return await self._connection.fetch(named.sql, *given)

    async def keep(self, writes: Sequence[Write], through: str = "") -> list[Outcome]:
        """Write all or none, each with the scope terms of its custodians.

        ``through`` names the slice whose operation writes, for the guards of that slice.

        Problem N4016 when one lies, or would then lie, outside of what the account may write;
        N1001 when it cannot even be seen.
        """
        for write in writes:
            check_write(self.session.role, write.type)
        await self._check_reach(writes)
        scoped = await self._scoped(writes)
        outcomes = await keep(self._connection, self.session.laws, scoped, self._stamp(through))
        for write, outcome in zip(writes, outcomes, strict=True):
            action = outcome.status if outcome.status != "unchanged" else write.action
            self._entries.append(Entry(self.session.who, action, type=write.type, id=write.id))
        return outcomes

    async def lock(self, words: Iterable[str]) -> None:
        """Hold a lock on each word until the end, so that equal conditions take turns.

        The words share ``LOCKS`` locks, taken in one order: the server's table of locks is small,
        and a transaction may have ten thousand conditions.
        """
        numbers = sorted({term(word) % LOCKS for word in words})
        if numbers:
            await self._connection.execute(LOCK, numbers)

    async def flush(self) -> None:
        """Write the audit entries; the transaction's last statement."""
        await audit.write(self._connection, self._entries)

    def entries_of(self, sessions: Sequence[Session]) -> list[Entry]:
        """Return the entries, the first as the first session's: each request is named."""
        return [
            entry._replace(who=session.who)
            for entry, session in zip(self._entries, sessions, strict=True)
        ]

    async def _sees(self, type_name: str, id_: str) -> bool:
        if self.session.scope is None:
            return True
        found = await self._reached([key(type_name, id_)])
        return any(readable for _, readable in found.values())

    async def _check_reach(self, writes: Sequence[Write]) -> None:
        """Refuse to change what the scope does not reach; a new resource has nothing to reach."""
        asked = {key(w.type, w.id): w for w in writes if w.action != "create"}
        if self.session.scope is None or not asked:
            return
        for number, (writable, seen) in (await self._reached(list(asked))).items():
            write = asked[number]
            if not writable:
                raise problem("N4016" if seen else "N1001", type=write.type, id=write.id)

    async def _reached(self, keys: list[int]) -> dict[int, tuple[bool, bool]]:
        rows = await self._connection.fetch(REACHED, keys, self.session.scope, OPEN)
        return {row["key"]: (row["writable"], row["readable"]) for row in rows}

    async def _scoped(self, writes: Sequence[Write]) -> list[Write]:
        """Give each write its scope terms; what would leave the account's reach is refused."""
        writer = self.session.place.code if self.session.place.custodian else ""
        ids = {one for w in writes if w.resource for one in custodians_of(w.resource, writer)}
        places = await self.session.custodians.places(self._connection, ids)
        scoped = [
            replace(w, scope=scope_of_resource(w.resource, places, writer) if w.resource else ())
            for w in writes
        ]
        for write in scoped:
            if write.resource is not None and not may_write(self.session.scope, write.scope):
                raise problem("N4016", type=write.type)
        return scoped

    def _stamp(self, through: str) -> Stamp:
        session = self.session
        who = session.who
        return Stamp(session.account.name, who.purpose, who.request, through=through)

    def _note(
        self, action: str, type_name: str, id_: str, shown: Stored | None, found: Stored | None
    ) -> None:
        outcome: audit.Outcome = "done" if shown else "hidden" if found else "absent"
        self._entries.append(Entry(self.session.who, action, outcome, type_name, id_))


async def search_as(connection: Connection, query: Query, session: Session) -> Result:
    """Search with the eyes of a session: its scope and its types are part of the SQL."""
    return await search(
        connection,
        query,
        session.scope,
        open_types=OPEN_TYPES,
        readable=readable(session.role),
    )


def present(found: Stored | None, type_name: str, id_: str) -> Stored:
    """Return what was found; Problem N1001 when nothing was, N1002 when it is deleted."""
    if found is None:
        raise problem("N1001", type=type_name, id=id_)
    if found.deleted:
        raise problem("N1002", type=type_name, id=id_)
    return found
