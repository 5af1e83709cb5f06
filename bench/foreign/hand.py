"""How names are written at a desk: in two scripts, by ear, by habit, with slips."""

from __future__ import annotations

import random
import re
import unicodedata

from bench.foreign.households import COMMUNES, Human, Name, Spelled
from bench.foreign.rates import RATES

ALIKE = ["أإآا", "ىي", "ةه", "حهخ", "قك", "طت", "صس", "ذد", "ضظد", "عا", "جش", "ثت"]
DOTS = ["بتثني", "جحخ", "رز", "دذ", "فق", "سش", "صض", "طظ", "عغ"]
LOOKS = [
    ("m", "rn"),
    ("l", "1"),
    ("o", "0"),
    ("e", "c"),
    ("i", "l"),
    ("u", "v"),
    ("h", "b"),
    ("a", "o"),
]
HABITS = [
    ("ou", "u"), ("ou", "o"), ("ch", "sh"), ("k", "q"), ("aoui", "awi"), ("ss", "s"), ("ll", "l"),
    ("i", "y"), ("ane", "an"), ("ine", "in"), ("e", "a"), ("a", "e"), ("aa", "a"), ("j", "dj"),
    ("h", ""), ("ia", "iya"), ("dd", "d"), ("rr", "r"), ("nn", "n"), ("a", "aa"), ("d", "dh"),
    ("gh", "rh"), ("f", "ph"), ("kh", "k"),
]  # fmt: skip
KEYS = "azertyuiop^$qsdfghjklmùwxcvbn,;:!", "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرﻻىةوزظ"
NEAR = dict(zip("azertyuiopqsdfghjklmwxcvbn", "zaretuyoipsqfdhgkjmlxwvcnb", strict=True))


