"""What a steward decides of a case, and how it is undone.

Only ``Person``s and the case's ``Task`` are written, never a record.  The ``Task`` remembers which
versions of which ``Person``s stood before and after, so that undoing restores exactly those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from nabd.errors import Problem, problem
from nabd.fhir.json import decode
from nabd.identity.case import (
    Case,
    case_id,
    decided,
    released,
    reopened,
    taken,
    task_of,
    text_of,
)
from nabd.identity.guards import THROUGH
from nabd.identity.linking import LOCK
from nabd.identity.model import Model
from nabd.identity.person import MODEL, STEWARD, Identity, identity_of
from nabd.identity.rules import Score, score
from nabd.identity.working import Working, case_about, case_in, identity_in, learn, recall, widen
from nabd.store import Outcome, Stored, Write

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.access.unit import Unit

Verdict = Literal["same", "different", "unsure"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "unsure")


async def take(session: Session, id_: str) -> Case:
    """Take a case for ten minutes; Problem N6103 when another steward has it, N6104 decided."""

    async def work(unit: Unit) -> Case:
        return await _keep_case(unit, taken(await _free(unit, id_), unit.actor, datetime.now(UTC)))

    return await session.transaction(work)


async def release(session: Session, id_: str) -> Case:
    """Give a case back undecided."""

    async def work(unit: Unit) -> Case:
        return await _keep_case(unit, released(await _free(unit, id_), datetime.now(UTC)))

    return await session.transaction(work)


async def decide(session: Session, id_: str, verdict: Verdict, why: str, model: Model) -> Case:
    """Decide a case; Problem N6102 without a reason, N6103 taken, N6104 decided before."""
    _demand_reason(why)

    async def work(unit: Unit) -> Case:
        return await _decide(unit, await _free(unit, id_), verdict, why, model)

    return await session.transaction(work)


async def merge(session: Session, keep: str, drop: str, why: str, model: Model) -> Case:
    """Make two identities one, by deciding their nearest pair of records to be the same."""
    _demand_reason(why)

    async def work(unit: Unit) -> Case:
        await unit.lock([LOCK])
        one, other = await identity_in(unit, keep), await identity_in(unit, drop)
        if one.id == other.id:
            raise problem("N6105")
        return await _decide_nearest(unit, list(one.links), list(other.links), "same", why, model)

    return await session.transaction(work)


async def unmerge(session: Session, patient: str, why: str, model: Model) -> Case:
    """Take a record out of its identity, by deciding that it differs from a fellow.

    A merge that brought it there is undone, so that what stood before stands again; else the
    fellow is the nearest one.
    """
    _demand_reason(why)

    async def work(unit: Unit) -> Case:
        await unit.lock([LOCK])
        working = Working()
        await widen(working, unit, [patient])
        identity = working.identity_with(patient)
        fellows = [one for one in (identity.links if identity else ()) if one != patient]
        if not fellows:
            raise problem("N6106")
        await recall(working, unit, [patient])
        for case_ in _confirmed(working, patient, fellows):
            if undone := await _overrule(unit, case_, why):
                return undone
        return await _decide_nearest(unit, [patient], fellows, "different", why, model)

    return await session.transaction(work)


async def undo(session: Session, id_: str, why: str) -> Case:
    """Restore what stood before a decision; Problem N6107 when it was changed since."""
    _demand_reason(why)

    async def work(unit: Unit) -> Case:
        await unit.lock([LOCK])
        case = await case_in(unit, id_)
        if case.outcome not in VERDICTS:
            raise problem("N6108")
        await _restore(unit, case)
        return await _keep_case(unit, reopened(case, unit.actor, why, datetime.now(UTC)))

    return await session.transaction(work)


def _demand_reason(why: str) -> None:
    if not why.strip():
        raise problem("N6102")


async def _free(unit: Unit, id_: str) -> Case:
    """Read a case that may be decided now, by this account."""
    await unit.lock([LOCK])
    case = await case_in(unit, id_)
    if case.is_decided:
        raise problem("N6104", outcome=case.outcome)
    if case.is_taken(unit.actor, text_of(datetime.now(UTC))):
        raise problem("N6103")
    return case


async def _decide(unit: Unit, case: Case, verdict: Verdict, why: str, model: Model) -> Case:
    working = Working()
    await learn(working, unit, [case.left, case.right])
    await widen(working, unit, [case.left, case.right])
    if verdict == "same":
        _join(working, case)
    elif verdict == "different":
        _part(working, case, model)
    before = await unit.read_many("Person", working.changed)
    kept = await unit.keep(working.persons(), through=THROUGH)
    made = decided(case, verdict, unit.actor, why, datetime.now(UTC))
    return await _keep_case(
        unit, replace(made, before=_versions(before.values()), after=_kept(kept))
    )


def _join(working: Working, case: Case) -> None:
    """Bring both records' identities together under the one that has more records."""
    pair = [working.identity_with(one) or working.found(one) for one in (case.left, case.right)]
    into, rest = sorted(pair, key=lambda one: (-len(one.links), one.id))
    for patient in {**rest.links, case.left: "", case.right: ""}:
        mine = patient in (case.left, case.right)
        working.join(patient, into, STEWARD if mine else rest.links.get(patient) or MODEL)


