"""A case: two records, why they may be one person, and what was decided.

In the store it is a ``Task``; its id comes from the ids of the records, so there is one a pair.
http://hl7.org/fhir/R4/task.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from nabd.fhir.json import Json
from nabd.identity.rules import Reason, Score
from nabd.identity.words import ACCOUNT, CASE, KEEPER, OUTCOME, PART, code_of, concept, id_in

Outcome = Literal["open", "linked", "same", "different", "unsure"]
TAKEN = timedelta(minutes=10)
"""How long a steward who has taken a case keeps it from the others."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a ``Task`` about two records says; times in ISO 8601, UTC."""

    left: str
    right: str
    weight: float
    probability: float
    model: str
    reasons: tuple[Reason, ...]
    opened: str
    changed: str
    outcome: Outcome = "open"
    urgent: bool = False
    owner: str = ""
    taken_until: str = ""
    why: str = ""
    keepers: tuple[str, ...] = ()
    """The facilities that keep the left and the right record; none unless both are known."""

    tags: tuple[Json, ...] = ()
    """What marks both records, such as synthetic ones, marks their case."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """The versions of Persons that a decision replaced, and those it made: what undoing needs."""

    @property
    def id(self) -> str:
        """The id of its ``Task``."""
        return case_id(self.left, self.right)

    @property
    def is_decided(self) -> bool:
        """Whether somebody, or the model, has said what it is."""
        return self.outcome in ("linked", "same", "different")

    def is_taken(self, by: str, at: str) -> bool:
        """Say whether somebody else than ``by`` is at work on it at that time."""
        busy = bool(self.owner) and self.owner != by and at < self.taken_until
        return busy and not self.is_decided


def case_id(one: str, other: str) -> str:
    """Name the case of two Patients, whatever their order.

    >>> case_id("a", "b") == case_id("b", "a")
    True
    """
    pair = "\n".join(sorted((one, other)))
    return "identity-" + hashlib.blake2b(pair.encode(), digest_size=8).hexdigest()


def opened(
    pair: tuple[str, str],
    score: Score,
    model: str,
    at: str,
    *,
    urgent: bool = False,
    keepers: tuple[str, ...] = (),
    tags: tuple[Json, ...] = (),
) -> Case:
    """Open a case about two records, for the reasons of their score.

    ``keepers`` are the facilities of the two in the order of their ids.
    """
    left, right = sorted(pair)
    weighed = (score.bits, score.probability, model, score.reasons)
    return Case(left, right, *weighed, at, at, urgent=urgent, keepers=keepers, tags=tags)


def taken(case: Case, by: str, at: datetime) -> Case:
    """Give a case to a steward for a while."""
    return replace(case, owner=by, taken_until=text_of(at + TAKEN), changed=text_of(at))


def released(case: Case, at: datetime) -> Case:
    """Give a case back undecided."""
    return replace(case, owner="", taken_until="", changed=text_of(at))


def decided(case: Case, outcome: Outcome, by: str, why: str, at: datetime) -> Case:
    """Say what a case is, who says so, and why."""
    return replace(case, outcome=outcome, owner=by, why=why, taken_until="", changed=text_of(at))


def reopened(case: Case, by: str, why: str, at: datetime) -> Case:
    """Take a decision back: the case waits again, and says who took it back."""
    return replace(
        case, outcome="open", owner=by, why=why, changed=text_of(at), before=(), after=()
    )


def text_of(moment: datetime) -> str:
    """Write a moment in UTC, to the millisecond: such texts sort as the moments do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def task_of(case: Case) -> Json:
    """Write a case as a Task."""
    task: Json = {
        "resourceType": "Task",
        "id": case.id,
        "status": _status(case),
        "businessStatus": concept(OUTCOME, case.outcome),
        "intent": "proposal",
        "priority": "urgent" if case.urgent else "routine",
        "code": concept(CASE, "same-person"),
        "focus": {"reference": f"Patient/{case.left}"},
        "authoredOn": case.opened,
        "lastModified": case.changed,
        "input": _inputs(case),
    }
    if case.tags:
        task["meta"] = {"tag": [*case.tags]}
    if case.owner:
        task["owner"] = {"identifier": {"system": ACCOUNT, "value": case.owner}}
    if case.taken_until:
        task["restriction"] = {"period": {"end": case.taken_until}}
    if case.why:
        task["statusReason"] = {"text": case.why}
    if changes := _changes(case):
        task["output"] = changes
    if case.keepers:
        task["extension"] = [
            {"url": KEEPER, "valueReference": {"reference": f"Organization/{one}"}}
            for one in case.keepers
        ]
    return task


def case_of(task: Json) -> Case:
    """Read a case from its Task."""
    parts = {code_of(one["type"], PART): one for one in task["input"]}
    return Case(
        id_in(task["focus"]),
        id_in(parts["record"]["valueReference"]),
        float(parts["weight"]["valueDecimal"]),
        float(parts["probability"]["valueDecimal"]),
        parts["model"]["valueString"],
        tuple(_reason(one) for one in task["input"] if _field(one)),
        task["authoredOn"],
        task["lastModified"],
        outcome=_outcome(code_of(task["businessStatus"], OUTCOME)),
        urgent=task.get("priority") == "urgent",
        owner=task.get("owner", {}).get("identifier", {}).get("value", ""),
        taken_until=task.get("restriction", {}).get("period", {}).get("end", ""),
        why=task.get("statusReason", {}).get("text", ""),
        keepers=_keepers(task),
        tags=tuple(task.get("meta", {}).get("tag", ())),
        before=_versions(task, "before"),
        after=_versions(task, "after"),
    )


def _status(case: Case) -> str:
    if case.is_decided:
        return "completed"
    return "in-progress" if case.taken_until else "requested"


def _inputs(case: Case) -> list[Json]:
    return [
        _part("record", valueReference={"reference": f"Patient/{case.right}"}),
        _part("weight", valueDecimal=_decimal(case.weight, "0.01")),
        _part("probability", valueDecimal=_decimal(case.probability, "0.000001")),
        _part("model", valueString=case.model),
        *(
            _part(f"field:{one.field}", one.level, valueDecimal=_decimal(one.bits, "0.01"))
            for one in case.reasons
        ),
    ]


def _changes(case: Case) -> list[Json]:
    named = (("before", case.before), ("after", case.after))
    return [_part(kind, valueReference={"reference": one}) for kind, some in named for one in some]


def _versions(task: Json, kind: str) -> tuple[str, ...]:
    return tuple(
        one["valueReference"]["reference"]
        for one in task.get("output", ())
        if code_of(one["type"], PART) == kind
    )


def _part(kind: str, text: str = "", **value: Any) -> Json:
    return {"type": concept(PART, kind, text), **value}


def _decimal(number: float, unit: str) -> Decimal:
    return Decimal(number).quantize(Decimal(unit))


def _field(part: Json) -> str:
    return code_of(part["type"], PART).removeprefix("field:") if _is_field(part) else ""


def _is_field(part: Json) -> bool:
    return code_of(part["type"], PART).startswith("field:")


def _reason(part: Json) -> Reason:
    return Reason(_field(part), part["type"].get("text", ""), float(part["valueDecimal"]))


def _keepers(task: Json) -> tuple[str, ...]:
    found = (one for one in task.get("extension", ()) if one.get("url") == KEEPER)
    return tuple(id_in(one.get("valueReference")) for one in found)


def _outcome(code: str) -> Outcome:
    match code:
        case "linked" | "same" | "different" | "unsure":
            return code
        case _:
            return "open"
