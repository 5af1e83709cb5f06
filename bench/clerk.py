"""How a clerk writes down a person: two scripts, habits of spelling, slips, what is left out.

What goes wrong in a record, and how often, is ``RATES``: invented, after the conventions that
reference/identity.md lists. Nothing here uses Nabd's tables of names.
"""

from __future__ import annotations

import random
from datetime import date
from typing import NamedTuple

from bench.names_of_morocco import Name

# How often, among the records (or people, households) that it could happen to.
RATES = {
    # people and households
    "records of a person: 1, 2, 3, 4, 5, 6": (0.58, 0.24, 0.10, 0.05, 0.02, 0.01),
    "children of a household: 0 … 5": (0.24, 0.22, 0.25, 0.16, 0.09, 0.04),
    "birth that is of twins": 0.015,
    "household that moved or split: each has a phone of its own": 0.45,
    "family name of the long tail": 0.55,
    "given name of the long tail": 0.08,
    "second given name": 0.16,
    "born on 1 January: before 1980": 0.14,
    "born on 1 January: later": 0.02,
    "adult with a CNIE": 0.88,
    "person with an IDCS": 0.40,
    "adult with a CNSS number": 0.38,
    # a record's names
    "written in Arabic": 0.50,
    "another Latin spelling than the person's own": 0.30,
    "a habit of spelling changes (ou/w, ch/sh, …)": 0.16,
    "article left out, or added, or joined": 0.14,
    "particle apart or joined (Ben, Bou, Aït, Abd el)": 0.15,
    "second given name left out": 0.35,
    "given and family name swapped": 0.02,
    "whole name in the family's field": 0.006,
    "typing error in a name": 0.025,
    "hamza or alef without its sign": 0.20,
    "taa marbuta as haa": 0.10,
    "alef maqsura as yaa": 0.30,
    "title before the name (Moulay, Lalla, Haj)": 0.02,
    "Med for Mohamed": 0.08,
    "initial for a given name": 0.004,
    "capitals": 0.45,
    "married woman under her husband's name": 0.08,
    "newborn's placeholder (first record of a birth of the last three years)": 0.25,
    # a record's other fields
    "birth date missing": 0.015,
    "birth date: day and month swapped": 0.010,
    "birth date: a digit wrong": 0.012,
    "birth date: only the year known, written 1 January": 0.020,
    "birth year of a 1 January off by one to three": 0.12,
    "sex missing": 0.02,
    "sex wrong": 0.006,
    "CNIE given": 0.55,
    "IDCS given": 0.45,
    "CNSS number given": 0.35,
    "a digit of an identifier wrong": 0.008,
    "identifier of a relative": 0.003,
    "phone given": 0.70,
    "phone changed": 0.14,
    "phone in another format": 0.40,
    "commune given": 0.96,
    "commune changed": 0.09,
}
TODAY = date(2026, 6, 30)
# Ways in which a clerk hears or writes a Latin name; each is tried both ways.
HABITS = (
    ("ou", "w"), ("ou", "u"), ("ou", "o"), ("ch", "sh"), ("dj", "j"), ("gh", "rh"), ("kh", "k"),
    ("k", "q"), ("ss", "s"), ("aa", "a"), ("i", "y"), ("ai", "ay"), ("ei", "ai"), ("th", "t"),
    ("aoui", "awi"), ("ia", "iya"), ("ll", "l"), ("nn", "n"), ("bb", "b"), ("dd", "d"), ("e", "a"),
    ("mm", "m"), ("ine", "in"), ("ane", "an"), ("rr", "r"), ("i", "e"), ("ah", "a"), ("ph", "f"),
)  # fmt: skip
BARE = str.maketrans("أإآٱؤئ", "ااااوي")


class Person(NamedTuple):
    """The truth about one person: what the records are made from."""

    number: str
    given: tuple[Name, ...]
    family: Name
    spelled: tuple[str, ...]  # the person's own Latin spelling of given names and family
    born: date
    sex: str
    cnie: str
    idcs: str
    cnss: str
    phone: str
    commune: int
    mother: Name | None
    husband: Name | None


