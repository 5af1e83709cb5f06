"""The door: signing in and out, and entering with a token."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from nabd.access import tokens
from nabd.access.accounts import Account, find
from nabd.access.audit import Entry, Who
from nabd.access.authenticator import Authenticator, LocalPasswords
from nabd.access.desk import Desk
from nabd.access.queries import NamedQuery
from nabd.access.rules import PURPOSES, Place
from nabd.access.session import Session
from nabd.errors import Problem, problem
from nabd.store import Store

KNOWN_SECONDS = 5.0  # a token that was revoked elsewhere still enters for as long
MOST_KNOWN = 10_000
SYSTEM = Account(0, "system", "", "", "admin", Place(), datetime(1970, 1, 1, tzinfo=UTC))
"""Whoever runs the command line on the machine itself."""


class _Known(NamedTuple):
    account: Account
    until: float


class Door:
    """One per process: makes sessions."""

    def __init__(
        self,
        store: Store,
        queries: Mapping[str, NamedQuery] | None = None,
        session_hours: float = 12.0,
        authenticator: Authenticator | None = None,
    ) -> None:
        self.store = store
        self.desk = Desk(store, queries or {})
        self._lasts = timedelta(hours=session_hours)
        self._authenticator = authenticator or LocalPasswords(store)
        self._known: dict[bytes, _Known] = {}

    async def sign_in(self, name: str, password: str, address: str = "") -> str:
        """Return the token of a new session; N4012 when it does not fit, N4013 when blocked."""
        proof = {"name": name, "password": password}
        try:
            number = await self._authenticator.authenticate(proof, address)
        except Problem:
            await self._note(0, "refused")
            raise
        async with self.store.transaction() as connection:
            token = await tokens.issue(connection, number, "session", self._lasts)
            await tokens.sweep(connection)
        await self._note(number, "done")
        return token

    async def enter(self, token: str, purpose: str = "", request: str = "") -> Session:
        """Return the session of a token; N4010 without one, N4011 when it is not in force.

        ``purpose`` is a code of ``rules.PURPOSES``; N4019 for another one.
        """
        if not token:
            raise problem("N4010")
        if purpose and purpose not in PURPOSES:
            raise problem("N4019", "X-Purpose", known=", ".join(PURPOSES))
        hashed = tokens.hash_of(token)
        known = self._known.get(hashed)
        if known is None or known.until < time.monotonic():
            known = await self._look_up(hashed)
        return Session(self.desk, known.account, purpose, request)

    async def sign_out(self, token: str) -> None:
        """End a session at once."""
        hashed = tokens.hash_of(token)
        self._known.pop(hashed, None)
        async with self.store.connection() as connection:
            await tokens.end(connection, hashed)

    async def issue_token(self, session: Session, name: str, days: float, account: str = "") -> str:
        """Make an API token for the session's own account, or for another if it may."""
        if account and account != session.account.name:
            session.demand("accounts")
        async with self.store.transaction() as connection:
            owner = await find(connection, account or session.account.name)
            token = await tokens.issue(connection, owner.number, "api", timedelta(days=days), name)
        await session.note("issue-token", shape=owner.name)
        return token

    def system(self, purpose: str = "SYSADMIN", request: str = "") -> Session:
        """Return a session of whoever runs the machine itself: sees and may do everything."""
        return Session(self.desk, SYSTEM, purpose, request)

    def forget(self) -> None:
        """Ask the database again for every token: call it after accounts were changed."""
        self._known.clear()

    async def _look_up(self, hashed: bytes) -> _Known:
        self._known.pop(hashed, None)
        async with self.store.read() as connection:
            found = await tokens.owner(connection, hashed)
        if found is None:
            raise problem("N4011")
        account, expires = found
        left = (expires - datetime.now(UTC)).total_seconds()
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        known = _Known(account, time.monotonic() + min(KNOWN_SECONDS, left))
        self._known[hashed] = known
        return known

    async def _note(self, account: int, outcome: Literal["done", "refused"]) -> None:
        await self.desk.audits.ask(Entry(Who(account, "", "SYSADMIN"), "sign-in", outcome))
