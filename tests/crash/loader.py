"""Load records that depend only on a seed; run as a program, to be killed."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from nabd.fhir.json import encode
from nabd.store import Store, batch
from nabd.store.bulk import Record, load
from unit import store_laws

TOTAL = 12_000


def source(seed: int) -> str:
    """Name the source of a seed."""
    return f"country {seed}"


def records(seed: int) -> Iterator[Record]:
    """Make patients and encounters; some come twice, some changed, one in a hundred is broken."""
    dice = random.Random(seed)
    for row in range(1, TOTAL + 1):
        number = dice.randrange(TOTAL)
        resource: dict[str, Any] = {"resourceType": "Patient", "id": f"p{number}"}
        resource["name"] = [{"family": f"Family {dice.randrange(3)}"}]
        if number % 3 == 0:
            resource = {"resourceType": "Encounter", "id": f"e{number}", "status": "finished"}
            resource["class"] = {"code": "AMB"}
            resource["period"] = {"start": f"2026-0{dice.randrange(1, 4)}-01"}
        if dice.random() < 0.01:
            resource["gender"] = "none"
        yield Record(encode(resource), source(seed), row)


async def main(dsn: str, seed: int) -> None:
    """Begin the load, or go on with it."""
    store = await Store.open(dsn, store_laws.laws(), size=2)
    async with store.connection() as connection:
        begun = await batch.unfinished(connection, source(seed))
    await load(
        store,
        records(seed),
        source=source(seed),
        actor="tester",
        laws=store_laws.laws,
        scope=store_laws.scope,
        batch=begun and begun.id,
        chunk=150,
        workers=2,
    )
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
