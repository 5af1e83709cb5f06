"""Invent the families of a bilingual country: who lives, marries, is born a twin, and moves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
TODAY = 2026
COMMUNES = 1503  # of the census of 2024
PREFIXES = (  # of the CNIE: a letter, or two
    *"ABCDEFGHJKLMNPQRSTUVWXZ",
    *(a + b for a, ends in {"A": "ABD", "B": "BEHJK", "C": "BDN", "F": "ABC", "G": "AB", "H": "AH",
      "I": "AB", "J": "ABCEK", "L": "ABC", "M": "ACJ", "P": "AB", "S": "AHJ", "Z": "GT"}.items()
      for b in ends),
)  # fmt: skip


class Name(NamedTuple):
    arabic: str
    latin: tuple[str, ...]


class Spelled(NamedTuple):
    """A name with the spelling of one person's papers."""

    name: Name
    papers: str


@dataclass
class Human:
    number: int
    sex: str
    given: tuple[Spelled, ...]
    family: Spelled
    born: tuple[int, int, int]
    commune: str
    phone: str
    title: str = ""  # Moulay, Lalla
    husband: Spelled | None = None
    mother: Human | None = None
    father: Human | None = None
    cnie: str = ""
    idcs: str = ""
    cnss: str = ""
    homes: list[tuple[str, str]] = field(default_factory=list)  # commune and phone, the latest last

    @property
    def age(self) -> int:
        return TODAY - self.born[0]


class Vocabulary:
    """Names by how often they are given."""

    def __init__(self, r: random.Random) -> None:
        lists: dict[str, list[Name]] = {"family": []}
        where = "family"
        for file in ("names.txt", "families.txt"):
            where = "family"
            for line in (HERE / file).read_text("utf-8").splitlines():
                if line.startswith("["):
                    where = line.strip("[]")
                elif line and not line.startswith("#"):
                    arabic, latin = line.split(" | ")
                    lists.setdefault(where, []).append(Name(arabic, tuple(latin.split(", "))))
        self.male, self.female = lists["male"], lists["female"]
        self.family = [*lists["family"], *_compounds(lists["male"], r)]
        listed = len(lists["family"])
        n = len(self.family)
        self._family = list(
            accumulate(
                [1 / (i + 12) ** 0.75 if i < listed else 0.35 / (i % 700 + 40) for i in range(n)]
            )
        )
        self._given = {
            sex: list(accumulate(1 / (i + 3) ** 0.95 for i in range(len(names))))
            for sex, names in (("male", self.male), ("female", self.female))
        }
        self.r = r

    def given(self, sex: str) -> Spelled:
        names = self.male if sex == "male" else self.female
        return self.spell(self.r.choices(names, cum_weights=self._given[sex])[0])

    def surname(self) -> Spelled:
        return self.spell(self.r.choices(self.family, cum_weights=self._family)[0])

    def spell(self, name: Name) -> Spelled:
        weights = [1 / (i + 1) ** 1.2 for i in range(len(name.latin))]
        return Spelled(name, self.r.choices(name.latin, weights)[0])


def _compounds(male: list[Name], r: random.Random) -> list[Name]:
    """Surnames made of a forefather's name, as most are in the Souss, the Rif and the Sahara."""
    forms = (
        ("آيت {}", ("Aït {}", "Ait {}", "Ayt {}", "Ait{}")),
        ("بن {}", ("Ben {}", "Ben{}", "Bin {}")),
        ("ولد {}", ("Ould {}", "Oueld {}")),
        ("أو{}", ("Ou{}", "Ou {}", "U {}")),
        ("{}", ("{}",)),
        ("{}ي", ("{}i", "{}y", "El {}i")),
    )
    made = []
    for name in male:
        if " " in name.arabic or name.arabic[0] in "أإآا":
            continue
        for arabic, latin in r.sample(forms, 3):
            stems = [one for one in name.latin[:3] if " " not in one]
            if latin[0] == "{}i":
                stems = [one.rstrip("eai") for one in stems]
                if name.arabic[-1] in "يىةاء":
                    continue
            spellings = [
                pattern.format(
                    stem if " " in pattern else stem.lower() if pattern[0] != "{" else stem
                )
                for pattern in latin
                for stem in stems
            ]
            if spellings:
                made.append(Name(arabic.format(name.arabic), tuple(dict.fromkeys(spellings))))
    r.shuffle(made)
    return made


