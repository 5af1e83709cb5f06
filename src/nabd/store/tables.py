"""The live tables: every ViewDefinition is a real table, current in the same transaction.

``live.<name>`` has ``key``, ``row`` (the place of the row among those of its resource) and the
view's columns. The table ``live_table`` knows the definition each was made from.
https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/StructureDefinition-ViewDefinition.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from nabd.errors import problem
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import Json, decode, encode_sorted
from nabd.fhir.view import View
from nabd.store.connection import Connection
from nabd.store.read import learn

LOCK = 0x6E616C76  # whoever makes or rebuilds live tables holds this advisory lock
CHUNK = 2_000

Progress = Callable[[str, int, int], None]
"""Told the table's name, the resources done, and their total."""

SLICE_OF_TYPE = """select key, dictionary, body from resource
  where type = $1 and not deleted and key > $2 order by key limit $3"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What ``verify`` found: rows that should not be there, and rows that are missing."""

    table: str
    resources: int
    wrong: int
    missing: int

    @property
    def clean(self) -> bool:
        """Whether the table is what its view says."""
        return not (self.wrong or self.missing)


@cache
def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def columns(view: View) -> list[tuple[str, str]]:
    """Return the columns of the live table of ``view`` with their SQL types."""
    return [("key", "bigint"), ("row", "int"), *view.columns]


async def ensure(connection: Connection, views: Iterable[View]) -> None:
    """Make the tables that are missing or made from another definition, and fill them."""
    stale = await _stale(connection, views)
    if not stale:
        return
    await connection.execute("select pg_advisory_lock($1)", LOCK)
    try:
        for view in await _stale(connection, stale):
            await _make(connection, view)
            await _fill(connection, view, None)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def rebuild(connection: Connection, view: View, progress: Progress | None = None) -> None:
    """Compute all rows again from the resources, chunk by chunk, while others write."""
    await connection.execute("select pg_advisory_lock($1)", LOCK)
    try:
        await _fill(connection, view, progress)
    finally:
        await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def verify(
    connection: Connection, view: View, progress: Progress | None = None
) -> Difference:
    """Compute every row again and compare; call it inside ``store.snapshot()``."""
    total = await _count(connection, view)
    seen = wrong = missing = 0
    last = -(2**63)
    while chunk := await connection.fetch(SLICE_OF_TYPE, TYPE_NUMBER[view.resource], last, CHUNK):
        await learn(connection, chunk)
        first, last = last, chunk[-1]["key"]
        expected = {_frozen(row) for row in _rows(connection, view, chunk)}
        actual = await _actual(connection, view, first, last)
        wrong += len(actual - expected)
        missing += len(expected - actual)
        seen += len(chunk)
        if progress:
            progress(view.name, seen, total)
        await asyncio.sleep(0)
    wrong += len(await _actual(connection, view, last, 2**63 - 1))
    return Difference(view.name, seen, wrong, missing)


async def status(connection: Connection) -> list[Json]:
    """List the live tables: type, state, progress of the last rebuild, rows as estimated."""
    rows = await connection.fetch(
        """select name, type, state, done, total, built,
             coalesce((select reltuples::bigint from pg_class
                       where oid = to_regclass('live.' || quote_ident(name))), 0) as estimate
           from live_table order by name"""
    )
    return [dict(row) for row in rows]


def definition(view: View) -> str:
    """Return the text that says whether a table was made from the same view."""
    return encode_sorted(view.definition).decode()


async def _stale(connection: Connection, views: Iterable[View]) -> list[View]:
    rows = await connection.fetch("select name, definition from live_table where state = 'ready'")
    known = {row["name"]: row["definition"] for row in rows}
    return [view for view in views if known.get(view.name) != definition(view)]


