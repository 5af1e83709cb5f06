"""The compartment of a person: all that belongs to it, found by index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from searching import observation, patient, put

from nabd.fhir.search import member_of, parse
from nabd.fhir.search.nodes import any_of
from nabd.store import Store
from nabd.store.connection import Connection
from nabd.store.search import search


async def test_compartments(clinic: Store) -> None:
    async with clinic.read() as connection:
        query = parse("Observation", [], compartment=("Patient", "ada"))
        found = await search(connection, query, None)
        assert sorted(one.id for one in found.matches) == ["pressure", "weight"]
        everything = parse("", []).__class__((), (member_of("Patient", "ada"),))
        found = await search(connection, everything, None)
        assert sorted(one.id for one in found.matches) == ["ada", "pressure", "weight"]


async def test_a_compartment_is_found_by_index_however_many_resources_there_are(
    database: str,
) -> None:
    """A record of three resources is not looked for among all the others."""
    async with store_of(database) as store:
        await put(store, *(patient(f"p{number}") for number in range(3_000)))
        await put(store, observation("one", "1", "p7"), observation("two", "1", "p7"))
        alone, other = (member_of("Patient", id_) for id_ in ("p7", "p8"))
        one = parse("", []).__class__((), (alone,), count=3)
        both = parse("", []).__class__((), (any_of((alone, other)),), count=4)
        async with store.transaction() as connection:
            await connection.execute("analyze resource")
            await connection.execute("set local enable_seqscan = off")  # too few to need an index
            for query, ids_ in ((one, ["one", "p7", "two"]), (both, ["one", "p7", "p8", "two"])):
                before = await rows_read(connection)
                found = await search(connection, query, None)
                assert sorted(match.id for match in found.matches) == ids_
                assert await rows_read(connection) - before < 50


@asynccontextmanager
async def store_of(database: str) -> AsyncIterator[Store]:
    store = await Store.open(database, size=2)
    try:
        yield store
    finally:
        await store.close()


async def rows_read(connection: Connection) -> int:
    read: int = await connection.fetchval(
        "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " from pg_stat_xact_user_tables where relname = 'resource'"
    )
    return read
