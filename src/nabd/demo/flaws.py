"""What is wrong with the demo on purpose, so that the pages of data quality have something to show.

Broken records come in among good ones and go to quarantine; one hospital reports a month late;
two facilities fall silent in spring.
"""

from __future__ import annotations

from collections.abc import Iterator

from nabd.demo.beds import QUARTERS, count
from nabd.demo.facilities import Facility, facilities
from nabd.fhir.json import Json, encode

LATE_MONTH = "2026-05"
SILENT_SINCE = "2026-04"
BREAK_EVERY = 12_011  # records: a prime, so that every kind of record is hit at times


def late(seed: int) -> Facility:
    """Return the hospital whose report of May came late: a large one, so that it is seen."""
    return max((one for one in facilities(seed) if one.category == "HP"), key=lambda one: one.beds)


def silent(seed: int) -> frozenset[str]:
    """Return the facilities that report nothing since April."""
    urban = [one.id for one in facilities(seed) if one.category == "CSU-2"]
    return frozenset((urban[3], urban[17]))


def beds(seed: int) -> Iterator[Json]:
    """Yield counts that cannot be true: more functional than existing beds, a day to come."""
    hospitals = [one for one in facilities(seed) if one.category == "HPr"]
    yield count(hospitals[1], "medicine", "2026-06-29", 12, 21)
    yield count(hospitals[4], "obstetrics", "2026-06-29", 9, 90)
    yield count(hospitals[7], "medicine", "2062-06-30", 14, 12)
    yield count(hospitals[9], "emergency", QUARTERS[-1], -4, -6)


def is_broken(number: int) -> bool:
    """Say whether the record of this number is sent broken."""
    return number % BREAK_EVERY == BREAK_EVERY // 2


def broken(number: int, resource: Json) -> bytes:
    """Break a record as real sources do: cut off, an unknown element, wrong codes and dates."""
    kind = number // BREAK_EVERY % 3
    if kind == 0:
        raw = encode(resource)
        return raw[: len(raw) * 2 // 3]
    if kind == 1:
        return encode({**resource, "id": f"{resource['id']} (copy)", "sexe": "M"})
    return encode({**resource, "status": "done", "gender": "F", "birthDate": "31/12/1990"})
