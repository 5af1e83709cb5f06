"""Link the whole register at once: read its records, let ``batch`` link them, write identities.

Decisions of stewards are given to the linkage and hold; identities that exist are joined, never
taken apart; what the linkage asks becomes a case. Written group by group, each in a transaction
under the linker's lock, so that it may be killed and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from nabd.fhir.json import Json, decode
from nabd.fhir.search import parse
from nabd.identity.case import Case, decided
from nabd.identity.guards import THROUGH
from nabd.identity.identifiers import Strength, identifiers_of, strength
from nabd.identity.linking import BY, LOCK
from nabd.identity.person import MODEL
from nabd.identity.record import record_of
from nabd.identity.rules import Reason, Score, probability
from nabd.identity.working import Working, case_about, learn, recall, widen

if TYPE_CHECKING:
    from nabd.access.session import Session
    from nabd.access.unit import Unit
    from nabd.identity.batch import Linkage, Pair

PAGE = 1_000  # records of one search
GROUP = 200  # people of one transaction
KINDS = ("cnie", "idcs", "cnss", "cnops", "passport")

Progress = Callable[[str, float], None]
Row = dict[str, str | None]


async def link_register(session: Session, progress: Progress) -> Linkage:
    """Link every record of the register, and write what was found.

    Needs Splink (``pip install nabd[link]``); raises ModuleNotFoundError without it.
    """
    from nabd.identity.batch import Settings, link

    known = await session.rows("pairs_decided")
    same, different = (
        [(c["left_id"], c["right_id"]) for c in known if c["outcome"] == outcome]
        for outcome in ("same", "different")
    )
    progress("read", 0.0)
    rows = [row async for row in _rows(session)]
    settings = Settings(
        identifiers=tuple(kind for kind in KINDS if any(row[kind] for row in rows)),
        certain=_of_strength("certain"),
        family=_of_strength("shared"),
    )
    found = link(rows, settings, same=same, different=different, on_progress=progress)
    await _write(session, found, [str(row["id"]) for row in rows], progress)
    return found


def _of_strength(wanted: Strength) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if strength(kind) == wanted)


async def _rows(session: Session) -> Any:
    query = msgspec.structs.replace(parse("Patient", []), count=PAGE)
    while True:
        page = await session.search(query)
        for one in page.matches:
            yield row_of(decode(one.body))
        if not page.next:
            return
        query = msgspec.structs.replace(query, cursor=page.next)


def row_of(patient: Json) -> Row:
    """Write what is compared of a Patient as plain text columns; the first name counts."""
    name: Json = next(iter(patient.get("name", ())), {})
    record = record_of(patient)
    known = dict(identifiers_of(patient))
    return {
        "id": patient["id"],
        "given": " ".join(one for one in name.get("given", ()) if one) or None,
        "family": name.get("family") or name.get("text"),
        "birth_date": patient.get("birthDate"),
        "sex": record.sex or None,
        "phone": min(record.phones, default=None),
        "commune": min(record.places, default=None),
        **{kind: known.get(kind) for kind in KINDS},
    }


async def _write(session: Session, found: Linkage, ids: Sequence[str], progress: Progress) -> None:
    people = [*found.people()]
    together = {one for ids_ in people for one in ids_}
    alone = [(one,) for one in ids if one not in together]
    links = _by_pair(found.links())
    done, total = 0, len(people) + len(alone)
    for some in _groups([*people, *alone]):
        mine = [links[pair] for ids_ in some for pair in _pairs_of(ids_) if pair in links]
        await session.transaction(partial(_join, people=some, links=mine, found=found))
        done += len(some)
        progress("write", done / total)
    for asked in _groups(found.questions()):
        await session.transaction(partial(_ask, asked=asked, found=found))


async def _join(
    unit: Unit, people: Sequence[tuple[str, ...]], links: Sequence[Pair], found: Linkage
) -> None:
    """Bring the records of each of some people under one identity."""
    await unit.lock([LOCK])
    ids = [one for ids in people for one in ids]
    working = Working()
    await learn(working, unit, ids)
    await widen(working, unit, ids)
    await recall(working, unit, ids)
    for some in people:
        _unite(working, [one for one in some if one in working.records])
    at = datetime.now(UTC)
    for pair in links:
        if _is_news(working, pair):
            case = _case(working, pair, found, at)
            # a link that an identity of before stands against is a steward's to decide
            united = working.identity_with(pair.left) == working.identity_with(pair.right)
            working.cases[case.id] = decided(case, "linked", BY, "register", at) if united else case
    await unit.keep([*working.persons(), *working.tasks()], through=THROUGH)


def _unite(working: Working, records: Sequence[str]) -> None:
    """Move single records to the identity that has most; join none that has fellows already.

    Nor one that a steward has told from a record of that identity.
    """
    missing = [one for one in records if working.identity_with(one) is None]
    for one in missing[: 1 if len(missing) == len(records) else 0]:
        working.found(one)
    known = {i.id: i for one in records if (i := working.identity_with(one))}
    if not known:
        return
    into = min(known.values(), key=lambda i: (-len(i.links), i.id))
    for one in records:
        own = working.identity_with(one)
        if own and (own.id == into.id or len(own.links) > 1):
            continue
        if _may_join(working, one, working.identities[into.id].links):
            working.join(one, into, MODEL)
        elif own is None:
            working.found(one)


def _may_join(working: Working, record: str, others: Iterable[str]) -> bool:
    pairs = ((min(record, other), max(record, other)) for other in others)
    return all(working.outcomes.get(pair) != "different" for pair in pairs)


async def _ask(unit: Unit, asked: Sequence[Pair], found: Linkage) -> None:
    """Open a case for each question that is not known yet."""
    await unit.lock([LOCK])
    ids = [one for pair in asked for one in _ids(pair)]
    working = Working()
    await learn(working, unit, ids)
    await recall(working, unit, ids)
    at = datetime.now(UTC)
    for pair in asked:
        if _is_news(working, pair):
            case = _case(working, pair, found, at)
            working.cases[case.id] = case
    await unit.keep(working.tasks(), through=THROUGH)


def _case(working: Working, pair: Pair, found: Linkage, at: datetime) -> Case:
    return case_about(working, pair.left, pair.right, _score(pair), found.model.version, at)


def _is_news(working: Working, pair: Pair) -> bool:
    left, right = sorted(_ids(pair))
    known = (left, right) in working.outcomes
    return not known and {left, right} <= working.records.keys()


def _score(pair: Pair) -> Score:
    reasons = tuple(
        Reason(field, "agrees" if bits > 0 else "differs", bits)
        for field, bits in pair.evidence.items()
        if bits
    )
    chance = probability(pair.weight)
    return Score(pair.weight, chance, "possible" if pair.reason else "probable", reasons)


def _ids(pair: Pair) -> tuple[str, str]:
    return pair.left, pair.right


def _by_pair(links: Iterable[Pair]) -> dict[tuple[str, str], Pair]:
    """Index links by their records; the strongest come first, and only those that joined count."""
    return {(min(_ids(pair)), max(_ids(pair))): pair for pair in links}


def _pairs_of(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pair neighbours of a group: what tells why each of them is in it."""
    ordered = sorted(ids)
    yield from ((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :])


def _groups(some: Iterable[Any]) -> Iterator[list[Any]]:
    stream = iter(some)
    while group := list(islice(stream, GROUP)):
        yield group
