"""Decide, on plain values: how much two records speak for one person, and what follows from it.

No I/O. ``score`` adds the weights of a model, field by field, and finds what contradicts;
``decide`` applies the thresholds, the margin, and what stewards have decided before. A doubt is a
question for a steward, never a link.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from nabd.identity import compare
from nabd.identity.agreement import AGREES, Names, Part, agreement
from nabd.identity.doubts import contradictions, doubts, twins
from nabd.identity.identifiers import strength
from nabd.identity.model import NAMES, Model, Thresholds
from nabd.identity.record import Record

Grade = Literal["certain", "probable", "possible", "certainly-not"]
HOUSEHOLD = ("family", "phone", "email", "place")
PROVING = ("certain", "national")  # identifiers that are one person's


class Reason(NamedTuple):
    """One field's part in a score."""

    field: str
    level: str
    bits: float


class Score(NamedTuple):
    """How much two records speak for one person; the reasons and the prior add up to the bits.

    ``contradictions`` speak against the whole identity that the other record belongs to, ``doubts``
    against linking by this pair alone.
    """

    bits: float
    probability: float
    grade: Grade
    reasons: tuple[Reason, ...]
    contradictions: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether a national identifier agrees."""
        return is_proven(self.reasons)

    @property
    def but_for_numbers(self) -> float:
        """The bits without the identifiers that contradict: a wrong card, or another person."""
        return self.bits - sum(
            one.bits
            for one in self.reasons
            if one.level in ("differ", "typing") and strength(one.field) == "certain"
        )


def score(a: Record, b: Record, model: Model) -> Score:
    """Weigh two records against each other; which comes first makes no difference."""
    return verdict(a, b, reasons(a, b, model), model.prior, doubts, model.thresholds)


def reasons(a: Record, b: Record, model: Model) -> list[Reason]:
    """Weigh the fields that both records tell, and what their household explains."""
    found = [*_names(_named(a, b, model), model), *_others(a, b, model)]
    return [*found, *_relatives(found, model)]


Doubts = Callable[[Record, Record, Mapping[str, str], bool], Iterator[str]]


def verdict(
    a: Record, b: Record, found: Sequence[Reason], prior: float, unsure: Doubts, at: Thresholds
) -> Score:
    """Add up the reasons, and name what speaks against a link: what ``unsure`` yields, too."""
    levels = {one.field: one.level for one in found}
    bits = round(prior + sum(one.bits for one in found), 4)
    proven = is_proven(found)
    against, lacking = tuple(contradictions(a, b, levels)), tuple(unsure(a, b, levels, proven))
    graded = grade(bits, proven, bool(against or lacking), at)
    return Score(bits, probability(bits), graded, tuple(found), against, lacking)


def is_proven(found: Sequence[Reason]) -> bool:
    """Say whether a national identifier agrees."""
    return any(one.level == "same" and strength(one.field) in PROVING for one in found)


def probability(bits: float) -> float:
    """Turn bits (log2 of the odds) into a probability.

    >>> probability(0.0)
    0.5
    """
    return 1.0 / (1.0 + math.exp2(-max(min(bits, 60.0), -60.0)))


def grade(bits: float, proven: bool, doubtful: bool, at: Thresholds) -> Grade:
    """Grade a score as http://terminology.hl7.org/CodeSystem/match-grade does."""
    if bits < at.possible:
        return "certainly-not"
    if bits < at.match or doubtful:
        return "possible"
    return "certain" if proven or bits >= at.certain else "probable"


def _others(a: Record, b: Record, model: Model) -> Iterator[Reason]:
    levels = (
        ("born", compare.born(a.born, b.born)),
        ("sex", compare.told(a.sex, b.sex)),
        ("phone", compare.sets(a.phones, b.phones)),
        ("email", compare.sets(a.emails, b.emails)),
        ("place", compare.place(a.places, b.places)),
    )
    for field, level in levels:
        if level:
            yield Reason(field, level, model.bits[field, level])
    for kind, level in compare.identifiers(a, b):
        yield Reason(kind, level, model.bits[strength(kind), level])


def _named(a: Record, b: Record, model: Model) -> Names:
    """Compare the names of two records, in whatever scripts: the pair that says most counts."""
    found = [agreement(one, other) for one in a.names for other in b.names]
    if not found or a.placeholder or b.placeholder:
        return Names(None, _families(found))
    if len(found) == 1:
        return found[0]
    return max(found, key=lambda one: (sum(r.bits for r in _names(one, model)), str(one)))


def _families(found: Sequence[Names]) -> Part | None:
    """Compare the family names only: the given name of a newborn is its mother's, or none."""
    parts = (one.family for one in found)
    return max((part for part in parts if part and part.level in AGREES), default=None)


def _names(named: Names, model: Model) -> Iterator[Reason]:
    for field, found in (("given", named.given), ("family", named.family)):
        if found:
            yield Reason(field, found.level, name_bits(field, found, model))


def name_bits(field: str, found: Part, model: Model) -> float:
    """Weigh the agreement of a name: the rarer what is shared, the more."""
    bits = model.bits[field, found.level]
    if not found.shared:
        return bits
    fields = NAMES if found.level == "swapped" else (field,)
    each = [min([_rarity(one, pair, model) for one in fields]) for pair in found.shared]
    rarity = sorted(each, reverse=True)
    # the second of two names is seldom independent of the first: Fatima Zahra
    return bits + rarity[0] + sum(rarity[1:]) / 2


