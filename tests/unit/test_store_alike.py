"""Looking for the like of a resource by keys: rare ones first, none that half of all share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest_asyncio

from nabd.fhir.search.hashing import term
from nabd.store import Laws, Stamp, Store, Write
from nabd.store.alike import CAP, MOST, alike
from nabd.store.keep import keep

Json = dict[str, Any]


def keys_of(resource: Json) -> Iterable[int]:
    """Make a key of each alias."""
    return [term(name["text"]) for name in resource["name"]]


LAWS = Laws(keys={"Patient": keys_of})


@pytest_asyncio.fixture
async def register(database: str) -> AsyncIterator[Store]:
    """An empty store whose patients have a key for each of their names."""
    store = await Store.open(database, LAWS, size=2)
    yield store
    await store.close()


async def filled(store: Store, *names: tuple[str, str]) -> None:
    """Keep patients: each an id and its keys, apart by blanks."""
    writes = [
        Write("create", "Patient", id_, {"resourceType": "Patient", "id": id_} | named(keys))
        for id_, keys in names
    ]
    async with store.transaction() as connection:
        await keep(connection, LAWS, writes, Stamp("test"))


def named(keys: str) -> Json:
    return {"name": [{"text": one} for one in keys.split()]}


async def found(store: Store, *asked: tuple[str, float]) -> list[str]:
    """Ask for keys, each with its weight; return the ids in their order."""
    async with store.read() as connection:
        weighted = [(term(key), weight) for key, weight in asked]
        (some,) = await alike(connection, "Patient", [weighted], None)
    return [one.stored.id for one in some]


async def test_a_key_that_fewer_share_is_worth_more(register: Store) -> None:
    crowd = [(f"many-{n}", "common") for n in range(8)]
    await filled(register, *crowd, ("few", "rare"), ("both", "rare common"))
    order = await found(register, ("common", 10.0), ("rare", 9.0))
    assert order[:2] == ["both", "few"]  # 9 - log2(2) is more than 10 - log2(9)
    assert set(order[2:]) == {id_ for id_, _ in crowd}


async def test_a_key_that_too_many_share_brings_nobody(register: Store) -> None:
    crowd = [(f"many-{n}", "common") for n in range(CAP)]
    await filled(register, *crowd, ("mate", "rare"))
    order = await found(register, ("common", 20.0), ("rare", 20.0))
    assert order[0] == "mate" and len(order) == MOST
    await filled(register, ("one-more", "common"))
    assert await found(register, ("common", 20.0), ("rare", 20.0)) == ["mate"]


async def test_where_too_many_share_every_key_some_of_them_are_told(register: Store) -> None:
    await filled(register, *[(f"many-{n}", "common") for n in range(3 * CAP)])
    assert len(await found(register, ("common", 20.0), ("nobody", 5.0))) == MOST
    assert await found(register, ("nobody", 5.0)) == []
    assert await found(register) == []


async def test_each_that_is_asked_has_an_answer_of_its_own(register: Store) -> None:
    await filled(register, ("one", "a"), ("two", "b"), *[(f"m-{n}", "c") for n in range(2 * CAP)])
    asked = [[(term(key), 1.0)] for key in ("b", "x", "c", "a")]
    async with register.read() as connection:
        some = await alike(connection, "Patient", asked, None)
    assert [len(one) for one in some] == [1, 0, MOST, 1]
    assert (some[0][0].stored.id, some[3][0].stored.id) == ("two", "one")
