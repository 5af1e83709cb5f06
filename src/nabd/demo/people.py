"""Synthetic people: names in both scripts, ages of the census pyramid, communes by population.

Nobody of them exists: names are drawn from lists of common ones, identifiers have a form that no
register uses (``SYN-…``).
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from nabd.demo.chance import Weighted, shares, stream
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import names
from nabd.registry.territory import Place, places

DATA = Path(__file__).parent / "data"
IDENTIFIER = names.BASE + "sid/synthetic-person"
NATIONAL = names.BASE + "sid/synthetic-national"
NUMBERED, UNDER_AGE, REACHED = 0.7, 0.15, 0.6  # shares with a national number and with a phone
ADULT = 18
LANGUAGE = "http://hl7.org/fhir/StructureDefinition/language"
TODAY = date(2026, 6, 30)  # the demo's last day: the same bytes every time
# share of the population by age, in steps of ten years from 0; HCP, RGPH 2024, rounded
PYRAMID = (16.2, 17.0, 15.2, 14.8, 12.9, 10.3, 8.0, 3.9, 1.5, 0.2)


class Pair(NamedTuple):
    """A name in both scripts."""

    latin: str
    arabic: str


class Person(NamedTuple):
    """One synthetic person."""

    number: int
    sex: str
    born: date
    first: Pair
    family: Pair
    commune: Place

    @property
    def id(self) -> str:
        """The id of the Patient."""
        return f"demo-p{self.number:06}"

    @property
    def national(self) -> str:
        """A number that nobody else has, of a form that no register uses."""
        return f"SYN-N{self.number * 6180339 % 10**7:07}"

    @property
    def phone(self) -> str:
        """A number that nobody can call: no subscriber's begins with 0 after the country code."""
        digits = f"0{self.number * 61803399 % 10**8:08}"
        return f"+212 {digits[:3]} {digits[3:6]} {digits[6:]}"

    @property
    def age(self) -> int:
        """The age on the demo's last day."""
        return (TODAY - self.born).days // 365


@cache
def named(kind: str) -> list[Pair]:
    """Return the names of a kind: male, female, family, facility."""
    lists = tomllib.loads((DATA / "names.toml").read_text("utf-8"))
    return [Pair(*pair) for pair in lists[kind]]


def persons(seed: int, count: int) -> Iterator[Person]:
    """Draw people, province by province, as many in each commune as the census says."""
    communes = [place for place in places().values() if place.level == "commune"]
    number = 0
    for commune, size in zip(
        communes, shares(count, [c.population for c in communes]), strict=True
    ):
        chance = stream(seed, "people", commune.code)
        for _ in range(size):
            number += 1
            yield _person(number, commune, chance)


def name_of(sex: str, chance: random.Random) -> tuple[Pair, Pair]:
    """Draw a first name and a family name."""
    return chance.choice(named(sex)), chance.choice(named("family"))


def human_names(first: Pair, family: Pair) -> list[Json]:
    """Write a name in both scripts. https://hl7.org/fhir/R4/datatypes.html#HumanName"""
    return [
        name("official", "ar", first.arabic, family.arabic),
        name("usual", "fr", first.latin, family.latin),
    ]


def patient(person: Person, custodian: str) -> Json:
    """Make the Patient of a person; ``custodian`` is the facility that keeps the record."""
    chance = stream(person.number, "contacts")
    numbers = [{"system": IDENTIFIER, "value": f"SYN-{person.number:06}"}]
    if chance.random() < (NUMBERED if person.age >= ADULT else UNDER_AGE):
        numbers.append(national(person.national))
    reached = {"telecom": [phone(person.phone)]} if chance.random() < REACHED else {}
    return synthetic(
        "Patient",
        person.id,
        {
            "identifier": numbers,
            "active": True,
            "name": human_names(person.first, person.family),
            **reached,
            "gender": person.sex,
            "birthDate": person.born.isoformat(),
            "address": [address(person.commune)],
            "managingOrganization": names.reference("Organization", custodian),
        },
    )


def _person(number: int, commune: Place, chance: random.Random) -> Person:
    sex = "female" if chance.random() < 0.502 else "male"
    decade = _ages().draw(chance)
    born = TODAY - timedelta(days=chance.randrange(decade * 3652, (decade + 1) * 3652))
    return Person(number, sex, born, *name_of(sex, chance), commune)


@cache
def _ages() -> Weighted[int]:
    return Weighted(range(len(PYRAMID)), PYRAMID)


def name(use: str, language: str, given: str, family: str) -> Json:
    """Write a name in one script."""
    said = [{"url": LANGUAGE, "valueCode": language}]
    return {"extension": said, "use": use, "family": family, "given": [given]}


def national(value: str) -> Json:
    """Make the identifier that stands for a national one. Its system is the demo's own."""
    return {"system": NATIONAL, "value": value}


def phone(value: str) -> Json:
    """Make a ContactPoint. https://hl7.org/fhir/R4/datatypes.html#ContactPoint"""
    return {"system": "phone", "value": value, "use": "mobile"}


def address(commune: Place) -> Json:
    """Make the Address of somebody who lives in a commune."""
    lives = {"url": names.PLACE, "valueReference": names.reference("Location", commune.id)}
    province = places()[commune.province].name_fr
    return {"extension": [lives], "city": commune.name_fr, "district": province, "country": "MA"}
