"""Learn from what stewards have decided: a new model, kept as a proposal until it is approved.

A third of the decisions, chosen by the ids of the records, is never learned from: it is the fixed
evaluation on which the model in force and the new one are compared.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from nabd.errors import problem
from nabd.fhir.json import decode
from nabd.fhir.search import parse
from nabd.fhir.search.hashing import term
from nabd.identity.force import in_force, propose
from nabd.identity.record import Record, record_of
from nabd.identity.train import Decided, Training, train

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.access.unit import Unit

LEAST = 30  # decisions: fewer say nothing
SAMPLE = 20_000  # records that names are counted in
PAGE = 1_000
RANDOM_PAIRS = 20_000
HELD_OUT = 3  # every third decision


async def learn(session: Session) -> Training:
    """Train on the decisions there are, and propose the model; Problem N6118 when they are few."""
    model = await in_force(session)
    decided = await _decided(session)
    records = await _sample(session)
    if len(decided) < LEAST or len(records) < LEAST:
        raise problem("N6118", found=len(decided), expected=LEAST)
    learned = [one for pair, one in decided.items() if not _is_held_out(pair)]
    held_out = [one for pair, one in decided.items() if _is_held_out(pair)]
    draw = random.Random(len(records))
    found = train(
        model,
        learned,
        random_pairs=[(draw.choice(records), draw.choice(records)) for _ in range(RANDOM_PAIRS)],
        records=records,
        evaluation=held_out,
        version=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M"),
        source=f"{len(learned)} decisions of stewards, {len(records)} records",
    )
    await propose(session, found.model)
    return found


async def _decided(session: Session) -> Mapping[tuple[str, str], Decided]:
    rows = await session.rows("pairs_decided")
    pairs = {(row["left_id"], row["right_id"]): row["outcome"] == "same" for row in rows}
    ids = sorted({one for pair in pairs for one in pair})

    async def read(unit: Unit) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for start in range(0, len(ids), PAGE):
            stored = await unit.read_many("Patient", ids[start : start + PAGE])
            found |= {k: record_of(decode(v.body)) for k, v in stored.items() if not v.deleted}
        return found

    known = await session.transaction(read)
    return {
        (a, b): (known[a], known[b], same)
        for (a, b), same in pairs.items()
        if a in known and b in known
    }


async def _sample(session: Session) -> Sequence[Record]:
    """Read records in the order of their keys, which are hashes: a sample as good as any."""
    found: list[Record] = []
    query = msgspec.structs.replace(parse("Patient", []), count=PAGE)
    while len(found) < SAMPLE:
        page = await session.search(query)
        found += [record_of(decode(one.body)) for one in page.matches]
        if not page.next:
            break
        query = msgspec.structs.replace(query, cursor=page.next)
    return found


def _is_held_out(pair: tuple[str, str]) -> bool:
    return term("|".join(pair)) % HELD_OUT == 0
