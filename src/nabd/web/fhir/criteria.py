"""Find the one resource that criteria name: the condition of a conditional interaction.

http://hl7.org/fhir/R4/http.html#ccreate
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nabd.errors import problem
from nabd.fhir.search import Query, parse
from nabd.store import Stored
from nabd.web.fhir.exchange import Parameters

if TYPE_CHECKING:
    from nabd.access import Unit


async def one_match(unit: Unit, base: str, type_name: str, query: Parameters) -> Stored | None:
    """Find the resource that the criteria match; N7013 when there are several.

    Whoever asks the same thing waits until this transaction has ended, so that two conditional
    creates at once make one resource.
    """
    await unit.lock([lock_word(type_name, query)])
    return await find_one(unit, base, type_name, query)


async def find_one(unit: Unit, base: str, type_name: str, query: Parameters) -> Stored | None:
    """Find the resource that the criteria match, for a caller who holds the lock."""
    matches = await matching(unit, base, type_name, query)
    if len(matches) > 1:
        raise problem("N7013")
    return matches[0] if matches else None


async def matching(unit: Unit, base: str, type_name: str, query: Parameters) -> list[Stored]:
    """Find up to two resources that the criteria match; N7015 when there are no criteria."""
    asked = parse(type_name, query, base=f"{base}/")
    if not asked.where:
        raise problem("N7015")
    plain = Query(asked.types, asked.where, count=2)
    return (await unit.search(plain)).matches


def lock_word(type_name: str, query: Parameters) -> str:
    """Name criteria for a lock: the same whatever their order."""
    return f"{type_name}?{sorted(query)}"
