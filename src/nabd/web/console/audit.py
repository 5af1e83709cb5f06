"""The access log: who did what, in which role, why, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.routing import Route

from nabd.access import audit as log
from nabd.access.accounts import find
from nabd.access.figure import msgid
from nabd.access.page import Column, Page, Table
from nabd.web.console.listing import listing_routes
from nabd.web.console.visit import Visit

COLUMNS = (
    Column("at", msgid("When"), "moment"),
    Column("account", msgid("Who"), "code"),
    Column("role", msgid("Role"), "code"),
    Column("purpose", msgid("Why"), "code"),
    Column("action", msgid("What"), "code"),
    Column("type", msgid("Type"), "code"),
    Column("id", msgid("Id"), "code"),
    Column("shape", msgid("Query"), "code"),
    Column("outcome", msgid("Outcome"), "code"),
)


@dataclass(frozen=True, slots=True)
class AccessLog:
    """What the log's page shows."""

    account: str
    rows: Sequence[log.Access]
    following: int | None


def routes() -> Iterator[Route]:
    """Yield the routes of the log."""
    yield from listing_routes("/audit", accesses, "audit")


async def accesses(visit: Visit) -> Page:
    """List the newest accesses, of everybody or of one account."""
    asked = visit.request.query_params
    name, before = asked.get("account", ""), whole(asked.get("before", ""))
    async with visit.store.read() as connection:
        account = (await find(connection, name)).number if name else None
        found, following = await log.of_account(connection, account, before=before)
    await visit.someone.note("audit")
    context = AccessLog(name, found, following)
    return Page("audit.html", msgid("Access log"), context, as_table(found))


def as_table(found: list[log.Access]) -> Table:
    """Make the table of accesses and its twins."""
    return Table(COLUMNS, [one._asdict() for one in found])


def whole(text: str) -> int | None:
    """Read a whole number of an address; ``None`` for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
