"""The work list: the cases that wait, urgent ones first, then the oldest; their number and age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Page, Table
from nabd.fhir.json import decode
from nabd.fhir.search import parse
from nabd.identity.case import Case, case_of, text_of
from nabd.identity.pages import terms
from nabd.identity.pages.evidence import strongest
from nabd.identity.pages.people import Human, humans
from nabd.identity.rules import Reason

if TYPE_CHECKING:
    from nabd.access.session import Session

COUNT = 25
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 1, 1, tzinfo=UTC)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
STATES = {
    "open": msgid("Waiting"),
    "urgent": msgid("Urgent"),
    "mine": msgid("Mine"),
    "unsure": msgid("Not sure"),
    "decided": msgid("Decided"),
}
AGES = (msgid("today"), msgid("this week"), msgid("this month"), msgid("older"))
COLUMNS = (
    Column("id", msgid("Case"), "code"),
    Column("left", msgid("One record"), "name"),
    Column("right", msgid("Other record"), "name"),
    Column("left_facility", msgid("Facility"), "name"),
    Column("right_facility", msgid("Other facility"), "name"),
    Column("urgent", msgid("Urgent"), "code"),
    Column("outcome", msgid("State"), "code"),
    Column("weight", msgid("Weight (bits)"), "number"),
    Column("probability", msgid("Probability"), "number"),
    Column("for", msgid("Speaks for it"), "code"),
    Column("against", msgid("Speaks against it"), "code"),
    Column("opened", msgid("Waits since"), "moment"),
    Column("owner", msgid("Taken by"), "text"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: message ids and bits."""

    field: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list; a record that the reader may not see is ``None``."""

    case: Case
    left: Human | None
    right: Human | None
    outcome: str
    likelihood: str
    pro: Said | None
    contra: Said | None
    seconds: float
    held: bool


@dataclass(frozen=True, slots=True)
class Age:
    """How many cases have waited so long."""

    title: str
    urgent: int
    routine: int

    @property
    def cases(self) -> int:
        """All of them."""
        return self.urgent + self.routine


@dataclass(frozen=True, slots=True)
class WorkList:
    """What the page shows; ``following`` is the query of the next page, "" on the last."""

    state: str
    states: Mapping[str, str]
    counts: Mapping[str, int]
    ages: Sequence[Age]
    rows: Sequence[Row]
    following: str

    @property
    def most(self) -> int:
        """The longest bar of the picture."""
        return max((one.cases for one in self.ages), default=0)


async def worklist(session: Session, parameters: Mapping[str, str]) -> Page:
    """List the cases of a state, a page of them."""
    state = parameters.get("state", "open")
    state = state if state in STATES else "open"
    now = datetime.now(UTC)
    waiting = await _counts(session, now)
    found = await _found(session, state, parameters, now)
    rows = await rows_of(session, [row["id"] for row in found], now)
    context = WorkList(
        state=state,
        states=STATES,
        counts=_sums(waiting),
        ages=_ages(waiting),
        rows=rows,
        following=_following(state, found),
    )
    return Page("identity.html", msgid("Identity"), context, Table(COLUMNS, [*map(_cells, rows)]))


async def next_case(session: Session, besides: str = "") -> str:
    """Return the case that this steward is to look at next; "" when none waits."""
    found = await _waiting(session, "open", free=datetime.now(UTC), count=2)
    return next((str(row["id"]) for row in found if row["id"] != besides), "")


async def rows_of(session: Session, ids: Sequence[str], now: datetime) -> list[Row]:
    """Read cases by id, in that order, with what of their records the session may see."""
    if not ids:
        return []
    query = parse("Task", [("_id", ",".join(ids)), ("_count", str(len(ids)))])
    tasks = {one.id: case_of(decode(one.body)) for one in (await session.search(query)).matches}
    cases = [tasks[one] for one in ids if one in tasks]
    people = await humans(session, {id_ for one in cases for id_ in (one.left, one.right)})
    return [_row(one, people, session.account.name, now) for one in cases]


def _row(case: Case, people: Mapping[str, Human], account: str, now: datetime) -> Row:
    pro, contra = strongest(case.reasons)
    waited = now - datetime.fromisoformat(case.opened)
    return Row(
        case,
        people.get(case.left),
        people.get(case.right),
        terms.OUTCOMES[case.outcome],
        terms.likelihood(case.probability),
        _said(pro),
        _said(contra),
        waited.total_seconds(),
        bool(case.owner) and text_of(now) < case.taken_until,
    )


def _said(reason: Reason | None) -> Said | None:
    if reason is None:
        return None
    field, level, bits = reason
    return Said(terms.field_title(field), terms.level_title(field, level), bits)


async def _found(
    session: Session, state: str, parameters: Mapping[str, str], now: datetime
) -> list[Mapping[str, Any]]:
    turn, _, rest = parameters.get("after", "").partition("_")
    opened, _, id_ = rest.partition("_")
    since = _moment(opened)
    if state == "mine":
        account = session.account.name
        return await session.rows("cases_held", account=account, now=now, count=COUNT)
    if state == "decided":
        return await session.rows("cases_decided", before=since or LAST, id=id_, count=COUNT)
    place = (int(turn), since, id_) if since and turn in ("0", "1") else (-1, FIRST, "")
    outcome = "unsure" if state == "unsure" else "open"
    return await _waiting(session, outcome, place, last=0 if state == "urgent" else 1)


async def _waiting(
    session: Session,
    outcome: str,
    after: tuple[int, datetime, str] = (-1, FIRST, ""),
    last: int = 1,
    free: datetime | None = None,
    count: int = COUNT,
) -> list[Mapping[str, Any]]:
    turn, opened, id_ = after
    return await session.rows(
        "cases_waiting",
        outcome=outcome,
        turn=turn,
        opened=opened,
        id=id_,
        last=last,
        free=free,
        account=session.account.name,
        count=count,
    )


def _following(state: str, found: Sequence[Mapping[str, Any]]) -> str:
    if len(found) < COUNT or state == "mine":
        return ""
    end = found[-1]
    place = f"{end['turn']}_{end['opened'].isoformat()}_{end['id']}"
    return urlencode({"state": state, "after": place})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


async def _counts(session: Session, now: datetime) -> list[Mapping[str, Any]]:
    """Count what waits; days begin at midnight, so that the answer is kept while nobody writes."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return await session.figures("case_counts", today=today, week=today - WEEK, month=today - MONTH)


