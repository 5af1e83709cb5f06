"""Write people down as the desks of many facilities would, with their habits and their mistakes.

    python -m bench.foreign.desk FILE RECORDS [PROFILE] [SEED]

This register is by another hand than ``bench.register``: its names were written from usage before
any table of Nabd was read, and so were its mistakes. All of it is invented; ``rates.py`` says how.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet

from bench.foreign.hand import Hand
from bench.foreign.households import Human, Vocabulary, humans
from bench.foreign.rates import PROFILES, RATES, VISITS

COLUMNS = (
    "id", "person", "given", "family", "birth_date", "sex", "commune", "phone",
    "cnie", "idcs", "cnss", "facility", "script", "errors",
)  # fmt: skip

Row = dict[str, str | None]


class Desk(Hand):
    """One facility, which writes whole records."""

    def row(self, one: Human, visit: int) -> Row:
        self.errors = []
        given, family = self.names(one, visit)
        commune, phone = one.homes[-1] if visit and len(one.homes) > 1 else one.homes[0]
        if visit and len(one.homes) > 1:
            self.errors.append("moved")
        cnie, idcs, cnss = self.numbers(one)
        return {
            "given": given, "family": family, "birth_date": self.date(one), "sex": self.sex(one),
            "commune": None if self.happens("no commune")
            else self.commune if self.happens("wrong commune") else commune,
            "phone": None if self.happens("no phone") else self.phone(phone),
            "cnie": cnie, "idcs": idcs, "cnss": cnss, "facility": f"f{self.number}",
            "script": "ar" if self.arabic else "la", "errors": ",".join(self.errors),
        }  # fmt: skip

    def date(self, one: Human) -> str | None:
        year, month, day = one.born
        if self.happens("no birth date"):
            return None
        if self.happens("year slip"):
            year += self.r.choice((-1, 1, -10, 10, -2, 2))
        if self.happens("day for month") and day <= 12:
            month, day = day, month
        if self.happens("date slip"):
            if self.r.random() < 0.5:
                day = min(28, max(1, day + self.r.choice((-10, 10, -1, 1, 2, -2))))
            else:
                month = min(12, max(1, month + self.r.choice((-1, 1, 2, -2, 10))))
        if self.happens("year only"):
            return self.r.choice((f"{year}", f"{year}-01-01", f"{year}-{month:02}"))
        return f"{year}-{month:02}-{day:02}"

    def sex(self, one: Human) -> str | None:
        if self.happens("no sex"):
            return None
        other = "female" if one.sex == "male" else "male"
        return other if self.happens("wrong sex") else one.sex

    def phone(self, phone: str) -> str:
        digits = self.slip(phone) if self.happens("phone slip") else phone
        form = self.r.randrange(5)
        if form == 0:
            return "+212" + digits[1:]
        if form == 1:
            return "-".join(re.findall("..", digits))
        if form == 2 and self.arabic:
            return digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
        return "00212 " + digits[1:] if form == 3 else digits

    def numbers(self, one: Human) -> tuple[str | None, str | None, str | None]:
        cnie = idcs = cnss = None
        if self.happens("numbers"):
            self.errors.remove("numbers")
            cnie = one.cnie
            idcs = one.idcs if self._has("idcs") or not cnie else None
            cnss = one.cnss if self._has("cnss") else None
        parents = [p for p in (one.father, one.mother) if p]
        if parents and self.happens("parent's card" if one.age < 18 else "lent"):
            cnie = self.r.choice(parents).cnie
        return self.number_of(cnie), self.number_of(idcs), self.number_of(cnss)

    def _has(self, what: str) -> bool:
        return self.r.random() < RATES[what][self.level]

    def number_of(self, value: str | None) -> str | None:
        if not value:
            return None
        if self.happens("number slip"):
            value = self.slip(value)
        form = self.r.randrange(8)
        if form == 0:
            return value.lower()
        if form == 1 and value[0].isalpha():
            return re.sub(r"^([A-Z]+)", r"\1 ", value)
        return value

    def slip(self, value: str) -> str:
        at = self.r.randrange(1, len(value))
        if self.r.random() < 0.3 and at + 1 < len(value):
            return value[:at] + value[at + 1] + value[at] + value[at + 2 :]
        return value[:at] + self.r.choice("0123456789") + value[at + 1 :]


def rows(records: int, level: int, seed: int) -> list[Row]:
    """Write so many records; the order says nothing."""
    r = random.Random(seed)
    desks = [Desk(r, i, level) for i in range(400)]
    written: list[Row] = []
    for one in humans(r, Vocabulary(r)):
        visits = r.choices(range(1, 6), VISITS)[0]
        for visit, desk in enumerate(r.choices(desks, k=visits)):
            written.append({"person": f"p{one.number}", **desk.row(one, visit)})
        if len(written) >= records:
            break
    r.shuffle(written)
    return [{"id": f"x{i}", **row} for i, row in enumerate(written)]


def write(path: Path, records: int, profile: str = "ordinary", seed: int = 2026) -> Path:
    """Write a register as Parquet."""
    made = rows(records, PROFILES.index(profile), seed)
    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(made, schema=schema), path)
    return path


if __name__ == "__main__":
    where, count, *rest = sys.argv[1:]
    profile, seed = [*rest, "ordinary", "2026"][:2] if len(rest) != 1 else [rest[0], "2026"]
    write(Path(where), int(count), profile, int(seed))
