"""Synthetic facilities in their real numbers by province and category.

The numbers are the ministry's (lists of 2024, ``data/facilities.csv``); names and the commune that
each lies in are drawn. A facility is an Organization, its site a Location, its services
HealthcareServices, its membership in a territorial health group an OrganizationAffiliation.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nabd.demo.chance import Weighted, stream
from nabd.demo.people import Pair, named
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import codes, names
from nabd.registry.territory import Place, location_id, places

DATA = Path(__file__).parent / "data"
RURAL = ("CSR-1", "CSR-2", "DR")
BEDS = {"HPr": 45, "HP": 130, "HR": 250, "HIR": 380, "CRO": 60, "CPU": 120, "HPsyP": 130}
BEDS |= {"HPsyR": 250}
GENERAL = {"medicine": 32, "surgery": 26, "obstetrics": 22, "paediatrics": 13, "intensive-care": 7}
WARDS: dict[str, dict[str, int]] = {
    "HPr": {"medicine": 45, "obstetrics": 40, "paediatrics": 15},
    "HP": GENERAL,
    "HR": GENERAL,
    "HIR": GENERAL,
    "CRO": {"oncology": 1},
    "CPU": {"psychiatry": 1},
    "HPsyP": {"psychiatry": 1},
    "HPsyR": {"psychiatry": 1},
}
SERVICES = {
    "LSP": ("laboratory",),
    "CDTMR": ("respiratory",),
    "CRSR": ("reproductive-health",),
    "HPr": ("emergency", "laboratory"),
    "HP": ("emergency", "laboratory", "dialysis"),
    "HR": ("emergency", "laboratory", "dialysis"),
    "HIR": ("emergency", "laboratory", "dialysis"),
}
GROUPS_SINCE = {"01": "2025-10-01"}  # the first territorial health group; the others later
GROUPS_START = "2026-01-01"


@dataclass(frozen=True, slots=True)
class Facility:
    """One synthetic facility; ``beds`` are the existing ones, 0 for primary care."""

    number: int
    category: str
    name: Pair
    place: Place
    beds: int

    @property
    def id(self) -> str:
        """The id of its Organization."""
        return f"demo-{self.number:04}"

    @property
    def site(self) -> str:
        """The id of its Location."""
        return f"demo-site-{self.number:04}"

    @property
    def wards(self) -> dict[str, int]:
        """The services that have beds, with their share of them."""
        return WARDS.get(self.category, {})

    @property
    def services(self) -> tuple[str, ...]:
        """All services, wards first."""
        others = SERVICES.get(self.category, () if self.wards else ("primary-care",))
        return (*self.wards, *others)

    @property
    def is_hospital(self) -> bool:
        """Whether people are admitted here."""
        return self.beds > 0


@cache
def facilities(seed: int) -> tuple[Facility, ...]:
    """Draw the facilities of the whole country."""
    found: list[Facility] = []
    with (DATA / "facilities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            chance = stream(seed, "facilities", row["province"], row["category"])
            for _ in range(int(row["facilities"])):
                found.append(_facility(len(found) + 1, row["province"], row["category"], chance))
    return tuple(found)


def resources(seed: int) -> Iterator[Json]:
    """Yield the health groups, and each facility with its site, services and membership."""
    yield from map(_group, (p for p in places().values() if p.level == "region"))
    for one in facilities(seed):
        yield _organization(one)
        yield _site(one, stream(seed, "site", one.number))
        yield from (_service(one, code) for code in one.services)
        yield _membership(one)


def group_id(region: str) -> str:
    """Return the id of a region's health group."""
    return f"demo-gst-{region}"


def _facility(number: int, province: str, category: str, chance: random.Random) -> Facility:
    place = _commune(province, category in RURAL).draw(chance)
    name = chance.choice(named("facility"))
    latin, arabic = name if category not in RURAL else Pair(place.name_fr, place.name_ar)
    beds = round(BEDS.get(category, 0) * chance.uniform(0.65, 1.4))
    return Facility(number, category, Pair(latin, arabic), place, beds)


@cache
def _commune(province: str, rural: bool) -> Weighted[Place]:
    """Weigh the communes of a province by population; rural facilities lie in rural communes."""
    inside = [p for p in places().values() if p.province == province and p.level == "commune"]
    fitting = [p for p in inside if (p.kind == "rural") == rural] or inside
    return Weighted(fitting, [p.population for p in fitting])


def _organization(one: Facility) -> Json:
    return synthetic(
        "Organization",
        one.id,
        {
            "identifier": [{"system": names.FACILITY, "value": f"SYN-{one.number:04}"}],
            "active": True,
            "type": [
                names.concept(names.CATEGORY, one.category),
                names.concept(names.CARE_LEVEL, codes.level_of_care(one.category)),
            ],
            "name": one.name.latin,
            "_name": names.translated("ar", one.name.arabic),
        },
    )


def _site(one: Facility, chance: random.Random) -> Json:
    return synthetic(
        "Location",
        one.site,
        {
            "extension": [names.within(region=one.place.region, province=one.place.province)],
            "status": "active",
            "name": one.name.latin,
            "mode": "instance",
            "physicalType": names.concept(names.PHYSICAL, "si"),
            "managingOrganization": names.reference("Organization", one.id),
            "partOf": names.reference("Location", location_id(one.place.code)),
        },
    )


def _service(one: Facility, code: str) -> Json:
    return synthetic(
        "HealthcareService",
        f"{one.id}-{code}",
        {
            "active": True,
            "providedBy": names.reference("Organization", one.id),
            "type": [names.concept(names.SERVICE, code)],
            "location": [names.reference("Location", one.site)],
        },
    )


def _membership(one: Facility) -> Json:
    region = one.place.region
    return synthetic(
        "OrganizationAffiliation",
        f"{one.id}-gst",
        {
            "active": True,
            "period": {"start": GROUPS_SINCE.get(region, GROUPS_START)},
            "organization": names.reference("Organization", group_id(region)),
            "participatingOrganization": names.reference("Organization", one.id),
            "code": [names.concept(names.ROLE, "member")],
        },
    )


def _group(region: Place) -> Json:
    return synthetic(
        "Organization",
        group_id(region.code),
        {
            "extension": [names.within(region=region.code)],
            "active": True,
            "type": [names.concept(names.KIND, "health-group")],
            "name": f"Groupement sanitaire territorial {region.name_fr}",
            "_name": names.translated("ar", f"المجموعة الصحية الترابية {region.name_ar}"),
        },
    )