def _part(working: Working, case: Case, model: Model) -> None:
    """Take that one of two records out of their identity which is farther from the others."""
    identity = working.identity_with(case.left)
    if identity is None or case.right not in identity.links:
        return
    others = [one for one in identity.links if one not in (case.left, case.right)]
    left, right = (_nearness(working, one, others, model) for one in (case.left, case.right))
    working.found(case.left if left < right else case.right)


def _nearness(working: Working, patient: str, others: list[str], model: Model) -> float:
    record = working.records[patient]
    return max(
        (score(record, working.records[o], model).bits for o in others if o in working.records),
        default=0.0,
    )


async def _decide_nearest(
    unit: Unit, some: list[str], others: list[str], verdict: Verdict, why: str, model: Model
) -> Case:
    working = Working()
    await learn(working, unit, [*some, *others])
    await recall(working, unit, some)
    pairs = [
        (score(working.records[a], working.records[b], model), a, b)
        for a in some
        for b in others
        if a in working.records and b in working.records
    ]
    if not pairs:
        raise problem("N6106")
    best, one, other = max(pairs, key=lambda pair: pair[0].bits)
    return await _decide(
        unit, await _case(unit, working, best, one, other, model), verdict, why, model
    )


async def _case(
    unit: Unit, working: Working, found: Score, one: str, other: str, model: Model
) -> Case:
    left, right = sorted((one, other))
    if (left, right) in working.outcomes:
        return await case_in(unit, case_id(left, right))
    return case_about(working, left, right, found, model.version, datetime.now(UTC))


def _confirmed(working: Working, patient: str, fellows: list[str]) -> list[str]:
    """Return the cases that say of this record and a fellow that they are the same."""
    return [
        case_id(*pair)
        for pair, outcome in working.outcomes.items()
        if outcome == "same" and patient in pair and {*pair} <= {patient, *fellows}
    ]


async def _overrule(unit: Unit, id_: str, why: str) -> Case | None:
    """Turn a decision "same" into "different" by restoring what stood before, where it can be."""
    case = await case_in(unit, id_)
    current = await unit.read_many("Person", dict(map(_parsed, case.after)))
    if not case.after or not await _stands(unit, case, current):
        return None
    kept = await _restore(unit, case)
    made = decided(case, "different", unit.actor, why, datetime.now(UTC))
    before = _versions(current.values())
    return await _keep_case(unit, replace(made, before=before, after=_kept(kept)))


async def _stands(unit: Unit, case: Case, current: dict[str, Stored]) -> bool:
    """Say whether the identities link what the case's decision left them with."""
    for id_, version in map(_parsed, case.after):
        now = current.get(id_)
        if now is None or (now.version != version and not await _links_as(unit, now, version)):
            return False
    return True


async def _links_as(unit: Unit, now: Stored, version: int) -> bool:
    """Say whether a version of an identity has its links of now; who sees it may have changed."""
    try:
        then = await unit.read_version("Person", now.id, version)
    except Problem:  # the decision left a tombstone, and there was another since
        return False
    return not now.deleted and _links_in(then) == _links_in(now)


def _links_in(stored: Stored) -> Mapping[str, str]:
    return identity_of(decode(stored.body)).links


async def _restore(unit: Unit, case: Case) -> list[Outcome]:
    after = dict(map(_parsed, case.after))
    current = await unit.read_many("Person", after)
    if not await _stands(unit, case, current):
        raise problem("N6107")
    working = Working()
    for id_ in after:
        working.put(Identity(id_))
    for id_, version in map(_parsed, case.before):
        working.put(identity_of(decode((await unit.read_version("Person", id_, version)).body)))
    await learn(working, unit, (p for one in working.identities.values() for p in one.links))
    alive = [one for one in working.persons() if not _is_gone(one, current)]
    return await unit.keep(alive, through=THROUGH)


def _is_gone(write: Write, current: dict[str, Stored]) -> bool:
    return write.action == "delete" and current[write.id].deleted


async def _keep_case(unit: Unit, case: Case) -> Case:
    await unit.keep([Write("update", "Task", case.id, task_of(case))], through=THROUGH)
    return case


def _versions(stored: Iterable[Stored]) -> tuple[str, ...]:
    return tuple(f"Person/{o.id}/_history/{o.version}" for o in stored if not o.deleted)


def _kept(outcomes: list[Outcome]) -> tuple[str, ...]:
    return tuple(f"Person/{o.stored.id}/_history/{o.stored.version}" for o in outcomes)


def _parsed(reference: str) -> tuple[str, int]:
    _, id_, _, version = reference.split("/")
    return id_, int(version)
