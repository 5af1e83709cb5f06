"""Synthetic health records: twelve months of encounters and conditions, with their seasons."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from typing import NamedTuple

import msgspec

from nabd.demo.chance import Weighted, stream
from nabd.demo.facilities import Facility, facilities
from nabd.demo.people import DATA, TODAY, Person, patient, persons
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import names
from nabd.registry.territory import Place

ICD10 = "http://hl7.org/fhir/sid/icd-10"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
FIRST = TODAY - timedelta(days=364)
VISITS = Weighted((0, 1, 2, 3, 4), (22, 38, 22, 12, 6))  # of a person in twelve months
CHRONIC = ("I10", "E11.9", "J45.9")
PRIMARY = ("CSU-1", "CSU-2", "CSR-1", "CSR-2", "DR")
DIAGNOSED = 0.75  # of the encounters end with a coded diagnosis


class Disease(msgspec.Struct, frozen=True):
    """What people are seen for; ``months`` are factors from January."""

    code: str
    display: str
    weight: float
    months: tuple[float, ...] = (1.0,) * 12
    ages: tuple[int, int] = (0, 120)
    sex: str = ""
    severe: bool = False


class Near(NamedTuple):
    """Where the people of a province go."""

    primary: list[Facility]
    hospitals: list[Facility]


@cache
def diseases() -> tuple[Disease, ...]:
    """Read what people are seen for."""
    content = tomllib.loads((DATA / "conditions.toml").read_text("utf-8"))
    return msgspec.convert(content["conditions"], tuple[Disease, ...])


def resources(seed: int, people: int) -> Iterator[tuple[str, Json]]:
    """Yield (province, resource): each Patient, then the person's encounters and conditions."""
    for commune, inside in groupby(persons(seed, people), key=lambda person: person.commune):
        province = commune.province
        chance = stream(seed, "records", commune.code)
        near = _near(seed, province)
        home = keeper(seed, commune)
        for person in inside:
            yield province, patient(person, home.id)
            yield from ((province, one) for one in _year(person, home, near, chance))


@cache
def _near(seed: int, province: str) -> Near:
    inside = [one for one in facilities(seed) if one.place.province == province]
    primary = [one for one in inside if one.category in PRIMARY]
    hospitals = [one for one in inside if one.is_hospital and "medicine" in one.wards]
    return Near(primary, hospitals or primary)


@cache
def keeper(seed: int, commune: Place) -> Facility:
    """Choose the facility that keeps a commune's records: one inside it where there is one."""
    near = _near(seed, commune.province)
    inside = [one for one in near.primary if one.place.code == commune.code]
    return stream(seed, "home", commune.code).choice(inside or near.primary)


def _year(person: Person, home: Facility, near: Near, chance: random.Random) -> Iterator[Json]:
    for visit in range(VISITS.draw(chance)):
        day = FIRST + timedelta(days=chance.randrange(365))
        disease = _disease(day.month, person.sex, min(person.age // 5 * 5, 100)).draw(chance)
        kind, where, stay = _setting(disease, home, near, chance)
        identity = f"{person.id}-{visit + 1}"
        yield _encounter(identity, person, where, kind, day, stay, chance)
        if chance.random() < DIAGNOSED:
            yield _condition(identity, person, where, disease, day)


@cache
def _disease(month: int, sex: str, age: int) -> Weighted[Disease]:
    fitting = [d for d in diseases() if d.ages[0] <= age <= d.ages[1] and d.sex in ("", sex)]
    return Weighted(fitting, [d.weight * d.months[month - 1] for d in fitting])


def _setting(
    disease: Disease, home: Facility, near: Near, chance: random.Random
) -> tuple[str, Facility, int]:
    """Draw the class of an encounter, where it takes place, and the days of a stay."""
    drawn = chance.random()
    if disease.severe and drawn < 0.7:
        return "IMP", chance.choice(near.hospitals), chance.randrange(1, 9)
    if disease.severe or drawn < 0.08:
        return "EMER", chance.choice(near.hospitals), 0
    return "AMB", home if drawn < 0.85 else chance.choice(near.primary), 0


def _encounter(
    identity: str,
    person: Person,
    where: Facility,
    kind: str,
    day: date,
    stay: int,
    chance: random.Random,
) -> Json:
    hour, minute = chance.randrange(8, 17), chance.randrange(60)
    start = f"{day.isoformat()}T{hour:02}:{minute:02}:00+01:00"
    end = f"{(day + timedelta(days=stay)).isoformat()}T{hour + 1:02}:{minute:02}:00+01:00"
    return synthetic(
        "Encounter",
        identity,
        {
            "status": "finished",
            "class": {"system": ACT, "code": kind},
            "subject": names.reference("Patient", person.id),
            "period": {"start": start, "end": end},
            "serviceProvider": names.reference("Organization", where.id),
        },
    )


def _condition(identity: str, person: Person, where: Facility, disease: Disease, day: date) -> Json:
    keeper = names.reference("Organization", where.id)
    status = "active" if disease.code in CHRONIC else "resolved"
    return synthetic(
        "Condition",
        f"{identity}-c",
        {
            "extension": [{"url": names.CUSTODIAN, "valueReference": keeper}],
            "clinicalStatus": names.concept(CLINICAL, status),
            "verificationStatus": names.concept(VERIFIED, "confirmed"),
            "category": [names.concept(CATEGORY, "encounter-diagnosis")],
            "code": {
                "coding": [{"system": ICD10, "code": disease.code, "display": disease.display}]
            },
            "subject": names.reference("Patient", person.id),
            "encounter": names.reference("Encounter", identity),
            "recordedDate": day.isoformat(),
        },
    )
