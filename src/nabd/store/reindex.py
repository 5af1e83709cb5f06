"""Compute what search keeps again, from the bodies: to prove it right, or to mend it.

A new version of Nabd may index more than the one that wrote a resource did.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nabd.fhir.json import decode
from nabd.fhir.search import Index
from nabd.store.bulk.copying import copy_index
from nabd.store.connection import Connection
from nabd.store.database import Store
from nabd.store.read import learn
from nabd.store.row import indexed, scope_of, scoped
from nabd.store.values import Keys
from nabd.store.written import INDEX_TABLES, VOCABULARY

CHUNK = 2_000

Progress = Callable[[int, int], None]
"""Told the resources done, and their total."""

SLICE = """select key, dictionary, body, terms from resource
  where not deleted and key > $1 order by key limit $2"""
TERMS = """update resource r set terms = n.terms::bigint[]
  from unnest($1::bigint[], $2::text[]) n (key, terms)
  where r.key = n.key and r.terms <> n.terms::bigint[]"""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many resources were seen, and how many of them search does not know rightly."""

    resources: int
    wrong: int

    @property
    def clean(self) -> bool:
        """Whether every row of the index is what its resource says."""
        return self.wrong == 0


async def verify(
    connection: Connection, keys: Mapping[str, Keys], progress: Progress | None = None
) -> Difference:
    """Compare all index rows and terms with a new index; call it inside ``store.snapshot()``."""
    total = await connection.fetchval("select count(*) from resource where not deleted")
    seen = wrong = 0
    async for chunk, span in _chunks(connection):
        actual = await _actual(connection, span)
        for row in chunk:
            expected = _index(connection, row, keys)
            terms = scoped(expected.terms, scope_of(row["terms"]))
            wrong += terms != row["terms"] or _rows(expected) != actual.pop(row["key"], _NONE)
        wrong += len(actual)
        seen += len(chunk)
        if progress:
            progress(seen, total)
    return Difference(seen, wrong)


async def rebuild(store: Store, progress: Progress | None = None) -> None:
    """Write all index rows again, chunk by chunk, while others write; versions stay as they are."""
    async with store.connection() as connection:
        total = await connection.fetchval("select count(*) from resource where not deleted")
        done, last = 0, -(2**63)
        while True:
            async with connection.transaction():
                rows = await connection.fetch(SLICE + " for update", last, CHUNK)
                await learn(connection, rows)
                end = rows[-1]["key"] if rows else 2**63 - 1
                await _rewrite(connection, rows, (last, end), store.laws.keys)
            done, last = done + len(rows), end
            if progress:
                progress(done, total)
            if not rows:
                return


async def _rewrite(
    connection: Connection, rows: list[Any], span: tuple[int, int], keys: Mapping[str, Keys]
) -> None:
    found = [(row["key"], _index(connection, row, keys)) for row in rows]
    for table, _, _ in INDEX_TABLES:
        await connection.execute(
            f"""delete from {table} v where key > $1 and key <= $2 and (key = any($3) or not exists
                (select from resource r where r.key = v.key and not r.deleted))""",
            *span,
            [key for key, _ in found],
        )
    await copy_index(connection, found)
    terms = [
        scoped(one.terms, scope_of(r["terms"])) for (_, one), r in zip(found, rows, strict=True)
    ]
    texts = {text for _, one in found for text in one.texts}
    if texts:
        values = map(list, zip(*texts, strict=True))
        await connection.execute(VOCABULARY.format("$1", "$2", "$3"), *values)
    literals = ["{" + ",".join(map(str, one)) + "}" for one in terms]
    await connection.execute(TERMS, [key for key, _ in found], literals)


async def _chunks(connection: Connection) -> AsyncIterator[tuple[list[Any], tuple[int, int]]]:
    """Walk all resources by key; the last span, without resources, reaches to the end."""
    last = -(2**63)
    while rows := await connection.fetch(SLICE, last, CHUNK):
        await learn(connection, rows)
        yield rows, (last, rows[-1]["key"])
        last = rows[-1]["key"]
    yield [], (last, 2**63 - 1)


def _index(connection: Connection, row: Any, keys: Mapping[str, Keys]) -> Index:
    return indexed(decode(connection.bodies.open(row["dictionary"], row["body"])), keys)


_NONE: dict[str, list[Any]] = {table: [] for table, _, _ in INDEX_TABLES}


def _rows(one: Index) -> dict[str, list[Any]]:
    return {table: sorted(getattr(one, name), key=repr) for table, name, _ in INDEX_TABLES}


async def _actual(connection: Connection, span: tuple[int, int]) -> dict[int, dict[str, list[Any]]]:
    found: dict[int, dict[str, list[Any]]] = {}
    for table, _, kinds in INDEX_TABLES:
        names = ", ".join(name for name, _ in kinds)
        query = f"select key, {names} from {table} where key > $1 and key <= $2"
        for row in await connection.fetch(query, *span):
            rows = found.setdefault(row["key"], {name: [] for name in _NONE})
            rows[table].append(tuple(row)[1:])
    return {
        key: {name: sorted(some, key=repr) for name, some in rows.items()}
        for key, rows in found.items()
    }
