"""Accounts: who can enter, in which role, and where that role holds."""

from __future__ import annotations

import re
from datetime import datetime
from http.client import GONE, NOT_FOUND
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from nabd.access import passwords
from nabd.access.rules import KINDS, ROLES, Place
from nabd.errors import Problem, problem
from nabd.store import Connection, Store

if TYPE_CHECKING:
    from nabd.access.session import Session

NAME = re.compile(r"[a-z0-9][a-z0-9.@-]{1,63}")

ACCOUNT = """a.id as number, a.name, a.display, a.language, a.created, a.disabled, r.role,
    r.place_kind, r.place_code"""
CURRENT = f"""select {ACCOUNT} from account a
  join role_assignment r on r.account = a.id and r.until is null"""


class Account(msgspec.Struct, frozen=True):
    """One account with its present role; its password is not part of it."""

    number: int
    name: str
    display: str
    language: str
    role: str
    place: Place
    created: datetime
    disabled: datetime | None = None


class Assignment(msgspec.Struct, frozen=True):
    """A role that an account has or had."""

    role: str
    place: Place
    since: datetime
    until: datetime | None
    given_by: str


def place_of(text: str) -> Place:
    """Read ``national``, ``region:CODE``, ``province:CODE`` or ``facility:ID``; Problem N4024."""
    kind, _, code = text.strip().partition(":")
    found = next((one for one in KINDS if one == kind), None)
    if found is None or (found == "national") == bool(code):
        raise problem("N4024", "place")
    return Place(found, code)


async def check_facility(session: Session, id_: str) -> None:
    """Refuse a facility that is not here, or not in sight (N7508): nobody would see its records."""
    try:
        await session.read("Organization", id_)
    except Problem as found:
        if found.status in (NOT_FOUND, GONE):
            raise problem("N7508", "facility", place=id_) from None
        raise


def check_role(role: str) -> str:
    """Return the role; Problem N4023 when there is none of that name."""
    if role not in ROLES:
        raise problem("N4023", "role", known=", ".join(ROLES))
    return role


async def create(
    store: Store,
    name: str,
    role: str,
    place: Place | None = None,
    password: str = "",
    display: str = "",
    language: str = "",
    by: str = "",
) -> Account:
    """Create an account; without a password it can be entered by API tokens only."""
    name = check_name(name)
    check_role(role)
    kept = await passwords.hash_password(password) if password else ""

    async def work(connection: Connection) -> Account:
        query = """insert into account (name, display, language, password)
          values ($1, $2, $3, $4) returning id"""
        try:
            number = await connection.fetchval(query, name, display, language, kept)
        except asyncpg.UniqueViolationError:
            raise problem("N4021", "name", name=name) from None
        await _assign(connection, number, role, place or Place(), by)
        return await find(connection, name)

    return await store.retrying(work)


def check_name(name: str) -> str:
    """Return the name as it is kept; Problem N4025 when it is none."""
    folded = name.strip().lower()
    if not NAME.fullmatch(folded):
        raise problem("N4025", "name")
    return folded


async def find(connection: Connection, name: str) -> Account:
    """Return the account of this name; Problem N4022 when there is none."""
    row = await connection.fetchrow(f"{CURRENT} where a.name = $1", name.strip().lower())
    if row is None:
        raise problem("N4022", "name", name=name)
    return account_of(row)


async def listed(connection: Connection) -> list[Account]:
    """List all accounts by name."""
    return [account_of(row) for row in await connection.fetch(f"{CURRENT} order by a.name")]


async def assign(store: Store, name: str, role: str, place: Place, by: str) -> Account:
    """Give an account another role from now on; its sessions end, its past stays known."""
    check_role(role)

    async def work(connection: Connection) -> Account:
        account = await find(connection, name)
        await _assign(connection, account.number, role, place, by)
        await _end_sessions(connection, account.number)
        return await find(connection, name)

    return await store.retrying(work)


async def set_password(store: Store, name: str, password: str) -> None:
    """Change the password; every session of the account ends."""
    kept = await passwords.hash_password(password)

    async def work(connection: Connection) -> None:
        account = await find(connection, name)
        await connection.execute(
            "update account set password = $2, changed = now() where id = $1",
            account.number,
            kept,
        )
        await _end_sessions(connection, account.number)

    await store.retrying(work)


async def set_disabled(store: Store, name: str, disabled: bool) -> Account:
    """Close an account, or open it again; closing ends its sessions and revokes its tokens."""

    async def work(connection: Connection) -> Account:
        account = await find(connection, name)
        await connection.execute(
            """update account set disabled = case when $2 then coalesce(disabled, now()) end,
                 changed = now() where id = $1""",
            account.number,
            disabled,
        )
        if disabled:
            await _end_sessions(connection, account.number, api=True)
        return await find(connection, name)

    return await store.retrying(work)


async def assignments(connection: Connection, name: str) -> list[Assignment]:
    """List the roles that an account has had, the newest first."""
    account = await find(connection, name)
    rows = await connection.fetch(
        """select role, place_kind, place_code, since, until, given_by from role_assignment
           where account = $1 order by since desc, id desc""",
        account.number,
    )
    return [Assignment(r["role"], _place(r), r["since"], r["until"], r["given_by"]) for r in rows]


def account_of(row: Any) -> Account:
    """Read a row with the columns ``ACCOUNT``."""
    return Account(
        row["number"],
        row["name"],
        row["display"],
        row["language"],
        row["role"],
        _place(row),
        row["created"],
        row["disabled"],
    )


def _place(row: Any) -> Place:
    return Place(row["place_kind"], row["place_code"])


async def _assign(connection: Connection, account: int, role: str, place: Place, by: str) -> None:
    await connection.execute(
        "update role_assignment set until = now() where account = $1 and until is null", account
    )
    await connection.execute(
        """insert into role_assignment (account, role, place_kind, place_code, given_by)
           values ($1, $2, $3, $4, $5)""",
        account,
        role,
        place.kind,
        place.code,
        by,
    )


async def _end_sessions(connection: Connection, account: int, api: bool = False) -> None:
    await connection.execute(
        """update token set revoked = now()
           where account = $1 and revoked is null and (kind = 'session' or $2)""",
        account,
        api,
    )
