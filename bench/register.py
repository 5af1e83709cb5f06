"""Write a synthetic register of Morocco: ``python -m bench.register OUT.parquet [N] [SEED]``.

The same N and seed give the same records. Households share a family name, a commune and often a
phone; a person has one or more records, half of them in Arabic letters, half in Latin ones, each
written by a ``Clerk``, whose errors and their rates stand at the top of ``clerk.py``. Nothing here
uses Nabd's tables of names: the Latin spellings come from ``moroccan_names.txt``, from attested
pairs (google and COLING, in ``../shared/data/names``) and from the clerk's habits.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from bench.clerk import TODAY, Clerk, Person
from bench.names_of_morocco import Name, pools

COLUMNS = (
    "id person script given family birth_date sex cnie idcs cnss phone commune".split()  # noqa: SIM905
)
HOUSEHOLDS = 4_000  # of a block: one seed, one task, one file


class Register(Clerk):
    """A block of households: people, and their records."""

    def __init__(self, seed: int, block: int) -> None:
        super().__init__(f"{seed}:{block}")
        self.block = block
        self.count = 0

    def common(self, names: list[Name]) -> Name:
        """Draw a name: the earlier in the list, the more frequent (close to Zipf's law)."""
        return names[int(len(names) * self.random.random() ** 2.2)]

    def rows(self, households: int) -> Iterator[tuple[str, ...]]:
        """Give the records of some households."""
        for _ in range(households):
            members = self.household()
            for person in members:
                other = members[0] if person is not members[0] else members[-1]
                for turn in range(1 + self.draw("records of a person: 1, 2, 3, 4, 5, 6")):
                    yield self.record(person, other, turn)

    def record(self, person: Person, other: Person, turn: int) -> tuple[str, ...]:
        """Write a record of a person, with an id of its own."""
        values = self.written(person, other, turn)
        self.count += 1
        return f"r{self.block}.{self.count}", *values

    def household(self) -> list[Person]:
        """Make a couple and their children."""
        r = self.random
        commune, phone = r.randrange(1503), self.phone()
        father_born = TODAY - timedelta(days=int(365.25 * r.triangular(22, 88, 40)))
        mother_born = father_born + timedelta(days=int(365.25 * r.triangular(-3, 12, 4)))
        father = self.person("m", self.family(), father_born, phone, commune, None, None)
        mother = self.person(
            "f", self.family(), min(mother_born, TODAY - timedelta(days=6800)), phone, commune,
            None, father.family,
        )  # fmt: skip
        members, born = [father, mother], mother.born
        for _ in range(self.draw("children of a household: 0 … 5")):
            born += timedelta(days=int(365.25 * r.triangular(1.2, 20, 3) + 330))
            for _ in range(2 if self.happens("birth that is of twins") else 1):
                if born < TODAY:
                    sex, name = r.choice("mf"), mother.given[0]
                    child = self.person(sex, father.family, born, phone, commune, name, None)
                    if child.given[0] in {member.given[0] for member in members}:
                        continue  # brothers do not have one name
                    members.append(
                        child._replace(spelled=(*child.spelled[:-1], father.spelled[-1]))
                    )
        return members

    def person(
        self, sex: str, family: Name, born: date, phone: str, commune: int, mother: Name | None,
        husband: Name | None,
    ) -> Person:  # fmt: skip
        """Make a person."""
        r = self.random
        self.count += 1
        given = (self.given(sex),)
        if self.happens("second given name"):
            given += (self.given(sex),)
        early = "before 1980" if born.year < 1980 else "later"
        if self.happens(f"born on 1 January: {early}"):
            born = born.replace(month=1, day=1)
        adult = (TODAY - born).days > 18 * 365
        letters = r.choice("ABCDEFGHIJKLMNPQRSTUVWXYZ") + r.choice(["", *"ABCDEHJKM"])
        return Person(
            number=f"{self.block}.{self.count}",
            given=given,
            family=family,
            spelled=tuple(self.spelling(name) for name in (*given, family)),
            born=born,
            sex=sex,
            cnie=f"{letters}{r.randrange(1000, 999999)}"
            if adult and self.happens("adult with a CNIE")
            else "",
            idcs=f"{r.randrange(10**10):010}" if self.happens("person with an IDCS") else "",
            cnss=f"{r.randrange(10**9):09}"
            if adult and self.happens("adult with a CNSS number")
            else "",
            phone=self.phone()
            if adult and self.happens("household that moved or split: each has a phone of its own")
            else phone,
            commune=commune,
            mother=mother,
            husband=husband,
        )

    def family(self) -> Name:
        """Draw a family name: common, of the tail, or made with a particle from a given name."""
        p = pools()
        if self.happens("family name of the long tail"):
            return self.common(p.tail) if self.random.random() < 0.7 else self.composed()
        return self.common(p.families)

    def composed(self) -> Name:
        arabic, latin = self.common(pools().men if self.random.random() < 0.5 else pools().tail)
        with_arabic, with_latin = self.random.choice(
            [("بن ", "ben"), ("أيت ", "ait "), ("بو", "bou"), ("ولد ", "ould ")]
        )
        return Name(with_arabic + arabic, tuple(with_latin + one for one in latin))

    def given(self, sex: str) -> Name:
        """Draw a given name."""
        p = pools()
        if self.happens("given name of the long tail"):
            return self.common(p.tail)
        return self.common(p.men if sex == "m" else p.women)


def _block(task: tuple[int, int, Path]) -> int:
    seed, block, folder = task
    rows = list(Register(seed, block).rows(HOUSEHOLDS))
    with (folder / f"{block:06}.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return len(rows)


def write(out: Path, records: int = 1_000_000, seed: int = 26) -> Path:
    """Write a register of that many records to a Parquet file, in random but repeatable order."""
    import duckdb

    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor() as pool:
        folder, have, block = Path(name), 0, 0
        while have < records:
            step = max(1, min(os.cpu_count() or 1, (records - have) // (HOUSEHOLDS * 5)))
            have += sum(pool.map(_block, [(seed, block + i, folder) for i in range(step)]))
            block += step
        types = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS)
        read = f"read_csv('{folder}/*.csv', header=false, nullstr='', columns={{{types}}})"
        duckdb.sql(
            f"COPY (SELECT * FROM (FROM {read} LIMIT {records}) "
            f"ORDER BY hash(id || '{seed}'), id) TO '{out}' (FORMAT parquet)"
        )
    return out


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
