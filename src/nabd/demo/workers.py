"""Synthetic health workers in the ministry's published numbers by cadre.

Public posts of 2024 (Santé en chiffres, press reports; the general practitioners are 3,388, as the
printed total and ratio require). They are spread over facilities by what a category needs and by
the beds of hospitals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from nabd.demo.chance import shares, stream
from nabd.demo.facilities import Facility, facilities
from nabd.demo.people import TODAY, human_names, name_of
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import names

IDENTIFIER = names.BASE + "sid/synthetic-worker"
POSTS = {
    "general-practitioner": 3388,
    "specialist": 11259,
    "dentist": 560,
    "pharmacist": 245,
    "nurse": 18147,
    "midwife": 6527,
    "technician": 15428,
}
# need of a primary-care category by cadre; hospitals need by bed
PRIMARY = {
    "general-practitioner": {"CSU-1": 3, "CSU-2": 4, "CSR-1": 1, "CSR-2": 2, "CDTMR": 1, "CRSR": 1},
    "specialist": {"CDTMR": 1, "CRSR": 1},
    "dentist": {"CSU-1": 1, "CSU-2": 1},
    "pharmacist": {"LSP": 1},
    "nurse": {"CSU-1": 5, "CSU-2": 8, "CSR-1": 2, "CSR-2": 4, "DR": 1, "CDTMR": 3, "CRSR": 2},
    "midwife": {"CSU-2": 4, "CSR-2": 3, "CRSR": 2},
    "technician": {"CSU-1": 1, "CSU-2": 2, "CSR-2": 1, "LSP": 4, "CDTMR": 2},
}
PER_BED = {
    "general-practitioner": 0.02,
    "specialist": 0.4,
    "dentist": 0.004,
    "pharmacist": 0.008,
    "nurse": 0.42,
    "midwife": 0.1,
    "technician": 0.45,
}
WOMEN = {"midwife": 0.98, "nurse": 0.62}


def resources(seed: int) -> Iterator[Json]:
    """Yield a Practitioner and a PractitionerRole for each post."""
    found = facilities(seed)
    number = 0
    for cadre, total in POSTS.items():
        needs = [_need(cadre, one) for one in found]
        for one, posts in zip(found, shares(total, needs), strict=True):
            chance = stream(seed, "workers", cadre, one.number)
            for _ in range(posts):
                number += 1
                yield from _worker(number, cadre, one, chance)


def _need(cadre: str, one: Facility) -> float:
    return PRIMARY[cadre].get(one.category, 0) + PER_BED[cadre] * one.beds


def _worker(number: int, cadre: str, one: Facility, chance: random.Random) -> Iterator[Json]:
    sex = "female" if chance.random() < WOMEN.get(cadre, 0.5) else "male"
    hired = TODAY - timedelta(days=chance.randrange(60, 34 * 365))
    identity = f"demo-w{number:05}"
    yield synthetic(
        "Practitioner",
        identity,
        {
            "identifier": [{"system": IDENTIFIER, "value": f"SYN-W{number:05}"}],
            "active": True,
            "name": human_names(*name_of(sex, chance)),
            "gender": sex,
        },
    )
    yield synthetic(
        "PractitionerRole",
        f"{identity}-1",
        {
            "active": True,
            "period": {"start": hired.isoformat()},
            "practitioner": names.reference("Practitioner", identity),
            "organization": names.reference("Organization", one.id),
            "code": [names.concept(names.CADRE, cadre)],
            "location": [names.reference("Location", one.site)],
        },
    )
