"""The store against a model in memory: any order of writes leaves the same past and present."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nabd.errors import Problem
from nabd.fhir.json import decode, encode
from nabd.store import Stamp, Store, Write, reindex, tables
from nabd.store.bulk import Record, load
from nabd.store.feed import changes
from nabd.store.history import history
from nabd.store.keep import keep
from nabd.store.read import read, read_version
from nabd.store.server import Server
from unit import store_laws

LAWS = store_laws.laws()
STAMP = Stamp("tester")
IDS = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["Patient", "Encounter"])
FAMILIES = st.lists(st.sampled_from(["Alami", "Idrissi", "É", "ب"]), max_size=3)

Json = dict[str, Any]
Name = tuple[str, str]


def resource_of(name: Name, families: list[str]) -> Json:
    """Make a valid resource that differs with ``families``."""
    resource: Json = {"resourceType": name[0], "id": name[1]}
    if name[0] == "Patient":
        return resource | ({"name": [{"family": f} for f in families]} if families else {})
    status = ["planned", "arrived", "triaged", "finished"][len(families)]
    return resource | {"status": status, "class": {"code": "AMB"}}


def content(body: bytes) -> Json:
    """Return what the writer wrote: the body without what the store sets."""
    found: Json = decode(body)
    meta = found.pop("meta")
    assert set(meta) == {"versionId", "lastUpdated"}
    return found


class Model(RuleBasedStateMachine):
    """Each resource is a list of versions; ``None`` is a tombstone."""

    postgres: Server
    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.past: dict[Name, list[Json | None]] = {}
        self.order: list[tuple[str, str, int]] = []
        self.store: Store = self.do(Store.open(self.database(), LAWS, size=3))

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def database(self) -> str:
        async def make() -> None:
            connection = await asyncpg.connect(self.postgres.dsn())
            await connection.execute("drop database if exists nabd_model with (force)")
            await connection.execute(
                "create database nabd_model template nabd_template strategy file_copy"
            )
            await connection.close()

        self.do(make())
        return self.postgres.dsn("nabd_model")

    def teardown(self) -> None:
        async def end() -> None:
            async with self.store.snapshot() as connection:
                for view in LAWS.views:
                    assert (await tables.verify(connection, view)).clean
                assert (await reindex.verify(connection, {})).clean
            await self.store.close()

        self.do(end())

    def expect(self, name: Name, new: Json | None) -> str:
        """Say what a write must answer, and note its version."""
        versions = self.past.setdefault(name, [])
        now = versions[-1] if versions else None
        if new == now:
            return "unchanged"
        versions.append(new)
        self.order.append((*name, len(versions)))
        return "deleted" if new is None else "created" if now is None else "updated"

    @rule(writes=st.dictionaries(st.tuples(TYPES, IDS), FAMILIES, min_size=1, max_size=4))
    def update(self, writes: dict[Name, list[str]]) -> None:
        wishes = [Write("update", *n, resource_of(n, f)) for n, f in writes.items()]
        outcomes = self.do(self.store.retrying(lambda c: keep(c, LAWS, wishes, STAMP)))
        expected = [self.expect(n, resource_of(n, f)) for n, f in writes.items()]
        assert [o.status for o in outcomes] == expected

    @rule(name=st.tuples(TYPES, IDS))
    def delete(self, name: Name) -> None:
        wish = [Write("delete", *name)]
        try:
            [outcome] = self.do(self.store.retrying(lambda c: keep(c, LAWS, wish, STAMP)))
        except Problem as found:
            assert [one.code for one in found.issues] == ["N1001"]
            assert name not in self.past
        else:
            assert outcome.status == self.expect(name, None)

    @rule(name=st.tuples(TYPES, IDS), families=FAMILIES, version=st.integers(0, 6))
    def update_if_match(self, name: Name, families: list[str], version: int) -> None:
        new = resource_of(name, families)
        wish = [Write("update", *name, new, if_match=version)]
        current = len(self.past.get(name, []))
        try:
            [outcome] = self.do(self.store.retrying(lambda c: keep(c, LAWS, wish, STAMP)))
        except Problem as found:
            assert [one.code for one in found.issues] == ["N3010"]
            assert version != current
        else:
            assert version == current
            assert outcome.status == self.expect(name, new)

    @rule(
        some=st.lists(st.tuples(st.tuples(TYPES, IDS), FAMILIES), min_size=1, max_size=6),
        broken=st.booleans(),
    )
    def load(self, some: list[tuple[Name, list[str]]], broken: bool) -> None:
        records = [Record(encode(resource_of(*one)), "s", n) for n, one in enumerate(some, 1)]
        records += [Record(b"{", "s", len(records) + 1)] if broken else []
        done = self.do(load(self.store, records, source="s", actor="tester"))
        before = len(self.order)
        for name, families in some:
            self.expect(name, resource_of(name, families))
        new = len(self.order) - before
        assert (done.stored, done.unchanged, done.quarantined) == (new, len(some) - new, broken)

    @rule(names=st.lists(st.tuples(TYPES, IDS), min_size=2, max_size=3, unique=True))
    def fail_whole(self, names: list[Name]) -> None:
        """A transaction whose last write is refused leaves nothing of the others."""
        *first, last = names
        wishes = [Write("update", *n, resource_of(n, ["Alami"])) for n in first]
        wishes.append(Write("update", *last, resource_of(last, []), if_match=99))
        with pytest.raises(Problem):
            self.do(self.store.retrying(lambda c: keep(c, LAWS, wishes, STAMP)))

    @invariant()
    def present_and_past_are_the_models(self) -> None:
        self.do(self._compare())

    async def _compare(self) -> None:
        async with self.store.read() as connection:
            for name, versions in self.past.items():
                for number, expected in enumerate(versions, 1):
                    found = await read_version(connection, *name, number)
                    assert found is not None and found.deleted == (expected is None)
                    assert expected is None or content(found.body) == expected
                current = await read(connection, *name)
                assert current and current.version == len(versions)
            page = await history(connection, count=1000)
            feed = [c.stored for c in await changes(connection)]
        told = [(one.type, one.id, one.version) for one in feed]
        assert sorted(told) == sorted(self.order)
        assert all(told.index((*n, v)) < told.index((*n, v + 1)) for n, v in self._pairs())
        assert sorted((e.type, e.id, e.version) for e in page.entries) == sorted(self.order)
        times = [entry.updated for entry in page.entries]
        assert times == sorted(times, reverse=True)

    def _pairs(self) -> Iterator[tuple[Name, int]]:
        for name, versions in self.past.items():
            for version in range(1, len(versions)):
                yield name, version


def test_the_store_is_its_model(postgres: Server, template: str) -> None:
    assert template == "nabd_template"
    Model.postgres, Model.loop = postgres, asyncio.new_event_loop()
    case = Model.TestCase()
    case.settings = settings(
        max_examples=12,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case.runTest()
    Model.loop.close()
