"""What a steward does on the desk: take, give back, decide, undo, take a record out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nabd.access.slice import Next
from nabd.errors import Problem, issue
from nabd.identity import decisions
from nabd.identity.decisions import VERDICTS
from nabd.identity.force import in_force
from nabd.identity.pages.reasons import missing, written

if TYPE_CHECKING:
    from nabd.access.session import Session

Form = Mapping[str, str]


async def take(session: Session, form: Form) -> Next:
    """Take a case for ten minutes."""
    case = await decisions.take(session, form["id"])
    return Next(f"/identity/{case.id}", "case-taken")


async def release(session: Session, form: Form) -> Next:
    """Give a case back, and go back to the list."""
    await decisions.release(session, form["id"])
    return Next("/identity", "case-released")


async def decide(session: Session, form: Form) -> Next:
    """Decide a case; everything that the form lacks is said at once."""
    verdict = next((one for one in VERDICTS if one == form.get("verdict")), None)
    lacking = [issue("N6131", "verdict")] if verdict is None else []
    if verdict is None or missing(form):
        raise Problem([*lacking, *missing(form)])
    model = await in_force(session)
    case = await decisions.decide(session, form["id"], verdict, written(form), model)
    return Next(f"/identity/{case.id}", f"case-{verdict}")


async def undo(session: Session, form: Form) -> Next:
    """Undo the decision of a case."""
    _demand_reason(form)
    case = await decisions.undo(session, form["id"], written(form))
    return Next(f"/identity/{case.id}", "case-undone")


async def unmerge(session: Session, form: Form) -> Next:
    """Take a record out of an identity; lead to the case that remembers it."""
    _demand_reason(form)
    model, patient = await in_force(session), form.get("patient", "")
    case = await decisions.unmerge(session, patient, written(form), model)
    return Next(f"/identity/{case.id}", "case-different")


def _demand_reason(form: Form) -> None:
    if lacking := missing(form):
        raise Problem(lacking)