async def _make(connection: Connection, view: View) -> None:
    made = await connection.fetchval("select columns from live_table where name = $1", view.name)
    wanted = [list(column) for column in columns(view)]
    async with connection.transaction():
        if made is None or msgspec.json.decode(made) != wanted:
            await connection.execute(_ddl(view))
        for statement in _indexes(view):
            await connection.execute(statement)
        await connection.execute(
            """insert into live_table (name, type, definition, columns, state)
               values ($1, $2, $3, $4, 'building') on conflict (name) do update
               set type = $2, definition = $3, columns = $4, state = 'building'""",
            view.name,
            TYPE_NUMBER[view.resource],
            definition(view),
            msgspec.json.encode(wanted).decode(),
        )


def _ddl(view: View) -> str:
    table = f"live.{quoted(view.name)}"
    body = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns(view))
    return f"drop table if exists {table}; create table {table} ({body}, primary key (key, row))"


def _indexes(view: View) -> list[str]:
    """Return the indexes that a definition asks for: ``"index": ["site_id, date"]``.

    SQL on FHIR knows no such element; others ignore it.
    """
    found = []
    for wanted in view.definition.get("index", ()):
        names = [name.strip() for name in wanted.split(",")]
        index = quoted("_".join((view.name, *names)))
        listed = ", ".join(map(quoted, names))
        found.append(f"create index if not exists {index} on live.{quoted(view.name)} ({listed})")
    return found


async def _fill(connection: Connection, view: View, progress: Progress | None) -> None:
    total = await _count(connection, view)
    state = "update live_table set state = 'building', done = $2, total = $3 where name = $1"
    done, last = 0, -(2**63)
    while True:
        async with connection.transaction():
            chunk = await connection.fetch(
                SLICE_OF_TYPE + " for share", TYPE_NUMBER[view.resource], last, CHUNK
            )
            await learn(connection, chunk)
            end = chunk[-1]["key"] if chunk else 2**63 - 1
            await _replace(connection, view, (last, end), chunk)
            done += len(chunk)
            await connection.execute(state, view.name, done, total)
        if progress:
            progress(view.name, done, total)
        if not chunk:
            break
        last = end
    await connection.execute(
        "update live_table set state = 'ready', built = now() where name = $1", view.name
    )


async def _replace(
    connection: Connection, view: View, span: tuple[int, int], chunk: list[Any]
) -> None:
    """Delete what the table has of these resources and of none, and insert their rows."""
    table = f"live.{quoted(view.name)}"
    await connection.execute(
        f"""delete from {table} l where key > $1 and key <= $2 and (key = any($3) or not exists
            (select from resource r where r.key = l.key and not r.deleted))""",
        *span,
        [row["key"] for row in chunk],
    )
    names = columns(view)
    places = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    listed = ", ".join(quoted(name) for name, _ in names)
    rows = list(_rows(connection, view, chunk))
    if rows:
        await connection.executemany(f"insert into {table} ({listed}) values ({places})", rows)


def _rows(connection: Connection, view: View, chunk: list[Any]) -> Iterable[tuple[Any, ...]]:
    for record in chunk:
        resource = decode(connection.bodies.open(record["dictionary"], record["body"]))
        for number, row in enumerate(view.rows(resource)):
            yield (record["key"], number, *row)


async def _actual(
    connection: Connection, view: View, first: int, last: int
) -> set[tuple[Any, ...]]:
    listed = ", ".join(quoted(name) for name, _ in columns(view))
    query = f"select {listed} from live.{quoted(view.name)} where key > $1 and key <= $2"
    return {_frozen(tuple(row)) for row in await connection.fetch(query, first, last)}


def _frozen(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


async def _count(connection: Connection, view: View) -> int:
    total: int = await connection.fetchval(
        "select count(*) from resource where type = $1 and not deleted", TYPE_NUMBER[view.resource]
    )
    return total


def view_named(views: Iterable[View], name: str) -> View:
    """Find a registered view; N3011 when there is none of that name."""
    found = next((view for view in views if view.name == name), None)
    if found is None:
        raise problem("N3011", name=name)
    return found
