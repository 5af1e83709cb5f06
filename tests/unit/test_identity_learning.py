"""Learn from decisions: a proposal, its change on a fixed evaluation, an approval."""

from __future__ import annotations

import pytest

from nabd.access import Door
from nabd.errors import Problem
from nabd.fhir.json import Json, encode
from nabd.identity.decisions import merge
from nabd.identity.force import approve, in_force, proposed
from nabd.identity.learning import learn
from nabd.identity.linking import link_all
from nabd.identity.model import load
from nabd.slices import laws, queries
from nabd.store import Store
from nabd.store.bulk import Record
from nabd.store.bulk import load as keep

GIVEN = ("Salma", "Hind", "Ghita", "Nadia", "Samira", "Zineb", "Imane", "Latifa")
FAMILY = ("Alami", "Tazi", "Berrada", "Naciri", "Sqalli")


def patient(number: int, double: bool) -> Json:
    """Make one of two records of a woman; the second has another year of birth and a phone."""
    return {
        "resourceType": "Patient",
        "id": f"p{number}-{int(double)}",
        "name": [{"family": FAMILY[number % 5], "given": [GIVEN[number % 8]]}],
        "gender": "female",
        "birthDate": f"{1930 + number + int(double)}-03-1{number % 9}",
        "telecom": [{"system": "phone", "value": f"06{number:08d}"}],
    }


async def test_a_model_is_trained_proposed_and_used_once_it_is_approved(database: str) -> None:
    store = await Store.open(database, laws())
    session = Door(store, queries()).system()
    with pytest.raises(Problem) as few:
        await learn(session)
    assert few.value.issues[0].code == "N6118"
    made = [encode(patient(n, d)) for n in range(80) for d in (False, True)]
    records = (Record(raw, "test", row) for row, raw in enumerate(made))
    await keep(store, records, source="test", actor="test", laws=laws, workers=0)
    await link_all(session, load())
    async with store.read() as connection:
        rows = await connection.fetch("select patient_id, person_id from live.identity_link")
    person = {row["patient_id"]: row["person_id"] for row in rows}
    for number in range(80):
        one, other = person[f"p{number}-0"], person[f"p{number}-1"]
        if one != other:
            await merge(session, one, other, "the same card", load())
    found = await learn(session)
    assert found.before.pairs == found.after.pairs > 5
    assert (await in_force(session)).version == load().version
    waiting = await proposed(session)
    assert waiting is not None and waiting.version == found.model.version
    with pytest.raises(Problem):
        await approve(session, "another")
    await approve(session, found.model.version)
    assert (await in_force(session)).version == found.model.version
    await store.close()