def _sums(waiting: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {
        "open": sum(row["cases"] for row in waiting if row["outcome"] == "open"),
        "urgent": sum(
            row["cases"] for row in waiting if row["outcome"] == "open" and not row["turn"]
        ),
        "unsure": sum(row["cases"] for row in waiting if row["outcome"] == "unsure"),
    }


def _ages(waiting: Sequence[Mapping[str, Any]]) -> list[Age]:
    cases = {(row["turn"], row["age"]): row["cases"] for row in waiting if row["outcome"] == "open"}
    return [
        Age(title, cases.get((0, number), 0), cases.get((1, number), 0))
        for number, title in enumerate(AGES)
    ]


def _cells(row: Row) -> dict[str, Any]:
    nobody = Name("", "")
    best, worst = strongest(row.case.reasons)
    return {
        "id": row.case.id,
        "left": row.left.name if row.left else nobody,
        "right": row.right.name if row.right else nobody,
        "left_facility": row.left.facility if row.left else nobody,
        "right_facility": row.right.facility if row.right else nobody,
        "urgent": row.case.urgent,
        "outcome": row.case.outcome,
        "weight": row.case.weight,
        "probability": row.case.probability,
        "for": best.field if best else "",
        "against": worst.field if worst else "",
        "opened": row.case.opened,
        "owner": row.case.owner,
    }
