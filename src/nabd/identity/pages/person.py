"""An identity: the records that are one person, how sure each link is, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nabd.access.figure import Name, msgid
from nabd.access.page import Column, Page, Table
from nabd.errors import problem
from nabd.fhir.json import decode
from nabd.identity.pages import terms
from nabd.identity.pages.people import Human, humans
from nabd.identity.pages.reasons import COMMON
from nabd.identity.pages.worklist import Row, rows_of
from nabd.identity.person import Identity, identity_of, is_identity

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.store import Stored

MOST_CASES = 100
COLUMNS = (
    Column("id", msgid("Record"), "code"),
    Column("name", msgid("Name"), "name"),
    Column("born", msgid("Birth date"), "date"),
    Column("facility", msgid("Facility"), "name"),
    Column("assurance", msgid("How sure"), "code"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A record of the identity, how sure its link is, and the case that says why."""

    id: str
    human: Human | None
    assurance: str
    sure: str
    reason: Row | None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in an identity: records that came and went, and when."""

    at: datetime
    came: Sequence[Human]
    went: Sequence[Human]
    unseen: int


@dataclass(frozen=True, slots=True)
class OnePerson:
    """What the page of an identity shows."""

    id: str
    name: Name
    members: Sequence[Member]
    cases: Sequence[Row]
    changes: Sequence[Change]
    reasons: Mapping[str, str]

    @property
    def hidden(self) -> int:
        """How many records the reader may not see."""
        return sum(1 for one in self.members if one.human is None)


async def person(session: Session, parameters: Mapping[str, str]) -> Page:
    """Show an identity by the id of its Person."""
    id_ = parameters["id"]
    content = decode((await session.read("Person", id_)).body)
    if not is_identity(content):
        raise problem("N1001", type="Person", id=id_)
    identity = identity_of(content)
    versions = (await session.history("Person", id_)).entries
    past = {patient for one in versions for patient in _links(one)}
    people = await humans(session, {*identity.links, *past})
    found = await session.rows("cases_about", ids=sorted(identity.links))
    ids = [row["id"] for row in found][:MOST_CASES]
    cases = await rows_of(session, ids, datetime.now(UTC))
    members = [_member(one, identity, people, cases) for one in sorted(identity.links)]
    context = OnePerson(
        id=id_,
        name=next((one.human.name for one in members if one.human), Name("", "")),
        members=members,
        cases=sorted(cases, key=lambda row: row.case.changed, reverse=True),
        changes=[*_changes(versions, people)],
        reasons=COMMON,
    )
    table = Table(COLUMNS, [*map(_cells, members)])
    return Page("identity-person.html", msgid("Identity"), context, table)


def _member(
    id_: str, identity: Identity, people: Mapping[str, Human], cases: Sequence[Row]
) -> Member:
    """Find the case that links a record to another one of the identity, the surest first."""
    reasons = [
        row
        for row in cases
        if row.case.outcome in ("linked", "same")
        and id_ in (row.case.left, row.case.right)
        and {row.case.left, row.case.right} <= identity.links.keys()
    ]
    reasons.sort(key=lambda row: (row.case.outcome != "same", -row.case.weight))
    assurance = identity.links[id_]
    sure = terms.SURENESS.get(assurance, "")
    return Member(id_, people.get(id_), assurance, sure, reasons[0] if reasons else None)


def _links(version: Stored) -> set[str]:
    return {*identity_of(decode(version.body)).links} if version.body else set()


def _changes(versions: Sequence[Stored], people: Mapping[str, Human]) -> Iterator[Change]:
    """Tell from its versions, newest first, which records came and went."""
    for new, old in zip(versions, [*versions[1:], None], strict=False):
        before, after = _links(old) if old else set(), _links(new)
        came, went = sorted(after - before), sorted(before - after)
        if came or went:
            unseen = sum(1 for one in (*came, *went) if one not in people)
            yield Change(
                new.updated,
                [people[one] for one in came if one in people],
                [people[one] for one in went if one in people],
                unseen,
            )


def _cells(member: Member) -> dict[str, Any]:
    human = member.human
    return {
        "id": member.id,
        "name": human.name if human else Name("", ""),
        "born": human.born if human else "",
        "facility": human.facility if human else Name("", ""),
        "assurance": member.assurance,
    }