class Clerk:
    """Somebody who writes records."""

    def __init__(self, source: str) -> None:
        self.random = random.Random(source)

    def happens(self, what: str) -> bool:
        rate = RATES[what]
        assert isinstance(rate, float)
        return self.random.random() < rate

    def draw(self, what: str) -> int:
        weights = RATES[what]
        assert isinstance(weights, tuple)
        return self.random.choices(range(len(weights)), weights)[0]

    def spelling(self, name: Name) -> str:
        """Choose a Latin spelling: mostly the commonest."""
        return name.latin[min(int(self.random.expovariate(1.1)), len(name.latin) - 1)]

    def phone(self) -> str:
        return f"0{self.random.choice('67')}{self.random.randrange(10**8):08}"

    def written(self, person: Person, other: Person, turn: int) -> tuple[str, ...]:
        """Write a record of a person, without its id: the values of all other columns."""
        arabic = self.happens("written in Arabic")
        given, family = self.names(person, arabic, turn)
        cnie, idcs, cnss = (
            self.identifier(*numbers)
            for numbers in (
                (person.cnie, other.cnie, "CNIE given"),
                (person.idcs, other.idcs, "IDCS given"),
                (person.cnss, other.cnss, "CNSS number given"),
            )
        )
        if "\0" in given:  # nobody has given numbers to a newborn
            given, cnie, idcs, cnss = given.strip("\0"), "", "", ""
        return (
            person.number, "ar" if arabic else "la", given, family,
            self.birth_date(person.born), self.sex(person.sex), cnie, idcs, cnss,
            self.contact(person.phone), self.commune(person.commune),
        )  # fmt: skip

    def names(self, person: Person, arabic: bool, turn: int) -> tuple[str, str]:
        """Write the names of a record."""
        r = self.random
        family, spelled = person.family, person.spelled
        if person.husband and self.happens("married woman under her husband's name"):
            family, spelled = person.husband, (*spelled[:-1], self.spelling(person.husband))
        newborn = turn == 0 and (TODAY - person.born).days < 3 * 365
        if (
            newborn
            and person.mother
            and self.happens(
                "newborn's placeholder (first record of a birth of the last three years)"
            )
        ):
            return self.placeholder(person, arabic), self.arabic(family) if arabic else spelled[-1]
        given_names = person.given
        if len(given_names) > 1 and self.happens("second given name left out"):
            given_names = given_names[:1]
        if arabic:
            given, last = " ".join(map(self.arabic, given_names)), self.arabic(family)
        else:
            words = [self.latin(n, s) for n, s in zip(given_names, spelled, strict=False)]
            given, last = " ".join(words), self.latin(family, spelled[-1])
        if self.happens("title before the name (Moulay, Lalla, Haj)"):
            titles = ("مولاي|moulay", "الحاج|haj") if person.sex == "m" else ("لالة|lalla",)
            given = f"{r.choice(titles).split('|')[not arabic]} {given}"
        if self.happens("initial for a given name"):
            given = given[0]
        if self.happens("given and family name swapped"):
            given, last = last, given
        if self.happens("whole name in the family's field"):
            given, last = "", f"{given} {last}"
        return self.typed(given), self.typed(last)

    def placeholder(self, person: Person, arabic: bool) -> str:
        """Write what stands where a newborn has no name yet; a null character marks it."""
        assert person.mother
        boy = person.sex == "m"
        if arabic:
            child = "ابن" if boy else "بنت"
            words = ("مولود", "رضيع", *(f"{w} {person.mother.arabic}" for w in (child, "مولود")))
        else:
            child, mother = "fils de" if boy else "fille de", person.mother.latin[0]
            words = ("bébé", *(f"{w} {mother}" for w in (child, "nouveau-né de", "NN")))
        return self.random.choice(words) + "\0"

    def arabic(self, name: Name) -> str:
        """Write a name in Arabic letters, with the usual carelessness."""
        text = name.arabic
        if self.happens("hamza or alef without its sign"):
            text = text.translate(BARE)
        if self.happens("taa marbuta as haa"):
            text = text.replace("ة", "ه")
        if self.happens("alef maqsura as yaa"):
            text = text.replace("ى", "ي")
        if self.happens("article left out, or added, or joined"):
            text = text[2:] if text.startswith("ال") and len(text) > 4 else text
        if " " in text and self.happens("particle apart or joined (Ben, Bou, Aït, Abd el)"):
            text = text.replace(" ", "", 1)
        return text

    def latin(self, name: Name, spelled: str) -> str:
        """Write a name in Latin letters: as the person does, or as a clerk hears it."""
        r = self.random
        text = spelled
        if self.happens("another Latin spelling than the person's own"):
            text = r.choice(name.latin)
        if self.happens("a habit of spelling changes (ou/w, ch/sh, …)"):
            text = self.habit(text)
        if text in ("mohamed", "mohammed") and self.happens("Med for Mohamed"):
            text = r.choice(("med", "md.", "moh"))
        if self.happens("article left out, or added, or joined"):
            text = self.article(text, name.arabic.startswith("ال"))
        if self.happens("particle apart or joined (Ben, Bou, Aït, Abd el)"):
            text = self.particle(text)
        return text.replace("-", r.choice("- ")) if "-" in text else text

    def habit(self, text: str) -> str:
        pairs = [p for a, b in HABITS for p in ((a, b), (b, a)) if p[0] in text]
        if not pairs:
            return text
        here, there = self.random.choice(pairs)
        return text.replace(here, there, 1)

    def article(self, text: str, has_one: bool) -> str:
        for article in ("el", "al"):
            if text.startswith(article) and len(text) > 5:
                return self.random.choice(
                    (text[2:], f"{article} {text[2:]}", f"{article}-{text[2:]}")
                )
        return self.random.choice((f"el {text}", f"al {text}", f"el{text}")) if has_one else text

    def particle(self, text: str) -> str:
        for particle in ("ben", "bou", "bel", "ait", "abdel", "abder", "abdes", "ould"):
            if text.startswith(particle) and len(text) > len(particle) + 2:
                rest = text[len(particle) :].lstrip("- ")
                return self.random.choice(
                    (f"{particle} {rest}", particle + rest, f"{particle}-{rest}")
                )
        return text

    def typed(self, text: str) -> str:
        """Type a text, sometimes with an error, sometimes in capitals."""
        r = self.random
        if len(text) > 3 and self.happens("typing error in a name"):
            at = r.randrange(1, len(text) - 1)
            letter = r.choice("اتنيلمر" if text[0] > "\u0600" else "aeioutnrsl")
            text = r.choice(
                (
                    text[:at] + text[at + 1 :],
                    text[:at] + letter + text[at:],
                    text[:at] + letter + text[at + 1 :],
                    text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                )
            )
        return text.upper() if self.happens("capitals") else text.title()

    def birth_date(self, born: date) -> str:
        """Write a birth date."""
        r = self.random
        if self.happens("birth date missing"):
            return ""
        if (born.month, born.day) == (1, 1):
            if self.happens("birth year of a 1 January off by one to three"):
                born = born.replace(year=born.year + r.choice((-3, -2, -1, -1, 1, 1, 2, 3)))
        elif self.happens("birth date: only the year known, written 1 January"):
            born = born.replace(month=1, day=1)
        if born.day <= 12 and self.happens("birth date: day and month swapped"):
            born = born.replace(month=born.day, day=born.month)
        if self.happens("birth date: a digit wrong"):
            part = r.choice(("year", "month", "day"))
            top = {"year": (born.year - 9, born.year + 9), "month": (1, 12), "day": (1, 28)}[part]
            born = born.replace(day=min(born.day, 28)).replace(**{part: r.randint(*top)})
        return born.isoformat()

    def sex(self, sex: str) -> str:
        if self.happens("sex missing"):
            return ""
        return ("f" if sex == "m" else "m") if self.happens("sex wrong") else sex

    def identifier(self, own: str, relative: str, given: str) -> str:
        """Write an identifier: a person's own, seldom a relative's, or nothing."""
        r = self.random
        if not own or not self.happens(given):
            return ""
        if relative and self.happens("identifier of a relative"):
            return relative
        if self.happens("a digit of an identifier wrong"):
            at = r.randrange(2, len(own))
            return own[:at] + r.choice("0123456789") + own[at + 1 :]
        return own

    def contact(self, phone: str) -> str:
        if not self.happens("phone given"):
            return ""
        if self.happens("phone changed"):
            phone = self.phone()
        if self.happens("phone in another format"):
            return self.random.choice(
                ("+212" + phone[1:], " ".join((phone[:4], phone[4:6], phone[6:])))
            )
        return phone

    def commune(self, commune: int) -> str:
        if not self.happens("commune given"):
            return ""
        if self.happens("commune changed"):
            commune = self.random.randrange(1503)
        return f"C{commune:04}"
