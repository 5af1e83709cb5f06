"""Second registrations of synthetic people, and people who only look like others.

About one person in fifty is met again by another facility, which writes something else: the other
script, another spelling, a date turned round. Some of those whom it writes are somebody else: a
twin, a son of one name, a namesake. So the steward's desk has cases worth deciding. The kinds are
those that registers report (Lao PDR, PMC12474658, names twins and newborns); their shares are ours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from nabd.demo.chance import stream
from nabd.demo.facilities import Facility, facilities
from nabd.demo.people import (
    ADULT,
    TODAY,
    Pair,
    Person,
    address,
    name,
    named,
    national,
    persons,
    phone,
)
from nabd.demo.records import PRIMARY, keeper
from nabd.demo.tag import synthetic
from nabd.fhir.json import Json
from nabd.registry import names

EVERY = 50  # persons: one of them is met again
HOSPITAL_NUMBER = names.BASE + "sid/hospital-number"
GENERATION = 9_400  # days between father and son
SPELLINGS = (
    ("Mohamed", "Mohammed"),
    ("Youssef", "Yousef"),
    ("Fatima", "Fatema"),
    ("Khadija", "Khadidja"),
    ("El ", "Al "),
    ("Ben", "Ben "),
    ("ou", "u"),
    ("ch", "sh"),
    ("ai", "aï"),
    ("dj", "j"),
    ("ss", "s"),
    ("y", "i"),
    ("k", "q"),
    ("aa", "a"),
)


class Written(NamedTuple):
    """What a facility writes of somebody."""

    given: Pair
    family: Pair
    sex: str
    born: date | str
    scripts: str = "both"
    number: str = ""
    phone: str = ""
    swapped: bool = False


Kind = Callable[[Person, random.Random], Sequence[Written]]


def resources(seed: int, people: int) -> Iterator[Json]:
    """Yield the Patients of second registrations: each kind at least once where people suffice."""
    every = max(1, min(EVERY, people // len(KINDS)))
    met = (one for one in persons(seed, people) if one.number % every == 0)
    for turn, person in enumerate(met):
        chance = stream(seed, "doubles", person.number)
        where = _elsewhere(seed, person, chance), keeper(seed, person.commune)
        found = _written(person, turn, chance)
        for row, (written, facility) in enumerate(zip(found, where, strict=False), 1):
            yield _patient(f"{person.id}-{row}", person, written, facility)


def _written(person: Person, turn: int, chance: random.Random) -> Sequence[Written]:
    """Let the kinds take turns; one that does not fit the person leaves it to the next."""
    order = (KINDS[(turn + n) % len(KINDS)] for n in range(len(KINDS)))
    return next(found for kind in order if (found := kind(person, chance)))


def _elsewhere(seed: int, person: Person, chance: random.Random) -> Facility:
    """Draw another facility, of the same province where there is one."""
    home = keeper(seed, person.commune)
    inside = [
        one
        for one in facilities(seed)
        if one.place.province == person.commune.province
        and one.id != home.id
        and (one.is_hospital or one.category in PRIMARY)
    ]
    return chance.choice(inside or [one for one in facilities(seed) if one.id != home.id])


def _patient(id_: str, person: Person, written: Written, where: Facility) -> Json:
    numbers = [{"system": HOSPITAL_NUMBER, "value": f"SYN-{id_.removeprefix('demo-').upper()}"}]
    if written.number:
        numbers.append(national(written.number))
    born = written.born if isinstance(written.born, str) else written.born.isoformat()
    reached = {"telecom": [phone(written.phone)]} if written.phone else {}
    return synthetic(
        "Patient",
        id_,
        {
            "identifier": numbers,
            "active": True,
            "name": [*_names(written)],
            **reached,
            "gender": written.sex,
            "birthDate": born,
            "address": [address(person.commune)],
            "managingOrganization": names.reference("Organization", where.id),
        },
    )


def _names(written: Written) -> Iterator[Json]:
    given, family = written.given, written.family
    if written.swapped:
        given, family = family, given
    if written.scripts != "latin":
        yield name("official", "ar", given.arabic, family.arabic)
    if written.scripts != "arabic":
        yield name("usual", "fr", given.latin, family.latin)


def _again(person: Person) -> Written:
    return Written(person.first, person.family, person.sex, person.born)


def exact(person: Person, chance: random.Random) -> Sequence[Written]:
    """Met again, written the same, with the number: linked without a question."""
    return [_again(person)._replace(number=person.national)]


def script(person: Person, chance: random.Random) -> Sequence[Written]:
    """Written in Arabic only."""
    return [_again(person)._replace(scripts="arabic")]


def spelling(person: Person, chance: random.Random) -> Sequence[Written]:
    """Written by ear, in Latin letters."""
    first, family = (_spelt(one.latin, chance) for one in (person.first, person.family))
    return [
        _again(person)._replace(given=Pair(first, ""), family=Pair(family, ""), scripts="latin")
    ]


def swapped(person: Person, chance: random.Random) -> Sequence[Written]:
    """Given and family name changed round."""
    return [_again(person)._replace(swapped=True, scripts="latin", phone=person.phone)]


def turned(person: Person, chance: random.Random) -> Sequence[Written]:
    """Day and month changed round."""
    day = person.born
    if day.day > 12 or day.day == day.month:
        return []
    return [
        _again(person)._replace(born=day.replace(day=day.month, month=day.day), scripts="latin")
    ]


def year(person: Person, chance: random.Random) -> Sequence[Written]:
    """The year off by one."""
    if (person.born.month, person.born.day) == (2, 29):
        return []
    return [_again(person)._replace(born=person.born.replace(year=person.born.year - 1))]


def second(person: Person, chance: random.Random) -> Sequence[Written]:
    """With a second given name, which the other facility had dropped."""
    more = chance.choice(named(person.sex))
    both = Pair(f"{person.first.latin} {more.latin}", f"{person.first.arabic} {more.arabic}")
    return [_again(person)._replace(given=both)]


def twin(person: Person, chance: random.Random) -> Sequence[Written]:
    """The twin: another given name, all else alike."""
    return [_again(person)._replace(given=_other(person, chance), phone=person.phone)]


def newborn(person: Person, chance: random.Random) -> Sequence[Written]:
    """A newborn under its mother's name, and again with a name of its own."""
    if person.sex != "female" or not ADULT <= person.age <= 45:
        return []
    born = TODAY - timedelta(days=chance.randrange(20, 300))
    sex = chance.choice(("female", "male"))
    mother = Pair(f"Nouveau-né de {person.first.latin}", f"مولود {person.first.arabic}")
    own = chance.choice(named(sex))
    placeholder = Written(mother, person.family, sex, born, phone=person.phone)
    return [placeholder, placeholder._replace(given=own)]


