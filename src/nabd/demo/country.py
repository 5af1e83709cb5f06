"""The synthetic country, part by part, and its way through the intake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from nabd import slices
from nabd.access.custodians import batch_scope
from nabd.demo import beds, doubles, facilities, flaws, records, workers
from nabd.fhir.json import Json, encode
from nabd.intake import Batch, Report, keep
from nabd.registry import reference
from nabd.registry.territory import places
from nabd.store import Stamp, Store
from nabd.store import batch as batches
from nabd.store.bulk import Record

PEOPLE = 36_000  # one per thousand of the census
SEED = 20_24
ACTOR = "demo"

Progress = Callable[[str, int, int], None]
"""Told the part's name, the records done, and how many the whole demo has, about."""


@dataclass(frozen=True, slots=True)
class Part:
    """One source of the country: its name, and its records."""

    name: str
    records: Iterable[Record]
    workers: int | None = None


def country(people: int = PEOPLE, seed: int = SEED) -> Iterator[Json]:
    """Yield every valid resource of the country, territory first; the same bytes for a seed."""
    yield from reference.resources()
    yield from facilities.resources(seed)
    yield from beds.resources(seed)
    yield from workers.resources(seed)
    for _, resource in records.resources(seed, people):
        yield resource
    yield from doubles.resources(seed, people)


async def load_demo(
    store: Store, people: int = PEOPLE, progress: Progress | None = None, seed: int = SEED
) -> list[Batch]:
    """Load the country through the intake; loading it again changes nothing."""
    found: list[Batch] = []
    total, done, mark = _size(people), 0, f"demo {seed} {people}"
    for part in parts(people, seed):
        found.append(await _load(store, part, mark, _told(progress, part.name, done, total)))
        done += found[-1].received
    async with store.connection() as connection:
        await connection.execute("vacuum analyze")
    return found


def parts(people: int, seed: int) -> Iterator[Part]:
    """Yield the sources of the country in the order in which they are loaded."""
    yield Part("Territory and code systems", _records("territory", reference.resources()), 0)
    yield Part("National facility register (synthetic)", _facilities(seed))
    yield Part("Census of beds (synthetic)", _beds(seed), 0)
    yield Part("Workforce register (synthetic)", _records("workforce", workers.resources(seed)))
    held: list[Json] = []  # by the hospital whose report comes late, until the others are in
    yield Part("Regional health records (synthetic)", _health(seed, people, held))
    second = _records("second registrations", doubles.resources(seed, people))
    yield Part("Second registrations (synthetic)", second, 0)
    yield Part("Late report of a hospital (synthetic)", _records("late report", held), 0)


async def _load(
    store: Store, part: Part, mark: str, progress: Callable[[batches.Batch], None] | None
) -> Batch:
    async with store.connection() as connection:
        scope = await batch_scope(connection, slices.queries())
    return await keep(
        store,
        part.records,
        source=part.name,
        mark=mark,
        report=Report(),
        stamp=Stamp(ACTOR, "synthetic country"),
        laws=slices.laws,
        scope=scope,
        workers=part.workers,
        progress=progress,
    )


def _facilities(seed: int) -> Iterator[Record]:
    return _records("facilities", facilities.resources(seed))


def _beds(seed: int) -> Iterator[Record]:
    return _records("beds", chain(beds.resources(seed), flaws.beds(seed)))


def _health(seed: int, people: int, held: list[Json]) -> Iterator[Record]:
    """Yield the health records of every region as its information system sends them."""
    rows: Counter[str] = Counter()
    silent, late = flaws.silent(seed), flaws.late(seed).id
    number = 0
    for province, resource in records.resources(seed, people):
        if is_late(resource, late):
            held.append(resource)
        if is_missing(resource, silent) or is_late(resource, late):
            continue
        number += 1
        source = _system(province)
        rows[source] += 1
        raw = flaws.broken(number, resource) if flaws.is_broken(number) else encode(resource)
        yield Record(raw, source, rows[source])


def _records(source: str, resources: Iterable[Json]) -> Iterator[Record]:
    return (Record(encode(one), source, row) for row, one in enumerate(resources, 1))


def _system(province: str) -> str:
    region = places()[places()[province].region]
    return f"region {region.code} {region.name_fr}"


def is_late(resource: Json, hospital: str) -> bool:
    """Say whether a record belongs to the hospital's report that came late."""
    return _day(resource).startswith(flaws.LATE_MONTH) and _keeper(resource) == hospital


def is_missing(resource: Json, silent: frozenset[str]) -> bool:
    """Say whether a record was never sent: its facility had fallen silent."""
    return _day(resource) >= flaws.SILENT_SINCE and _keeper(resource) in silent


def _day(resource: Json) -> str:
    """Return the day of an encounter or a condition; "" for a patient."""
    return str(resource.get("recordedDate") or resource.get("period", {}).get("start", ""))


def _keeper(resource: Json) -> str:
    if resource["resourceType"] == "Encounter":
        reference = resource["serviceProvider"]["reference"]
    else:
        reference = resource["extension"][0]["valueReference"]["reference"]
    return str(reference).removeprefix("Organization/")


def _size(people: int) -> int:
    """Estimate the records of the whole demo: what a progress bar needs."""
    return 131_000 + round(people * 3.51)


def _told(
    progress: Progress | None, name: str, done: int, total: int
) -> Callable[[batches.Batch], None] | None:
    if progress is None:
        return None
    return lambda batch: progress(name, done + batch.received, total)
