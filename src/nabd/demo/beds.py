"""Synthetic counts of beds: existing and functional, by service, at the end of each quarter."""

from __future__ import annotations

from collections.abc import Iterator

from nabd.demo.chance import shares, stream
from nabd.demo.facilities import Facility, facilities
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import names

QUARTERS = ("2025-09-30", "2025-12-31", "2026-03-31", "2026-06-30")
GROWTH = 0.012  # per quarter, where a ward grows at all


def resources(seed: int) -> Iterator[Json]:
    """Yield every count of every ward."""
    for one in facilities(seed):
        if one.is_hospital:
            yield from _counts(one, seed)


def count(one: Facility, service: str, day: str, existing: int, functional: int) -> Json:
    """Make one count: an Observation on the site.

    https://hl7.org/fhir/R4/observation.html
    """
    return synthetic(
        "Observation",
        f"{one.site}-{service}-{day}",
        {
            "status": "final",
            "category": [names.concept(names.OBSERVATION_KIND, "bed-count")],
            "code": names.concept(names.SERVICE, service),
            "subject": names.reference("Location", one.site),
            "effectiveDateTime": day,
            "performer": [names.reference("Organization", one.id)],
            "component": [_measure("existing", existing), _measure("functional", functional)],
        },
    )


def _counts(one: Facility, seed: int) -> Iterator[Json]:
    chance = stream(seed, "beds", one.number)
    sizes = shares(one.beds, list(one.wards.values()))
    for service, size in zip(one.wards, sizes, strict=True):
        working = chance.uniform(0.8, 1.0)
        for quarter, day in enumerate(QUARTERS):
            existing = round(size * (1 + GROWTH * quarter * chance.random()))
            functional = min(existing, round(existing * working * chance.uniform(0.97, 1.02)))
            yield count(one, service, day, existing, functional)


def _measure(code: str, value: int) -> Json:
    return {"code": names.concept(names.BED_MEASURE, code), "valueInteger": value}
