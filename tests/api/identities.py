"""What the tests of identities share: records of one person, written and linked."""

from __future__ import annotations

from typing import Any

from cast import CLINIC, HOSPITAL, People, resources

from nabd.access import Door
from nabd.identity.linking import link_all
from nabd.identity.model import load
from nabd.slices import queries

CNIE = "https://nabd.health/fhir/sid/cnie"
NEXT = iter(range(1, 10_000))


def person(facility: str = HOSPITAL, **elements: Any) -> dict[str, Any]:
    """Make the record that a facility keeps of somebody whom nobody else resembles."""
    number = next(NEXT)
    return {
        "resourceType": "Patient",
        "id": f"rec-{number}",
        "name": [{"family": "Benchekroun", "given": ["Driss"]}],
        "gender": "male",
        "birthDate": f"19{50 + number % 49}-0{1 + number % 9}-1{number % 10}",
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def again(record: dict[str, Any], facility: str = CLINIC, **elements: Any) -> dict[str, Any]:
    """Make another facility's record of the same person."""
    return person(facility, **{k: v for k, v in record.items() if k != "id"}) | {
        "id": f"rec-{next(NEXT)}",
        "managingOrganization": {"reference": f"Organization/{facility}"},
        **elements,
    }


def cnie(value: str) -> list[dict[str, str]]:
    return [{"system": CNIE, "value": value}]


async def written(people: People, *records: dict[str, Any]) -> None:
    """Write records, one after another, and let the linker follow."""
    for record in records:
        made = await people.admin.put(f"/Patient/{record['id']}", json=record)
        assert made.status_code in (200, 201), made.text
        await linked(people)


async def linked(people: People) -> int:
    return await link_all(Door(people.store, queries()).system(), load())


async def identity(people: People, record: dict[str, Any]) -> dict[str, Any]:
    """Return the one Person that links a record."""
    found = resources(await people.admin.get(f"/Person?link=Patient/{record['id']}"))
    assert len(found) == 1, found
    return found[0]


def targets(found: dict[str, Any]) -> set[str]:
    return {one["target"]["reference"].partition("/")[2] for one in found["link"]}
