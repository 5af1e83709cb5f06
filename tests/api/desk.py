"""What the tests of the steward's desk share: records of twins, and what waits because of them."""

from __future__ import annotations

from typing import Any

import httpx
from console_site import Site

from nabd.fhir.json import Json
from nabd.fhir.search import parse
from nabd.identity.case import case_id
from nabd.identity.linking import link_all
from nabd.identity.model import load

HERE, THERE = "demo-0001", "demo-0002"
CNIE = "https://nabd.health/fhir/sid/cnie"
NEXT = iter(range(1, 1000))
SURE = {"verdict": "same", "reason": "card", "words": "seen at the desk"}


def person(facility: str = HERE, **elements: Any) -> Json:
    """Make the record of somebody whom nobody else resembles."""
    number = next(NEXT)
    letters = "".join("abdefghijklmnoprstuz"[int(d) * 2] for d in f"{number * 7919 % 10_000:04}")
    return {
        "resourceType": "Patient",
        "id": f"desk-{number}",
        "name": [{"family": f"Ben{letters}", "given": ["Driss"]}],
        "gender": "male",
        "birthDate": f"19{50 + number % 49}-0{1 + number % 9}-1{number % 10}",
        "telecom": [{"system": "phone", "value": f"+212 012 {number:03} 987"}],
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def twin(one: Json, facility: str) -> Json:
    """Make the record of a twin: all alike but the given name. Never linked, always asked."""
    name = [{**one["name"][0], "given": ["Yassine"]}]
    return {**person(facility), **{k: one[k] for k in ("birthDate", "gender", "telecom")}} | {
        "name": name
    }


async def register(site: Site, *records: Json) -> None:
    """Write records, and let the linker follow."""
    for one in records:
        await site.door.system().update(one)
    await link_all(site.door.system(), load())


async def asked(site: Site, first: str = HERE, second: str = THERE) -> tuple[str, Json, Json]:
    """Register twins, and return the case about them."""
    one = person(first)
    other = twin(one, second)
    await register(site, one, other)
    return case_id(one["id"], other["id"]), one, other


async def identity_of(site: Site, record: Json) -> Json:
    query = parse("Person", [("link", f"Patient/{record['id']}")])
    (found,) = (await site.door.system().search(query)).matches
    text = await site.door.system().read("Person", found.id)
    content: Json = httpx.Response(200, content=text.body).json()
    return content


async def listed(client: httpx.AsyncClient, state: str = "open") -> list[Json]:
    answer = await client.get(f"/identity.json?state={state}")
    assert answer.status_code == 200, answer.text
    rows: list[Json] = answer.json()["rows"]
    return rows
