"""How a person proves who they are: one protocol, local passwords first.

OpenID Connect will be a second implementation.  It answers the same question, after its redirect
(authorization code with PKCE): which account is this?  Roles, places, sessions, tokens and audit
do not change: the identity provider says who, this system says what they may do.
https://openid.net/specs/openid-connect-core-1_0.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from nabd.access import limits, passwords
from nabd.errors import problem
from nabd.store import Store


class Authenticator(Protocol):
    """Turns a proof into the number of an account."""

    async def authenticate(self, proof: Mapping[str, str], address: str) -> int:
        """Return the account's number; Problem N4012 when the proof is none."""
        ...


class LocalPasswords:
    """Account names and passwords kept here: ``proof`` has ``name`` and ``password``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def authenticate(self, proof: Mapping[str, str], address: str) -> int:
        """Compare the password; an unknown name takes as long and says the same."""
        name = proof.get("name", "").strip().lower()
        async with self._store.connection() as connection:
            await limits.charge(connection, name, address)
            row = await connection.fetchrow(
                "select id, password from account where name = $1 and disabled is null", name
            )
        if not await passwords.fits(row["password"] if row else "", proof.get("password", "")):
            raise problem("N4012")
        async with self._store.connection() as connection:
            await limits.give_back(connection, name, address)
        number: int = row["id"]
        return number
