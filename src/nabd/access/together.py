"""Put creates that arrive together into one transaction: a group commit for small writes.

Each keeps its own answer, its own audit entry and its own fate: when one of a group is refused,
nothing of the group is written, and each is then tried by itself.  Measured on 2 cores, with 16
connections: a create costs a third of the time that a transaction of its own takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nabd.access import audit
from nabd.access.gather import Gather
from nabd.access.unit import Unit
from nabd.store import Connection, Outcome, Store, Write

if TYPE_CHECKING:
    from nabd.access.session import Session

Asked = tuple["Session", Write]


def creates(store: Store) -> Gather[Asked, Outcome | Exception]:
    """Gather creates under new ids: no two of them can be about the same resource.

    What goes wrong with one is its answer, so that it does not reach its neighbours.
    """

    async def work(group: Sequence[Asked]) -> Sequence[Outcome | Exception]:
        try:
            return await store.retrying(lambda connection: _kept(connection, group))
        except Exception as error:
            if len(group) == 1:
                return [error]
        return [answer for one in group for answer in await work([one])]

    return Gather(work)


async def _kept(connection: Connection, group: Sequence[Asked]) -> list[Outcome]:
    """Write the group, one statement for each account and purpose, and one for the audit."""
    outcomes: dict[int, Outcome] = {}
    entries: list[audit.Entry] = []
    for numbers in _by_account(group):
        sessions = [group[number][0] for number in numbers]
        unit = Unit(sessions[0], connection)
        kept = await unit.keep([group[number][1] for number in numbers])
        outcomes |= zip(numbers, kept, strict=True)
        entries += unit.entries_of(sessions)
    await audit.write(connection, entries)
    return [outcomes[number] for number in range(len(group))]


def _by_account(group: Sequence[Asked]) -> list[list[int]]:
    found: dict[tuple[int, str], list[int]] = {}
    for number, (session, _) in enumerate(group):
        found.setdefault((session.account.number, session.purpose), []).append(number)
    return list(found.values())