def humans(r: random.Random, words: Vocabulary, twins: float = 0.012) -> Iterator[Human]:
    """Yield people without end, family by family."""
    number = 0
    while True:
        for one in _family(r, words, twins):
            one.number = number
            number += 1
            yield one


def _family(r: random.Random, words: Vocabulary, twins: float) -> list[Human]:
    commune, phone = _commune(r), _phone(r)
    name = words.surname()
    father = _adult(r, words, "male", name, commune, phone)
    mother = _adult(
        r, words, "female", words.surname(), commune, phone if r.random() < 0.5 else _phone(r)
    )
    mother.born = (min(TODAY - 18, father.born[0] + r.randint(-2, 12)), *mother.born[1:])
    mother.husband = name
    cnss = str(r.randrange(100_000_000, 199_999_999)) if r.random() < 0.6 else ""
    family = [father, mother]
    year = mother.born[0] + r.randint(19, 27)
    for _ in range(r.choices(range(7), (12, 14, 24, 22, 14, 9, 5))[0]):
        if year > TODAY:
            break
        family += _born(r, words, father, mother, year, r.random() < twins)
        year += r.randint(1, 5)
    for one in family:
        one.cnss = cnss if one in (father, mother) or one.age < 21 else ""
    _move(r, family)
    return family


def _adult(
    r: random.Random, words: Vocabulary, sex: str, family: Spelled, commune: str, phone: str
) -> Human:
    born = (TODAY - int(r.triangular(20, 92, 38)), r.randint(1, 12), r.randint(1, 28))
    if (TODAY - born[0] > 55 and r.random() < 0.3) or r.random() < 0.03:
        born = (born[0], 1, 1)  # no act of birth: the papers say 1 January
    one = Human(0, sex, _givens(r, words, sex), family, born, commune, phone)
    noble = family.name.arabic in ("العلوي", "الإدريسي", "الوزاني", "العلمي", "الكتاني")
    if r.random() < (0.4 if noble else 0.02):
        one.title = "Moulay" if sex == "male" else "Lalla"
    _papers(r, one)
    return one


def _givens(r: random.Random, words: Vocabulary, sex: str) -> tuple[Spelled, ...]:
    first = words.given(sex)
    if r.random() < 0.1 and " " not in first.name.arabic:
        return first, words.given(sex)
    return (first,)


def _papers(r: random.Random, one: Human) -> None:
    if one.age >= 18 or r.random() < 0.1:
        prefix = r.choice(PREFIXES)
        one.cnie = prefix + str(r.randrange(1000, 999_999 if len(prefix) > 1 else 9_999_999))
    one.idcs = str(r.randrange(1_000_000_000, 9_999_999_999))


def _born(
    r: random.Random, words: Vocabulary, father: Human, mother: Human, year: int, two: bool
) -> list[Human]:
    date = (year, r.randint(1, 12), r.randint(1, 28))
    children: list[Human] = []
    for _ in range(2 if two else 1):
        sex = r.choice(("male", "female"))
        given = _givens(r, words, sex)
        while children and given[0].name.arabic == children[0].given[0].name.arabic:
            given = _givens(r, words, sex)
        if sex == "male" and not children and r.random() < 0.02:
            given = father.given  # father and son of one name
        family = father.family if r.random() < 0.9 else words.spell(father.family.name)
        child = Human(0, sex, given, family, date, father.commune, father.phone)
        child.mother, child.father, child.title = (
            mother,
            father,
            father.title and ("Moulay" if sex == "male" else "Lalla"),
        )
        if child.age >= 20 and r.random() < 0.7:
            child.phone = _phone(r)
        if sex == "female" and child.age >= 22 and r.random() < 0.6:
            child.husband = words.surname()
            child.commune = _commune(r) if r.random() < 0.5 else child.commune
        _papers(r, child)
        children.append(child)
    return children


def _move(r: random.Random, family: list[Human]) -> None:
    moved = (_commune(r), _phone(r)) if r.random() < 0.15 else None
    for one in family:
        one.homes = [(one.commune, one.phone)]
        if moved and one.age < 21:
            one.homes.append(moved)
        elif moved or r.random() < 0.1:
            one.homes.append((moved[0] if moved else one.commune, _phone(r)))


def _commune(r: random.Random) -> str:
    return f"{int(r.paretovariate(0.6) * 7919) % COMMUNES + 1:05d}"


def _phone(r: random.Random) -> str:
    return f"0{r.choice('667')}{r.randrange(10_000_000, 99_999_999)}"
