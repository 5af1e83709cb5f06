"""kill -9 of whoever links: every record ends in exactly one identity, whenever it happens."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from nabd.access import Door
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import encode
from nabd.identity.linking import link_all
from nabd.identity.model import load as shipped
from nabd.slices import laws, queries
from nabd.store import Store, tables
from nabd.store.bulk import Record, load
from nabd.store.server import Server

SEED = 20261126
RECORDS = 3_000
ROUNDS = 4
COUNTS = """select count(*) as links, count(distinct patient_id) as records,
    (select count(*) from resource where type = $1 and not deleted) as patients
  from live.identity_link"""


def patient(number: int) -> bytes:
    """Make a record; every third is another facility's of the person before."""
    person = number - (number % 3 == 1)
    chance = random.Random(person)
    name = {"family": chance.choice(("Alami", "Idrissi", "Tazi", "Naciri")), "given": ["Salma"]}
    made = {
        "resourceType": "Patient",
        "id": f"r{number}",
        "identifier": [{"system": "https://nabd.health/fhir/sid/cnie", "value": f"CR{person:06d}"}],
        "name": [name],
        "birthDate": f"{1930 + chance.randrange(90)}-0{1 + chance.randrange(9)}-15",
    }
    return encode(made)


async def fill(server: Server) -> None:
    store = await Store.open(server.dsn(), laws())
    records = (Record(patient(n), "crash", n) for n in range(RECORDS))
    await load(store, records, source="crash", actor="test", laws=laws, workers=0)
    await store.close()


async def finish(server: Server) -> tuple[int, int, int]:
    """Link what is left, and prove that nothing was linked twice or by half."""
    store = await Store.open(server.dsn(), laws())
    await link_all(Door(store, queries()).system(), shipped())
    async with store.snapshot() as connection:
        for view in store.laws.views:
            assert (await tables.verify(connection, view)).clean
        row = await connection.fetchrow(COUNTS, TYPE_NUMBER["Patient"])
    await store.close()
    return row["links"], row["records"], row["patients"]


def test_a_linker_that_is_killed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    home = tmp_path / "home"
    with Server.start(home / "postgres") as server:
        asyncio.run(fill(server))
        for _ in range(ROUNDS):
            command = [sys.executable, "-c", "from nabd.cli import main; main()", "link"]
            environment = {**os.environ, "NABD_HOME": str(home)}
            linker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.6, 1.4))
            os.kill(linker.pid, signal.SIGKILL)
            linker.wait()
        links, records, patients = asyncio.run(finish(server))
    assert links == records == patients == RECORDS
