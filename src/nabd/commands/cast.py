"""The demo's accounts: a fixed cast that tells who sees what. They exist only with the demo.

Their passwords are drawn for each installation and kept in its home folder, readable by its owner
only, so that they can be shown again at every start.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nabd.access import accounts
from nabd.access.rules import Place
from nabd.errors import Problem
from nabd.store import Store

FILE = "demo-accounts.json"
WORDS = (
    "amande",
    "argan",
    "atlas",
    "cedre",
    "clarte",
    "corail",
    "dattier",
    "etoile",
    "figue",
    "grenade",
    "henne",
    "jasmin",
    "laurier",
    "lavande",
    "menthe",
    "mosaique",
    "oasis",
    "olive",
    "orange",
    "palmier",
    "safran",
    "sable",
    "soleil",
    "source",
    "thym",
    "zellige",
)

# the facilities that answer for most patients, hospitals first, in one order for everybody
FACILITIES = """select p.custodian_id as id from live.patient_demography p
  join live.facility f on f.id = p.custodian_id
  group by p.custodian_id, f.level_of_care
  order by f.level_of_care = 'primary', count(*) desc, p.custodian_id limit 2"""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast."""

    name: str
    display: str
    role: str
    place: Place


async def cast(store: Store) -> tuple[Member, ...]:
    """Return who plays: two clinicians of different facilities, insurer, planner, and others."""
    async with store.read() as connection:
        found = [row["id"] for row in await connection.fetch(FACILITIES)]
    first, second = (*found, "demo-facility-1", "demo-facility-2")[:2]
    return (
        Member("admin", "Administrateur", "admin", Place()),
        Member("amina", "Amina Alaoui", "clinician", Place("facility", first)),
        Member("bachir", "Bachir Bennani", "insurer", Place("facility", "demo-fund")),
        Member("chahra", "Chahra Chraibi", "clinician", Place("facility", second)),
        Member("djamel", "Djamel Daoudi", "planner", Place()),
        Member("emna", "Emna El Idrissi", "steward", Place()),
        Member("faouzi", "Faouzi Filali", "auditor", Place()),
    )


async def prepare(store: Store, home: Path) -> list[dict[str, str]]:
    """Make the accounts that are missing; return all with their passwords."""
    path = home / FILE
    known: dict[str, str] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    members = await cast(store)
    for member in members:
        if member.name not in known:
            known[member.name] = passphrase()
            await _make(store, member, known[member.name])
    home.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(known))
    return [
        {
            "name": one.name,
            "password": known[one.name],
            "role": one.role,
            "place": one.place.code or one.place.kind,
            "display": one.display,
        }
        for one in members
    ]


def passphrase() -> str:
    """Draw three words and two digits: about 20 bits, enough behind a limit on attempts."""
    words = "-".join(secrets.choice(WORDS) for _ in range(3))
    return f"{words}-{secrets.randbelow(90) + 10}"


async def _make(store: Store, member: Member, password: str) -> None:
    try:
        await accounts.create(
            store, member.name, member.role, member.place, password, member.display, by="demo"
        )
    except Problem:  # made by an earlier demo, whose file of passwords is gone
        await accounts.set_password(store, member.name, password)
