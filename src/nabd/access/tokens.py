"""Opaque tokens: of a sign-in (cookie) and of a program (API); the database keeps their hashes.

A token has 256 random bits, so its plain SHA-256 is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from nabd.access.accounts import ACCOUNT, Account, account_of
from nabd.errors import problem
from nabd.store import Connection

PREFIX = "nabd_"
"""So that a token that was published by mistake can be recognised."""


class Token(NamedTuple):
    """An API token as it is listed: never the token itself."""

    name: str
    created: datetime
    expires: datetime
    revoked: datetime | None


ISSUE = """insert into token (hash, account, kind, name, expires) values ($1, $2, $3, $4, $5)"""

ENTER = f"""select {ACCOUNT}, t.expires from token t
  join account a on a.id = t.account
  join role_assignment r on r.account = a.id and r.until is null
  where t.hash = $1 and t.revoked is null and t.expires > now() and a.disabled is null"""

REVOKE = """update token set revoked = now()
  where account = $1 and kind = 'api' and name = $2 and revoked is null and expires > now()"""


def hash_of(token: str) -> bytes:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def issue(
    connection: Connection,
    account: int,
    kind: Literal["session", "api"],
    lasts: timedelta,
    name: str = "",
) -> str:
    """Make a token and return it: the only time that anybody sees it."""
    token = PREFIX + secrets.token_urlsafe(32)
    expires = datetime.now(UTC) + lasts
    await connection.execute(ISSUE, hash_of(token), account, kind, name, expires)
    return token


async def owner(connection: Connection, hashed: bytes) -> tuple[Account, datetime] | None:
    """Return whose token this is and until when, if it is in force."""
    row = await connection.fetchrow(ENTER, hashed)
    return None if row is None else (account_of(row), row["expires"])


async def end(connection: Connection, hashed: bytes) -> None:
    """Revoke one token by its hash: sign-out."""
    await connection.execute(
        "update token set revoked = now() where hash = $1 and revoked is null", hashed
    )


async def revoke(connection: Connection, account: int, name: str) -> None:
    """Revoke an API token by its name; Problem N4026 when none is in force."""
    if await connection.execute(REVOKE, account, name) == "UPDATE 0":
        raise problem("N4026", "name", name=name)


async def listed(connection: Connection, account: int) -> list[Token]:
    """List the API tokens of an account, newest first."""
    rows = await connection.fetch(
        """select name, created, expires, revoked from token
           where account = $1 and kind = 'api' order by created desc""",
        account,
    )
    return [Token(*row) for row in rows]


async def sweep(connection: Connection) -> None:
    """Forget sessions that ended long ago; the audit log keeps what they did."""
    await connection.execute(
        "delete from token where kind = 'session' and expires < now() - interval '30 days'"
    )
