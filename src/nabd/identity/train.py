"""Estimate a model anew: from pairs that stewards decided, candidate pairs, and pairs at random.

``m`` comes from pairs of one person: decided ones count whole, undecided candidates by the
probability that the model gives them (expectation and maximisation, a few rounds). ``u`` comes from
random pairs, who are practically never one person; pairs that were decided to be different are
alike by selection and say nothing about it, so they serve the evaluation only. What the pairs are
too few to tell stays as in the model before, by pseudo-counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from nabd.identity.agreement import SHARED
from nabd.identity.identifiers import strength
from nabd.identity.model import NAMES, Frequencies, Level, Model
from nabd.identity.record import Record
from nabd.identity.rules import Grade, Score, score

ROUNDS = 4
PSEUDO = 50.0  # pairs that the model before counts for
RARE = 1e-4  # a name less frequent than that is in no table
FIXED_U = ("certain", "national", "local", "phone", "email")  # too rare in random pairs to count

Pair = tuple[Record, Record]
Decided = tuple[Record, Record, bool]


class Quality(NamedTuple):
    """How a model does on decided pairs; what would be linked without a question, and what not."""

    pairs: int
    linked: int
    wrong: int  # linked, though they are different
    asked: int
    missed: int  # of one person, neither linked nor asked about


class Training(NamedTuple):
    """A new model, not yet approved, and what it changes on the same evaluation."""

    model: Model
    before: Quality
    after: Quality


def train(
    model: Model,
    decided: Sequence[Decided],
    *,
    candidates: Sequence[Pair] = (),
    random_pairs: Sequence[Pair],
    records: Sequence[Record],
    evaluation: Sequence[Decided],
    version: str,
    source: str,
) -> Training:
    """Estimate weights and name frequencies; ``evaluation`` must not be part of what is learned."""
    new = msgspec.structs.replace(model, version=version, source=source)
    new = msgspec.structs.replace(new, frequencies=frequencies(records, model))
    chance = _levels((score(a, b, new), 1.0) for a, b in random_pairs)
    for _ in range(ROUNDS if candidates else 1):
        mates = _levels(_mates(new, decided, candidates))
        new = msgspec.structs.replace(new, levels=_estimate(model, mates, chance))
    return Training(new, quality(model, evaluation), quality(new, evaluation))


def quality(model: Model, evaluation: Iterable[Decided]) -> Quality:
    """Count what a model would do with each of the decided pairs, taken alone."""
    count: Counter[tuple[str, bool]] = Counter()
    for a, b, same in evaluation:
        count[_action(score(a, b, model), model), same] += 1
    return Quality(
        pairs=count.total(),
        linked=count["link", True] + count["link", False],
        wrong=count["link", False],
        asked=count["ask", True] + count["ask", False],
        missed=count["leave", True],
    )


def _action(found: Score, model: Model) -> str:
    links: tuple[Grade, ...] = ("certain", "probable")
    if found.grade in links:
        return "link"
    return "ask" if found.bits >= model.thresholds.review or found.proven else "leave"


def _mates(
    model: Model, decided: Sequence[Decided], candidates: Sequence[Pair]
) -> Iterator[tuple[Score, float]]:
    for a, b, same in decided:
        if same:
            yield score(a, b, model), 1.0
    for a, b in candidates:
        found = score(a, b, model)
        yield found, found.probability


def _levels(scores: Iterable[tuple[Score, float]]) -> dict[str, Counter[str]]:
    """Count the levels of each field, each score by its weight."""
    found: dict[str, Counter[str]] = {}
    for one, weight in scores:
        for reason in one.reasons:
            field = table(reason.field)
            found.setdefault(field, Counter())[reason.level] += weight  # type: ignore[assignment]
    return found


def table(field: str) -> str:
    """Name the table of levels of a field: identifiers share one by what they prove."""
    known = ("given", "family", "born", "sex", "phone", "email", "place", "household")
    return field if field in known else strength(field)


def _estimate(
    model: Model, mates: Mapping[str, Counter[str]], chance: Mapping[str, Counter[str]]
) -> dict[str, dict[str, Level]]:
    return {
        field: dict(
            _field(field, levels, mates.get(field, Counter()), chance.get(field, Counter()))
        )
        for field, levels in model.levels.items()
    }


def _field(
    field: str, levels: Mapping[str, Level], mates: Counter[str], chance: Counter[str]
) -> Iterator[tuple[str, Level]]:
    before_m = {name: one.m for name, one in levels.items()}
    before_u = {name: one.u for name, one in levels.items()}
    agree = sum(_share(mates, one, before_m) for one in ("exact", "same") if one in levels)
    for name in levels:
        m = _share(mates, name, before_m)
        if field in FIXED_U:
            yield name, Level(m, before_u[name])
        elif field not in NAMES or name not in SHARED:
            yield name, Level(m, _share(chance, name, before_u))
        elif name == "swapped":  # one event, of which each part is half
            yield name, Level(m, math.sqrt(m))
        else:  # relative to how frequent the name itself is; never more than the same name proves
            u = (chance[name] + 1) / (chance["exact"] + chance["same"] + 1)
            yield name, Level(m, u if name in ("exact", "same") else max(u, m / agree))


def _share(seen: Counter[str], name: str, before: Mapping[str, float]) -> float:
    total = sum(before.values())
    return (seen[name] + PSEUDO * before[name] / total) / (seen.total() + PSEUDO)


def frequencies(records: Sequence[Record], model: Model) -> dict[str, Frequencies]:
    """Count how frequent names are, each once a record; what is rare shares one frequency."""
    if not records:
        return dict(model.frequencies)
    return {field: _frequencies(records, field) for field in NAMES}


def _frequencies(records: Sequence[Record], field: str) -> Frequencies:
    count: Counter[str] = Counter()
    for record in records:
        count.update({token.canonical for name in record.names for token in getattr(name, field)})
    shares = {name: n / len(records) for name, n in count.items()}
    rare = [share for share in shares.values() if share < RARE]
    unseen = math.fsum(share**2 for share in rare) / math.fsum(rare) if rare else RARE
    return Frequencies(
        max(unseen, 1 / len(records)), {n: s for n, s in shares.items() if s >= RARE}
    )
