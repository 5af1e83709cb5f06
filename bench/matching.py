"""Measure finding, scoring and deciding on a generated register, without a database.

    python -m bench.matching [--records N] [--queries Q] [--arrivals N] [--keys]

The register is that of ``bench.register`` (synthetic; its rates are stated there), with another
seed than the model was trained on. Keys are looked up as the store does: those that at most ``CAP``
records share, each worth less the more do, and the ``MOST`` best are scored. ``--keys`` prints what
each kind of key adds.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from bench.figures import Figure, show
from bench.register import COLUMNS, HOUSEHOLDS, Register
from nabd.fhir.json import Json
from nabd.identity.keys import hashed, keys_of, sought, sought_by, texts_of
from nabd.identity.model import Model, load
from nabd.identity.record import Record, record_of
from nabd.identity.rules import Candidate, decide, score
from nabd.store.alike import CAP, MOST

SEED = 2027  # not the seed of the training
SID = "https://nabd.health/fhir/sid/"
PLACE = "https://nabd.health/fhir/StructureDefinition/place"
Row = dict[str, str]


def rows(count: int, seed: int) -> list[Row]:
    """Generate the records of a register, in random but repeatable order."""
    found: list[Row] = []
    block = 0
    while len(found) < count:
        for values in Register(seed, block).rows(HOUSEHOLDS):
            found.append(dict(zip(COLUMNS, map(sys.intern, values), strict=True)))
        block += 1
    random.Random(seed).shuffle(found)
    return found[:count]


def patient(row: Row) -> Json:
    """Write a row of the register as a Patient."""
    systems = ("cnie", "idcs", "cnss")
    place = {"url": PLACE, "valueReference": {"reference": f"Location/{row['commune']}"}}
    return {
        "resourceType": "Patient",
        "id": row["id"],
        "identifier": [{"system": SID + s, "value": row[s]} for s in systems if row[s]],
        "name": [{"family": row["family"], "given": [row["given"]] if row["given"] else []}],
        "gender": {"m": "male", "f": "female", "": "unknown"}[row["sex"]],
        "birthDate": row["birth_date"],
        "telecom": [{"system": "phone", "value": row["phone"]}] if row["phone"] else [],
        "address": [{"extension": [place]}] if row["commune"] else [],
    }


class Index:
    """What ``nabd.store.alike`` does: the rarer a key, the more it is worth."""

    def __init__(self) -> None:
        self.rows: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, number: int, keys: Iterable[tuple[int, float]]) -> None:
        for term, _ in keys:
            self.rows[term].append(number)

    def find(self, number: int, keys: Iterable[tuple[int, float]]) -> list[int]:
        """Return the best candidates, as many as are scored."""
        weights: defaultdict[int, float] = defaultdict(float)
        for term, weight in keys:
            sharing = self.rows.get(term, ())
            if len(sharing) <= CAP:
                for other in sharing:
                    weights[other] += weight - math.log2(len(sharing))
        weights.pop(number, None)
        return sorted(weights, key=lambda other: (-weights[other], other))[:MOST]


class World:
    """A register, its truth, and its records ready to be compared."""

    def __init__(self, count: int, seed: int = SEED) -> None:
        self.rows = rows(count, seed)
        self.mates: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            self.mates[row["person"]].append(number)
        self.record = lru_cache(maxsize=200_000)(lambda n: record_of(patient(self.rows[n])))

    def index(self) -> tuple[Index, float]:
        index, keys = Index(), 0
        for number, row in enumerate(self.rows):
            found = keys_of(patient(row))
            keys += len(found)
            index.add(number, found)
        return index, keys / len(self.rows)

    def queries(self, count: int) -> list[int]:
        with_mates = [n for n, row in enumerate(self.rows) if len(self.mates[row["person"]]) > 1]
        return random.Random(1).sample(with_mates, min(count, len(with_mates)))

    def others(self, number: int) -> set[int]:
        return set(self.mates[self.rows[number]["person"]]) - {number}


class Arrivals(NamedTuple):
    """What came of records that arrived one after another."""

    records: int
    linked: int
    wrong: int
    could: int  # records that had a mate before them
    right: int  # of those, linked to it
    cases: int
    worth: int  # cases whose two records are of one person
    whys: Counter[str]
    mistakes: list[tuple[int, int]]


def arrive(world: World, count: int, model: Model) -> Arrivals:
    """Link records as they come, each to an identity or to one of its own."""
    index, identity = Index(), dict[int, str]()
    members: defaultdict[str, set[str]] = defaultdict(set)
    seen: set[str] = set()
    linked = wrong = could = right = cases = worth = 0
    whys: Counter[str] = Counter()
    mistakes = []
    for number in range(count):
        person = world.rows[number]["person"]
        keys = keys_of(patient(world.rows[number]))
        mine = world.record(number)
        found = [
            Candidate(identity[n], str(n), score(mine, world.record(n), model))
            for n in index.find(number, sought_by(patient(world.rows[number])))
        ]
        decision = decide(found, {}, model)
        own = decision.link or str(number)
        could += person in seen
        if decision.link:
            linked += 1
            if person in members[own]:
                right += 1
            if members[own] != {person}:
                wrong += 1
                mistakes.append((number, int(own)))
        elif person in seen:
            whys[decision.why if decision.cases else f"no case, {decision.why}"] += 1
        cases += len(decision.cases)
        worth += sum(world.rows[int(c.record)]["person"] == person for c in decision.cases)
        identity[number] = own
        members[own].add(person)
        seen.add(person)
        index.add(number, keys)
    return Arrivals(count, linked, wrong, could, right, cases, worth, whys, mistakes)


def per_call(call: Callable[[int], object], numbers: Sequence[int]) -> str:
    """Measure microseconds of processor time a call, warm."""
    for number in numbers:
        call(number)
    start = time.process_time()
    for number in numbers:
        call(number)
    return f"{(time.process_time() - start) / len(numbers) * 1e6:.1f} µs"


def finding(world: World, index: Index, queries: list[int], model: Model) -> Iterator[Figure]:
    """Measure whether mates are found, and graded as such."""
    mates = found = graded = candidates = 0
    pairs: list[tuple[Record, Record]] = []
    for number in queries:
        near = index.find(number, sought_by(patient(world.rows[number])))
        others = world.others(number)
        mates, candidates = mates + len(others), candidates + len(near)
        hits = others & set(near)
        found += len(hits)
        mine = world.record(number)
        pairs += [(mine, world.record(n)) for n in near[:5]]
        graded += sum(score(mine, world.record(n), model).grade != "certainly-not" for n in hits)
    yield Figure("true mates among the candidates", f"{found / mates:.4f}", "≥ .985")
    yield Figure("candidates a query", f"{candidates / len(queries):.1f}", f"≤ {MOST}")
    yield Figure("true mates in the answer of $match", f"{graded / mates:.4f}", "≥ .98")
    yield Figure("score", per_call(lambda n: score(*pairs[n], model), range(len(pairs))), "≤ 25 µs")


def deciding(world: World, count: int, model: Model) -> Iterator[Figure]:
    """Measure the decisions on records that arrive one after another."""
    got = arrive(world, count, model)
    right = 1 - got.wrong / max(got.linked, 1)
    yield Figure("automatic links that are right", f"{right:.5f}", "≥ .9995", f"{got.wrong} wrong")
    shared = f"{got.right / max(got.could, 1):.4f}"
    yield Figure("records with a mate before them, linked", shared, "")
    share = f"{got.cases / got.records:.4f}"
    yield Figure("cases for stewards a record", share, "", f"{got.worth} of {got.cases} are mates")
    print(got.whys.most_common(), file=sys.stderr)


def key_table(world: World, queries: list[int]) -> Iterator[Figure]:
    """Measure what each kind of key adds: recall with and without it, and how many there are."""
    texts = [list(texts_of(record_of(patient(row)))) for row in world.rows]
    asked = {n: list(sought(world.record(n))) for n in queries}
    kinds = sorted({text.partition("|")[0] for found in texts for text, _ in found})
    for without in ["", *kinds]:
        index = Index()
        kept = [hashed(other_kinds(found, without)) for found in texts]
        for number, found in enumerate(kept):
            index.add(number, found)
        near = {n: set(index.find(n, hashed(other_kinds(asked[n], without)))) for n in queries}
        mates = sum(len(world.others(n)) for n in queries)
        hits = sum(len(world.others(n) & near[n]) for n in queries)
        size = sum(map(len, kept)) / len(kept)
        name = f"without {without}" if without else "all kinds of keys"
        yield Figure(name, f"{hits / mates:.4f}", "", f"{size:.2f} keys a record")


def other_kinds(keys: Iterable[tuple[str, float]], kind: str) -> Iterator[tuple[str, float]]:
    """Leave out the keys of one kind; keys are in clear, "kind|value"."""
    return ((text, weight) for text, weight in keys if text.partition("|")[0] != kind)


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--arrivals", type=int, default=50_000)
    parser.add_argument("--keys", action="store_true")
    asked = parser.parse_args()
    world, model = World(asked.records), load()
    queries = world.queries(asked.queries)
    figures = list(key_table(world, queries)) if asked.keys else []
    index, size = world.index()
    figures.append(Figure("keys a record", f"{size:.2f}", "≤ 12"))
    figures += finding(world, index, queries, model)
    some = [patient(world.rows[n]) for n in queries]
    each = range(len(some))
    figures.append(Figure("record_of", per_call(lambda n: record_of(some[n]), each), ""))
    figures.append(Figure("keys_of", per_call(lambda n: keys_of(some[n]), each), ""))
    figures += deciding(world, min(asked.arrivals, asked.records), model)
    show(figures)


if __name__ == "__main__":
    main()
