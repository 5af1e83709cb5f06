"""A session: the only way to health data for the web and the slices.

Every call asks the role (what), the scope (where), and leaves an audit entry (who, what, why).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import uuid4

from nabd.access.accounts import Account
from nabd.access.audit import Entry, Who
from nabd.access.custodians import Custodians
from nabd.access.desk import Desk
from nabd.access.gather import Wanted
from nabd.access.permit import (
    check_permission,
    check_query,
    check_read,
    may,
    reads_everything,
    shape_of,
)
from nabd.access.queries import NamedQuery
from nabd.access.rules import OPEN_TYPES, ROLES, scope_of
from nabd.access.unit import Unit, present, search_as
from nabd.errors import Problem, problem
from nabd.fhir.json import Json, decode
from nabd.fhir.search import Query, key
from nabd.store import Laws, Outcome, Page, Stored, Write, census, settings
from nabd.store.alike import Alike, Weighted, alike
from nabd.store.history import history
from nabd.store.search import Result

T = TypeVar("T")
COUNTS_SECONDS = 60.0
PRESENCE_SECONDS = 600.0


class Session:
    """One account at work, for one purpose, in one request."""

    def __init__(self, desk: Desk, account: Account, purpose: str = "", request: str = "") -> None:
        self._desk = desk
        self.account = account
        self.role = ROLES[account.role]
        self.place = account.place
        self.scope = scope_of(account.place)
        self.purpose = purpose or self.role.purpose
        self.who = Who(account.number, account.role, self.purpose, request)

    @property
    def laws(self) -> Laws:
        """What the slices demand of the store."""
        return self._desk.store.laws

    @property
    def custodians(self) -> Custodians:
        """Where facilities lie."""
        return self._desk.custodians

    def may(self, permission: str) -> bool:
        """Say whether the account has a permission of ``rules.PERMISSIONS``."""
        return may(self.role, self.place, permission)

    def demand(self, permission: str) -> None:
        """Raise Problem N4014 or N4028 when the account has no such permission."""
        check_permission(self.role, self.place, permission)

    async def read(self, type_name: str, id_: str) -> Stored:
        """Return the current version; N1001 when it is absent or out of sight, N1002 deleted."""
        await self._allow("read", type_name, id_)
        wanted = Wanted(self.who, "read", type_name, id_, self.scope)
        return present(await self._desk.reads.ask(wanted), type_name, id_)

    async def read_version(self, type_name: str, id_: str, version: int) -> Stored:
        """Return one version, current or superseded; problems as in ``read``."""
        await self._allow("vread", type_name, id_)
        return await self.transaction(lambda unit: unit.read_version(type_name, id_, version))

    async def history(
        self,
        type_name: str | None = None,
        id_: str | None = None,
        since: datetime | None = None,
        at: tuple[datetime, datetime] | None = None,
        count: int = 100,
        cursor: str = "",
    ) -> Page:
        """Return a page of versions, newest first, of what the scope reaches."""
        if type_name is not None:
            await self._allow("history", type_name, id_ or "")
        elif not reads_everything(self.role):
            raise problem("N4015", type="*", role=self.role.name)
        async with self._desk.store.read() as connection:
            page = await history(
                connection, type_name, id_, since, at, count, cursor, self.scope, OPEN_TYPES
            )
        shown = list(dict.fromkeys(key(one.type, one.id) for one in page.entries))
        await self.note("history", type_name or "", id_ or "", shown=shown)
        if id_ and not page.entries and not cursor and since is None and at is None:
            raise problem("N1001", type=type_name, id=id_)
        return page

    async def search(self, query: Query) -> Result:
        """Search within the scope and the types of the role."""
        type_name = query.types[0] if len(query.types) == 1 else ""
        try:
            check_query(self.role, query)
        except Problem:
            await self.note("search", type_name, outcome="refused", shape=shape_of(query))
            raise
        store = self._desk.store
        async with store.snapshot() if query.in_steps else store.read() as connection:
            found = await search_as(connection, query, self)
        shown = [key(one.type, one.id) for one in (*found.matches, *found.included)]
        await self.note("search", type_name, shape=shape_of(query), shown=shown)
        return found

    async def alike(self, type_name: str, keys: Weighted) -> list[Alike]:
        """Return what shares keys, most promising first, seen or not.

        What the scope does not reach is told apart, for the caller to keep to itself.
        """
        await self._allow("match", type_name, "")
        async with self._desk.store.read() as connection:
            (found,) = await alike(connection, type_name, [keys], self.scope)
        shown = [key(type_name, one.stored.id) for one in found if one.seen]
        await self.note("match", type_name, shown=shown)
        return found

    async def create(self, resource: Json, id_: str = "") -> Outcome:
        """Keep a checked resource under a new id, or under ``id_`` where nothing is yet."""
        type_name = resource["resourceType"]
        if id_:
            return await self._one(Write("create", type_name, id_, resource))
        write = Write("create", type_name, new_id(), resource)
        answer = await self._desk.creates.ask((self, write))
        if isinstance(answer, Exception):
            await self.note("create", type_name, outcome="refused")
            raise answer
        return answer

    async def update(self, resource: Json, if_match: int | None = None) -> Outcome:
        """Make or replace the checked resource that has its id."""
        type_name, id_ = resource["resourceType"], resource["id"]
        return await self._one(Write("update", type_name, id_, resource, if_match))

    async def patch(
        self,
        type_name: str,
        id_: str,
        change: Callable[[Json], Json],
        if_match: int | None = None,
    ) -> Outcome:
        """Replace a resource by what ``change`` makes of it; nobody writes in between."""

        async def work(unit: Unit) -> Outcome:
            await unit.lock([f"{type_name}/{id_}"])
            old = await unit.read(type_name, id_)
            write = Write(
                "update", type_name, id_, change(decode(old.body)), if_match or old.version
            )
            return (await unit.keep([write]))[0]

        return await self.transaction(work)

    async def delete(self, type_name: str, id_: str, if_match: int | None = None) -> Outcome:
        """Leave a tombstone."""
        return await self._one(Write("delete", type_name, id_, None, if_match))

    async def transaction(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction, again when another writer was faster; audited in it."""

        async def audited(connection: Any) -> T:
            unit = Unit(self, connection)
            result = await work(unit)
            await unit.flush()
            return result

        return await self._desk.store.retrying(audited)

    async def rows(self, query: str, **values: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a named query on live tables, within the account's place."""
        named, given = self.arranged(query, values)
        async with self._desk.store.read() as connection:
            rows = await connection.fetch(named.sql, *given)
        await self.note("query", shape=query)
        return rows

    async def figures(self, query: str, old: float = 0.0, **values: Any) -> list[Mapping[str, Any]]:
        """Return the same as ``rows``, from memory while nobody writes: for dear aggregates.

        While somebody does, an answer may be ``old`` seconds old; then the page says its time.
        """
        named, given = self.arranged(query, values)
        async with self._desk.store.read() as connection:
            rows = await self._desk.remembered.rows(connection, named.sql, given, old)
        await self.note("query", shape=query)
        return rows

    async def counts(self) -> list[Mapping[str, Any]]:
        """Return how many resources of each type the account can find, at most a minute old.

        Columns: ``type`` (its number), ``resources``, ``counted`` (when).
        """
        self.demand("resources")
        statement = census.by_type(self.role.reads, self.scope, OPEN_TYPES)
        return await self._counted("count", statement, COUNTS_SECONDS)

    async def presence(self, types: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return how many resources of each batch have what, at most ten minutes old.

        Columns: ``batch``, ``source``, ``type``, ``bits`` (of search parameters), ``resources``,
        ``counted`` (when).  Only counts: for those who see to the quality of data.
        """
        self.demand("quality")
        statement = census.presence(types, self.scope)
        return await self._counted("presence", statement, PRESENCE_SECONDS)

    async def _counted(
        self, shape: str, statement: census.Statement, seconds: float
    ) -> list[Mapping[str, Any]]:
        async with self._desk.store.read() as connection:
            rows = await self._desk.remembered.rows(connection, *statement, old=seconds)
        await self.note("query", shape=shape)
        return rows

    def arranged(self, query: str, values: Mapping[str, Any]) -> tuple[NamedQuery, list[Any]]:
        """Return a named query with its values in order, the place of the account among them."""
        named = self._desk.queries.get(query)
        if named is None:
            raise problem("N4027", name=query)
        self.demand(named.permission)
        places = None if self.place.kind in ("national", "facility") else [self.place.code]
        return named, named.arrange(values, places, self.place.custodian)

    async def setting(self, name: str) -> Any:
        """Return a value that the deployment keeps, as it was within the last half minute."""
        return await self._desk.settings.read(name)

    async def set(self, name: str, value: Any, permission: str) -> None:
        """Keep a value of the deployment; needs ``permission``, and is audited."""
        self.demand(permission)
        async with self._desk.store.transaction() as connection:
            await settings.write(connection, name, value)
        self._desk.settings.forget()
        await self.note("set", shape=name)

    async def note(
        self,
        action: str,
        type_name: str = "",
        id_: str = "",
        outcome: Literal["done", "absent", "hidden", "refused"] = "done",
        shape: str = "",
        shown: list[int] | None = None,
    ) -> None:
        """Write an audit entry of something that has no transaction of its own."""
        entry = Entry(self.who, action, outcome, type_name, id_, shape, shown or ())
        await self._desk.audits.ask(entry)

    async def _one(self, write: Write) -> Outcome:
        async def work(unit: Unit) -> Outcome:
            return (await unit.keep([write]))[0]

        try:
            return await self.transaction(work)
        except Problem:
            await self.note(write.action, write.type, write.id, "refused")
            raise

    async def _allow(self, action: str, type_name: str, id_: str) -> None:
        try:
            check_read(self.role, type_name)
        except Problem:
            await self.note(action, type_name, id_, "refused")
            raise


def new_id() -> str:
    """Make an id for a resource that brings none."""
    return str(uuid4())
