"""The linker: follows the feed of Patients and gives each of them an identity.

One transaction takes what changed since the linker's place: candidates by keys, a decision for
each record, the changed ``Person``s, the ``Task``s, and the new place.  One linker works at a
time; after a crash it goes on where it stopped (decision 0013).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nabd.identity.case import Case, case_id, decided
from nabd.identity.force import in_force
from nabd.identity.guards import THROUGH
from nabd.identity.keys import sought_by
from nabd.identity.model import Model
from nabd.identity.person import CERTAIN, MODEL
from nabd.identity.rules import Candidate, Decision, Outcome, decide, score
from nabd.identity.working import Working, case_about, hand_over, recall, widen

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.access.unit import Unit
    from nabd.store import Stored

READER = "the linker of identities"
LOCK = "the linker of identities"
CHUNK = 200
BY = "model"
"""Who decides when no steward does."""

Progress = Callable[[int], None]
"""Told how many records were linked so far."""

Opening = Callable[[Case], Case]
"""Told each new case, gives it as it is to be kept: what a demo changes of its own."""


async def link(
    session: Session, model: Model, limit: int = CHUNK, opening: Opening | None = None
) -> int:
    """Link the next Patients that are new or changed; return how many there were."""

    async def work(unit: Unit) -> int:
        await unit.lock([LOCK])
        changed = await unit.follow(READER, "Patient", limit)
        if changed:
            await _link(unit, changed, model, opening)
        return len(changed)

    return await session.transaction(work)


async def follow(session: Session) -> int:
    """Link the next Patients with the model in force."""
    return await link(session, await in_force(session))


async def link_all(
    session: Session,
    model: Model,
    progress: Progress | None = None,
    opening: Opening | None = None,
) -> int:
    """Link until nothing is left; return how many Patients there were."""
    total = 0
    while done := await link(session, model, opening=opening):
        total += done
        if progress:
            progress(total)
    return total


async def _link(unit: Unit, changed: list[Stored], model: Model, opening: Opening | None) -> None:
    working = Working()
    alive = [one for one in changed if not one.deleted]
    working.learn(alive)
    near = await _candidates(unit, working, [one.id for one in alive])
    everybody = {one.id for one in changed}.union(*near.values())
    await widen(working, unit, everybody)
    await recall(working, unit, [one.id for one in changed])
    at = datetime.now(UTC)
    for one in changed:
        if one.deleted:
            _forget(working, one.id)
        else:
            place(working, one.id, near[one.id], model, at)
    if opening:
        working.cases = {id_: opening(case) for id_, case in working.cases.items()}
    await hand_over(working, unit, [one.id for one in alive])
    await unit.keep([*working.persons(), *working.tasks()], through=THROUGH)


async def _candidates(unit: Unit, working: Working, ids: list[str]) -> dict[str, list[str]]:
    """Return, by record, the other records that share keys with it."""
    found = await unit.alike("Patient", [sought_by(working.patients[one]) for one in ids])
    working.learn(one.stored for some in found for one in some)
    return {
        id_: [one.stored.id for one in some if one.stored.id != id_]
        for id_, some in zip(ids, found, strict=True)
    }


def place(working: Working, patient: str, near: list[str], model: Model, at: datetime) -> None:
    """Decide where a record belongs; one that has fellows already stays, and is asked about."""
    own = working.identity_with(patient)
    fellows = [one for one in (own.links if own else ()) if one != patient]
    candidates = _scored(working, patient, near, model)
    decision = decide(candidates, _remembered(working, patient), model)
    if own is None or not fellows:
        _settle(working, patient, candidates, decision, model, at)
    _ask(working, patient, decision, model, at)


def _scored(working: Working, patient: str, near: list[str], model: Model) -> list[Candidate]:
    """Score the records near this one, and all others of their identities: the guard sees all."""
    record = working.records[patient]
    identities = {identity.id: identity for one in near if (identity := working.identity_with(one))}
    return [
        Candidate(identity.id, one, score(record, working.records[one], model))
        for identity in identities.values()
        for one in identity.links
        if one != patient and one in working.records
    ]


def _remembered(working: Working, patient: str) -> dict[str, Outcome]:
    """Return what stewards have decided about this record and others, by the other."""
    found: dict[str, Outcome] = {}
    for (left, right), outcome in working.outcomes.items():
        if patient in (left, right) and (said := _steward(outcome)):
            found[right if patient == left else left] = said
    return found


def _steward(outcome: str) -> Outcome | None:
    match outcome:
        case "same" | "different" | "unsure":
            return outcome
        case _:
            return None


def _settle(
    working: Working,
    patient: str,
    candidates: list[Candidate],
    decision: Decision,
    model: Model,
    at: datetime,
) -> None:
    """Give a record the identity that was decided, or one of its own."""
    if decision.link is None:
        if working.identity_with(patient) is None:
            working.found(patient)
        return
    mine = [one for one in candidates if one.identity == decision.link]
    best = max(mine, key=lambda one: (one.score.bits, one.record))
    grade = CERTAIN if best.score.grade == "certain" else MODEL
    working.join(patient, working.identities[best.identity], grade)
    if _is_new(working, patient, best.record):
        case = case_about(working, patient, best.record, best.score, model.version, at)
        working.cases[case.id] = decided(case, "linked", BY, decision.why, at)


def _ask(working: Working, patient: str, decision: Decision, model: Model, at: datetime) -> None:
    """Open the cases of a decision that are not yet known."""
    for one in decision.cases:
        if _is_new(working, patient, one.record):
            case = case_about(working, patient, one.record, one.score, model.version, at)
            urgent = one.priority == "urgent"
            working.cases[case.id] = replace(case, urgent=urgent, why=one.why)


def _is_new(working: Working, one: str, other: str) -> bool:
    left, right = sorted((one, other))
    return (left, right) not in working.outcomes


def _forget(working: Working, patient: str) -> None:
    """Unlink a record that was deleted, and close what was asked about it."""
    working.part(patient)
    for (left, right), outcome in working.outcomes.items():
        if patient in (left, right) and outcome in ("open", "unsure"):
            working.closed[case_id(left, right)] = None
