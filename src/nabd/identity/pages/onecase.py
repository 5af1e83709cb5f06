"""One case: two records side by side, why they may be one person, and what else hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nabd.access.figure import Waterfall, msgid
from nabd.access.page import Column, Page, Table
from nabd.fhir.json import decode
from nabd.identity.case import Case, case_of, text_of
from nabd.identity.force import in_force
from nabd.identity.linking import BY
from nabd.identity.pages import terms
from nabd.identity.pages.evidence import Line, lines, waterfall
from nabd.identity.pages.people import Human, humans
from nabd.identity.pages.reasons import COMMON, Why, read
from nabd.identity.pages.worklist import Row, next_case, rows_of

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.store import Stored

MOST_OTHERS = 20
COLUMNS = (
    Column("field", msgid("Field"), "code"),
    Column("level", msgid("Agreement"), "text"),
    Column("bits", msgid("Weight (bits)"), "number"),
    Column("left", msgid("One record"), "text"),
    Column("right", msgid("Other record"), "text"),
)


@dataclass(frozen=True, slots=True)
class Fellow:
    """Another record of an identity; ``None`` when the reader may not see it."""

    human: Human | None
    sure: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, the identity that it belongs to, and that identity's others."""

    id: str
    human: Human | None
    person: str
    fellows: Sequence[Fellow]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a case: a message id, when, by whom, and why."""

    title: str
    at: str
    by: str
    why: Why


@dataclass(frozen=True, slots=True)
class OneCase:
    """What the page of a case shows."""

    case: Case
    outcome: str
    likelihood: str
    asked: str
    left: Side
    right: Side
    together: bool
    lines: Sequence[Line]
    figure: Waterfall
    others: Sequence[Row]
    events: Sequence[Event]
    held: bool
    mine: bool
    following: str
    reasons: Mapping[str, str]


async def onecase(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show a case by the id of its Task."""
    stored = await session.read("Task", parameters["id"])
    case = case_of(decode(stored.body))
    now = datetime.now(UTC)
    left, right = await _sides(session, case)
    rows = lines(left.human, right.human, case.reasons)
    held = bool(case.owner) and text_of(now) < case.taken_until
    events = [*_events((await session.history("Task", case.id)).entries)]
    context = OneCase(
        case=case,
        outcome=terms.OUTCOMES[case.outcome],
        likelihood=terms.likelihood(case.probability),
        asked=terms.asked(case.why if case.outcome == "open" else ""),
        left=left,
        right=right,
        together=bool(left.person) and left.person == right.person,
        lines=rows,
        figure=waterfall(case.reasons, case.weight, await in_force(session)),
        others=await _others(session, case, now),
        events=events,
        held=held,
        mine=held and case.owner == session.account.name,
        following=await next_case(session, case.id),
        reasons=COMMON,
    )
    return Page("identity-case.html", msgid("Case"), context, Table(COLUMNS, [*map(_cells, rows)]))


async def _sides(session: Session, case: Case) -> tuple[Side, Side]:
    pair = [case.left, case.right]
    links = await session.rows("identities_of", ids=pair)
    people = await humans(session, {*pair, *(row["patient_id"] for row in links)})
    left, right = (_side(one, links, people, pair) for one in pair)
    return left, right


def _side(
    id_: str, links: Sequence[Mapping[str, Any]], people: Mapping[str, Human], pair: Sequence[str]
) -> Side:
    person = next((row["person_id"] for row in links if row["patient_id"] == id_), "")
    fellows = [
        Fellow(people.get(row["patient_id"]), terms.SURENESS.get(row["assurance"] or "", ""))
        for row in links
        if row["person_id"] == person and row["patient_id"] not in pair
    ]
    return Side(id_, people.get(id_), person, fellows)


async def _others(session: Session, case: Case, now: datetime) -> list[Row]:
    """Return the other cases of the two records, those that wait first."""
    found = await session.rows("cases_about", ids=[case.left, case.right])
    ordered = sorted(found, key=lambda row: (row["status"] == "completed", row["id"]))
    ids = [row["id"] for row in ordered if row["id"] != case.id]
    return await rows_of(session, ids[:MOST_OTHERS], now)


def _events(versions: Sequence[Stored]) -> Iterator[Event]:
    """Tell from its versions, newest first, what happened to a case."""
    cases = [case_of(decode(one.body)) for one in versions if not one.deleted]
    for new, old in zip(cases, [*cases[1:], None], strict=False):
        if title := _title(new, old):
            changed = old is None or new.why != old.why
            why = read(new.why) if changed and new.outcome != "linked" and old else Why("", "")
            by = new.owner or (old.owner if old else "")
            yield Event(title, new.changed if old else new.opened, by if by != BY else "", why)


def _title(new: Case, old: Case | None) -> str:
    if old is None:
        return terms.OUTCOMES["linked"] if new.outcome == "linked" else msgid("opened")
    if new.outcome != old.outcome:
        return terms.DECIDED[new.outcome]
    if new.taken_until > old.taken_until:
        return msgid("taken")
    return msgid("given back") if old.taken_until and not new.taken_until else ""


def _cells(line: Line) -> dict[str, Any]:
    return {
        "field": line.field,
        "level": line.level,
        "bits": line.bits,
        "left": " | ".join(line.left),
        "right": " | ".join(line.right),
    }
