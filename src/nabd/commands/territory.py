"""The places and code systems that tables refer to: a batch of its own, loaded once."""

from __future__ import annotations

from collections.abc import Iterator

from nabd import intake, slices
from nabd.commands.house import House
from nabd.fhir.json import encode
from nabd.registry import reference
from nabd.store import Stamp
from nabd.store.bulk import Record

ACTOR = "reference"
SOURCE = "Territory and code systems"

KNOWN = "select exists (select from batch where actor = $1 and state = 'done')"


async def load(house: House) -> intake.Batch:
    """Load the places and code systems of this release; those that are there stay unchanged."""
    return await intake.keep(
        house.store,
        _records(),
        source=SOURCE,
        mark=SOURCE,
        report=intake.Report(),
        stamp=Stamp(ACTOR, "SYSADMIN"),
        laws=slices.laws,
        workers=0,
    )


async def ensure(house: House) -> intake.Batch | None:
    """Load them where neither this nor the demo has: a facility needs the place that it lies in."""
    async with house.store.read() as connection:
        known = await connection.fetchval(KNOWN, ACTOR)
        known = known or await connection.fetchval(KNOWN, "demo")
    return None if known else await load(house)


def _records() -> Iterator[Record]:
    resources = enumerate(reference.resources(), 1)
    return (Record(encode(one), "territory", row) for row, one in resources)
