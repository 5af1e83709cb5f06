"""Estimate a model anew: from pairs that stewards decided, candidate pairs, and pairs at random.

``m`` comes from pairs of one person: decided ones count whole, undecided candidates by the
probability that the model gives them (expectation and maximisation, a few rounds). ``u`` comes from
random pairs, who are practically never one person; pairs that were decided to be different are
alike by selection and say nothing about it, so they serve the evaluation only. What the pairs are
too few to tell stays near the model before.
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
from nabd.identity.rules import Grade, Score, score, worth_asking

ROUNDS = 4
HALF = 0.5
RARE = 1e-4  # a name less frequent than that is in no table
# what random pairs are too few for, and places, of which a region's register has its own mixture
FIXED_U = ("certain", "national", "shared", "local", "phone", "email", "place")

Seen = Counter[str]
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
    trust: float = 50.0,
) -> Training:
    """Estimate weights and name frequencies; ``evaluation`` must not be part of what is learned.

    ``trust`` is the number of pairs that the model before counts for.
    """
    new = msgspec.structs.replace(model, version=version, source=source)
    new = msgspec.structs.replace(new, frequencies=frequencies(records, model))
    chance = _levels((score(a, b, new), 1.0) for a, b in random_pairs)
    for _ in range(ROUNDS if candidates else 1):
        mates = _levels(_mates(new, decided, candidates))
        new = msgspec.structs.replace(new, levels=_estimate(model, mates, chance, trust))
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
    return "ask" if worth_asking(found, model.thresholds) else "leave"


def _mates(
    model: Model, decided: Sequence[Decided], candidates: Sequence[Pair]
) -> Iterator[tuple[Score, float]]:
    for a, b, same in decided:
        if same:
            yield score(a, b, model), 1.0
    for a, b in candidates:
        found = score(a, b, model)
        yield found, found.probability


def _levels(scores: Iterable[tuple[Score, float]]) -> dict[str, Seen]:
    """Count the levels of each field, each score by its weight."""
    found: dict[str, Seen] = {}
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
    model: Model, mates: Mapping[str, Seen], chance: Mapping[str, Seen], trust: float
) -> dict[str, dict[str, Level]]:
    return {
        field: dict(
            _field(field, levels, mates.get(field, Counter()), chance.get(field, Counter()), trust)
        )
        for field, levels in model.levels.items()
    }


def _field(
    field: str, levels: Mapping[str, Level], mates: Seen, chance: Seen, trust: float
) -> Iterator[tuple[str, Level]]:
    m = _shares(mates, {name: one.m for name, one in levels.items()}, trust)
    u = _shares(chance, {name: one.u for name, one in levels.items()}, trust)
    for name in levels:
        if field in FIXED_U:
            yield name, Level(m[name], levels[name].u)
        elif field not in NAMES or name not in SHARED:
            yield name, Level(m[name], u[name])
        elif name == "swapped":  # one event, of which each part is half
            yield name, Level(m[name], math.sqrt(m[name]))
        else:
            yield name, Level(m[name], _relative(name, m, u))


def _relative(name: str, m: Mapping[str, float], u: Mapping[str, float]) -> float:
    """Say how often the level is reached by chance for each time that the name is the same.

    A weak agreement never proves more than the same name does.
    """
    found = u[name] / (u["exact"] + u["same"])
    return found if name in ("exact", "same") else max(found, m[name] / (m["exact"] + m["same"]))


def _shares(seen: Seen, before: Mapping[str, float], trust: float) -> dict[str, float]:
    """Share out what was seen; half an observation for what was not, and some trust in before."""
    if not seen:
        return dict(before)
    known = sum(before.values())
    whole = seen.total() + trust + HALF * len(before)
    return {n: (seen[n] + trust * b / known + HALF) / whole for n, b in before.items()}


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