def son(person: Person, chance: random.Random) -> Sequence[Written]:
    """The son who has his father's name."""
    born = person.born + timedelta(days=GENERATION + chance.randrange(2_000))
    if person.sex != "male" or born > TODAY:
        return []
    return [_again(person)._replace(born=born, phone=person.phone)]


def married(person: Person, chance: random.Random) -> Sequence[Written]:
    """A woman under her husband's name."""
    if person.sex != "female" or person.age < ADULT:
        return []
    husband = chance.choice([one for one in named("family") if one != person.family])
    return [_again(person)._replace(family=husband, phone=person.phone, number=person.national)]


def household(person: Person, chance: random.Random) -> Sequence[Written]:
    """Somebody of the household, who has the same phone and family name."""
    born = person.born + timedelta(days=chance.randrange(500, 2_500))
    if born > TODAY:
        return []
    return [_again(person)._replace(given=_other(person, chance), born=born, phone=person.phone)]


def digit(person: Person, chance: random.Random) -> Sequence[Written]:
    """One wrong digit in the national number."""
    at = chance.randrange(len("SYN-N"), len(person.national))
    wrong = str((int(person.national[at]) + 1) % 10)
    number = person.national[:at] + wrong + person.national[at + 1 :]
    return [_again(person)._replace(number=number, scripts="latin")]


def borrowed(person: Person, chance: random.Random) -> Sequence[Written]:
    """A relative who was registered with this person's number."""
    born = person.born + timedelta(days=chance.randrange(900, 3_000))
    if born > TODAY or person.age < ADULT:
        return []
    return [
        _again(person)._replace(given=_other(person, chance), born=born, number=person.national)
    ]


def namesake(person: Person, chance: random.Random) -> Sequence[Written]:
    """Somebody of the same name, born in the same year."""
    other = person.born.replace(month=1, day=1) + timedelta(days=chance.randrange(365))
    return [_again(person)._replace(born=other)] if other != person.born and other <= TODAY else []


KINDS: tuple[Kind, ...] = (
    script,
    twin,
    spelling,
    digit,
    borrowed,
    swapped,
    newborn,
    turned,
    son,
    year,
    married,
    second,
    namesake,
    household,
    exact,
)


def _other(person: Person, chance: random.Random) -> Pair:
    return chance.choice([one for one in named(person.sex) if one != person.first])


def _spelt(text: str, chance: random.Random) -> str:
    """Spell a name otherwise, in one or two places."""
    fitting = [one for one in SPELLINGS if one[0] in text]
    for old, new in chance.sample(fitting, min(len(fitting), 2)):
        text = text.replace(old, new, 1)
    return text