class Hand:
    """Whoever writes at one facility: the script, the convention, the care."""

    def __init__(self, r: random.Random, number: int, level: int) -> None:
        self.r, self.number, self.level = r, number, level
        self.arabic = r.random() < RATES["arabic"][level]
        self.english = r.random() < 0.12
        self.case = r.choice((str.upper, str.upper, str, str, str.title, str.lower))
        self.accents = r.random() < 0.25
        self.plain_alef = r.random() < 0.6
        self.commune = f"{r.randrange(1, COMMUNES + 1):05d}"
        self.dates = r.choice(("iso", "iso", "year"))
        self.errors: list[str] = []

    def happens(self, what: str) -> bool:
        if self.r.random() < RATES[what][self.level]:
            self.errors.append(what)
            return True
        return False

    def names(self, one: Human, visit: int) -> tuple[str | None, str | None]:
        if one.age <= 1 and not visit and one.mother and self.happens("newborn"):
            return self.placeholder(one)
        parts = list(one.given)
        if len(parts) > 1 and self.happens("second dropped"):
            parts = (
                parts[: 1 if self.r.random() < 0.85 else 2][-1:]
                if self.r.random() < 0.9
                else parts[1:]
            )
        given = " ".join(self.word(p) for p in parts)
        given = self.short(given)
        if one.title and not self.happens("title dropped"):
            given = self.title(one.title, given)
        if one.age > 60 and self.happens("hajj"):
            given = self.title("Hajj" if one.sex == "male" else "Hajja", given)
        family = self.surname(one)
        if self.happens("swap"):
            given, family = family, given
        given, family = self.spoil(given), self.spoil(family)
        given, family = self.case(given), self.case(family)
        if self.happens("whole"):
            whole = f"{given} {family}" if self.r.random() < 0.6 else f"{family} {given}"
            return None, whole
        return given, family

    def surname(self, one: Human) -> str:
        own = self.article(self.word(one.family))
        if one.husband and self.happens("husband's name"):
            return self.article(self.word(one.husband))
        if one.husband and self.happens("both names"):
            join = (
                self.r.choice((" حرم ", " زوجة "))
                if self.arabic
                else self.r.choice((" épouse ", " ep. ", " Ep ", " née "))
            )
            husband = self.word(one.husband)
            return f"{husband}{join}{own}" if join == " née " else f"{own}{join}{husband}"
        return own

    def placeholder(self, one: Human) -> tuple[str, str]:
        assert one.mother
        mother = " ".join(self.word(p) for p in one.mother.given)
        if self.arabic:
            word = self.r.choice(
                ("مولود", "ولد" if one.sex == "male" else "بنت", "رضيع", "مولود جديد")
            )
        else:
            word = self.r.choice(
                ("Nouveau-né de", "NN de", "BB de", "BB", "Bébé", "Nouveau né", "N.N")
            )
        if self.r.random() < 0.5:
            return f"{word} {mother}", self.word(one.mother.family)
        return word, self.word(one.family)

    def word(self, spelled: Spelled) -> str:
        return self.in_arabic(spelled.name) if self.arabic else self.in_latin(spelled)

    def in_latin(self, spelled: Spelled) -> str:
        text = spelled.papers
        if self.happens("own spelling"):
            text = self.r.choice(spelled.name.latin)
        if self.english:
            text = (
                text.replace("ou", "u")
                .replace("ch", "sh")
                .replace("Ch", "Sh")
                .replace("aoui", "awi")
            )
        if self.happens("habit"):
            fits = [(a, b) for a, b in HABITS if a in text[1:]]
            if fits:
                a, b = self.r.choice(fits)
                text = text[0] + text[1:].replace(a, b, 1)
        if not self.accents:
            text = "".join(
                c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
            )
        if " " in text and self.r.random() < 0.15:
            text = text.replace(" ", self.r.choice(("-", "", "  ")))
        if "'" in text and self.r.random() < 0.4:
            text = text.replace("'", self.r.choice(("", "’", " ")))
        return text

    def in_arabic(self, name: Name) -> str:
        text = name.arabic
        if self.plain_alef:
            text = text.translate(str.maketrans("أإآ", "ااا"))
        if self.happens("habit"):
            text = self.exchange(text, ALIKE)
        if " " in text and self.r.random() < 0.25:
            text = text.replace(" ", "")
        if self.r.random() < 0.005:
            text = text[:1] + self.r.choice("َُِّـ") + text[1:]
        if self.r.random() < 0.03:
            text = text.replace("ي", "ی").replace("ك", "ک")
        return text

    def article(self, text: str) -> str:
        if not self.happens("article"):
            return text
        if self.arabic:
            return text[2:] if text.startswith("ال") and len(text) > 5 else text
        if re.match(r"(?i)(el|al) ", text):
            return text[3:]
        return f"El {text}" if text.endswith("i") and not text.startswith("L") else text

    def title(self, title: str, given: str) -> str:
        arabic = {"Moulay": "مولاي", "Lalla": "لالة", "Hajj": "الحاج", "Hajja": "الحاجة"}
        latin = {"Moulay": ("Moulay", "My", "Mly"), "Lalla": ("Lalla", "Lla"),
                 "Hajj": ("Haj", "El Haj", "Hadj"), "Hajja": ("Hajja", "Haja")}  # fmt: skip
        return f"{arabic[title] if self.arabic else self.r.choice(latin[title])} {given}"

    def short(self, text: str) -> str:
        if (
            self.arabic
            or not re.match(r"(?i)(moham|abd|fatima.z|mousta|musta)", text)
            or not self.happens("short")
        ):
            return text
        if text.lower().startswith("moham"):
            return re.sub(r"^\S+", self.r.choice(("Med", "Md", "Mohd", "Med.")), text)
        if text.lower().startswith("fatima"):
            return self.r.choice(("F. Zahra", "Fz", "F.Zahra", "Fatim Zahra", "Fatima Z."))
        if text.lower().startswith("abd"):
            return re.sub(r"(?i)^abd[eou]?[lr]?\s?", self.r.choice(("Abd. ", "A. ", "Ab. ")), text)
        return self.r.choice(("Must", "Mfa", "Mtpha"))

    def spoil(self, text: str) -> str:
        if not text:
            return text
        if self.happens("typo"):
            text = self.typo(text)
        if self.happens("ocr"):
            text = self.exchange(text, DOTS) if self.arabic else self.looks(text)
        if self.happens("layout"):
            table = str.maketrans(*(KEYS[::-1] if self.arabic else KEYS))
            text = text.lower().translate(table)
        return text

    def typo(self, text: str) -> str:
        at = self.r.randrange(len(text))
        kind = self.r.randrange(4)
        if kind == 0 and len(text) > 3:
            return text[:at] + text[at + 1 :]
        if kind == 1 and at + 1 < len(text):
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if kind == 2:
            return text[:at] + text[at] + text[at:]
        letter = (
            self.r.choice("ابتثجحدرسعفقكلمنهوي") if self.arabic else NEAR.get(text[at].lower(), "e")
        )
        return text[:at] + letter + text[at + 1 :]

    def exchange(self, text: str, groups: list[str]) -> str:
        start = 2 if text.startswith("ال") else 0  # nobody mistakes the article
        places = [(i, g) for i, c in enumerate(text) for g in groups if c in g and i >= start]
        if not places:
            return text
        at, group = self.r.choice(places)
        return text[:at] + self.r.choice(group.replace(text[at], "") or group) + text[at + 1 :]

    def looks(self, text: str) -> str:
        fits = [(a, b) for a, b in LOOKS if a in text[1:]]
        if not fits:
            return text
        a, b = self.r.choice(fits)
        return text[0] + text[1:].replace(a, b, 1)