def _rarity(field: str, pair: tuple[str, str], model: Model) -> float:
    """Return the bits of sharing a name; of two forms of it, the more frequent one counts."""
    known, unseen = model.rarity, model.unseen[field]
    return min(known.get((field, pair[0]), unseen), known.get((field, pair[1]), unseen))


def _relatives(reasons: Sequence[Reason], model: Model) -> Iterator[Reason]:
    """Correct for families: who shares a household shares its name, phone and place.

    Beyond the household these prove nothing more; and where the birth date agrees but the given
    name does not, a twin is as likely as the person.
    """
    home = sum(one.bits for one in reasons if one.bits > 0 and _of_household(one.field))
    if home > model.household:
        yield Reason("household", "same", model.household - home)
    if home and twins({one.field: one.level for one in reasons}):
        yield Reason("household", "twins", -min(model.relative, home))


def _of_household(field: str) -> bool:
    return field in HOUSEHOLD or strength(field) == "shared"


class Candidate(NamedTuple):
    """A record that shares keys with the one in question, and the identity that it belongs to."""

    identity: str
    record: str
    score: Score


Outcome = Literal["same", "different", "unsure"]
Priority = Literal["routine", "urgent"]


class Case(NamedTuple):
    """A question for a steward: is the record in question of the same person as ``record``?"""

    identity: str
    record: str
    score: Score
    priority: Priority
    why: str


class Decision(NamedTuple):
    """What to do with a record: the identity it is linked to, None for one of its own."""

    link: str | None
    cases: tuple[Case, ...]
    why: str


class _Standing(NamedTuple):
    """What speaks for an identity, all of its records taken together."""

    identity: str
    best: Candidate
    against: str  # why no link is made automatically, "" when nothing speaks against one
    outcomes: frozenset[Outcome]
    open: Candidate | None  # the best record that no steward has decided about

    @property
    def bits(self) -> float:
        return self.best.score.bits


def decide(
    candidates: Sequence[Candidate], remembered: Mapping[str, Outcome], model: Model
) -> Decision:
    """Decide about a record by its candidates; their order makes no difference.

    ``remembered`` is what stewards have decided about the record in question and another one, by
    the id of the other.
    """
    rivals = sorted(_rivals(candidates, remembered, model), key=lambda s: (-s.bits, s.identity))
    link, why = _link(rivals, model)
    cases = (case for rival in rivals if rival.identity != link and (case := _case(rival, why)))
    return Decision(link, tuple(cases), why)


def _rivals(
    candidates: Sequence[Candidate], remembered: Mapping[str, Outcome], model: Model
) -> Iterator[_Standing]:
    members: dict[str, list[Candidate]] = {}
    for one in candidates:
        members.setdefault(one.identity, []).append(one)
    for identity, records in members.items():
        standing = _standing(identity, records, remembered, model)
        if standing.outcomes or any(worth_asking(c.score, model.thresholds) for c in records):
            yield standing


def worth_asking(found: Score, at: Thresholds) -> bool:
    """Say whether a pair that is not linked is worth a steward's time.

    It is when a national identifier agrees, whatever else does not; and when all else would link
    two records whose identifiers contradict. Names alone are not: a steward could not tell either.
    """
    if found.proven or found.but_for_numbers >= max(at.match, found.bits + 1):
        return True
    beyond = [one for one in found.reasons if one.field not in (*NAMES, "sex")]
    named_alone = bool(found.reasons) and all(one.bits <= 0 for one in beyond)
    return found.bits >= at.review and not named_alone


def _standing(
    identity: str, records: list[Candidate], remembered: Mapping[str, Outcome], model: Model
) -> _Standing:
    ranked = sorted(records, key=lambda c: (-c.score.bits, c.record))
    outcomes = frozenset(remembered[c.record] for c in ranked if c.record in remembered)
    undecided = [c for c in ranked if c.record not in remembered]
    against = _against(ranked, undecided, model)
    return _Standing(identity, ranked[0], against, outcomes, undecided[0] if undecided else None)


def _against(ranked: list[Candidate], undecided: list[Candidate], model: Model) -> str:
    """Say what speaks against a link: a contradiction of any record, or that no record suffices."""
    if found := sorted({one for c in ranked for one in c.score.contradictions}):
        return found[0]
    if len(undecided) < len(ranked):  # a steward was not sure: one who was is heard before this
        return "unsure"
    enough = [c for c in undecided if c.score.bits >= model.thresholds.match]
    if not enough:
        return "weight"
    return "" if any(not c.score.doubts for c in enough) else min(enough[0].score.doubts)


def _link(rivals: Sequence[_Standing], model: Model) -> tuple[str | None, str]:
    possible = [one for one in rivals if "different" not in one.outcomes]
    confirmed = [one for one in possible if "same" in one.outcomes]
    if confirmed:
        return confirmed[0].identity, "confirmed"
    if not possible:
        return None, "nobody"
    best, *others = possible
    if best.against:
        return None, best.against
    if others and best.bits - others[0].bits < model.thresholds.margin:
        return None, "margin"
    return best.identity, best.best.score.grade


def _case(rival: _Standing, why: str) -> Case | None:
    """Ask about an identity, unless stewards have answered for it."""
    if not rival.open or rival.outcomes:
        return None
    found = rival.open.score
    priority: Priority = "urgent" if found.proven else "routine"
    return Case(rival.identity, rival.open.record, found, priority, rival.against or why)
