"""Slow down who guesses passwords: per account name and per address, in the database.

An attempt is charged before the password is looked at, and given back when it was right; so
attempts in parallel do not slip through, and a blocked account tells nothing about a password.
Names that no account has are counted alike.
"""

from __future__ import annotations

import hashlib

from nabd.errors import problem
from nabd.store import Connection

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 50  # a whole hospital may stand behind one address
LONGEST_SECONDS = 900
FORGET = "1 hour"

CHARGE = f"""insert into sign_in_attempt as a (subject, failures, last, blocked_until)
  values ($1, 1, now(), now())
  on conflict (subject) do update set
    failures = case when a.last < now() - interval '{FORGET}' then 1 else a.failures + 1 end,
    last = now(),
    blocked_until = case when a.failures < $2 or a.last < now() - interval '{FORGET}' then now()
      else now() + make_interval(secs => least({LONGEST_SECONDS}, 2.0 ^ (a.failures - $2 + 1)))
      end
  where a.blocked_until <= now()
  returning failures"""

BLOCKED = """select ceil(extract(epoch from blocked_until - now()))::int
  from sign_in_attempt where subject = $1"""

GIVE_BACK = """update sign_in_attempt set failures = greatest(failures - 1, 0),
    blocked_until = now() where subject = $1"""


async def charge(connection: Connection, name: str, address: str) -> None:
    """Count an attempt; Problem N4013 while the name or the address is blocked."""
    for subject, free in _subjects(name, address):
        if await connection.fetchval(CHARGE, subject, free) is None:
            seconds = await connection.fetchval(BLOCKED, subject)
            raise problem("N4013", seconds=max(seconds or 1, 1))


async def give_back(connection: Connection, name: str, address: str) -> None:
    """Forget the failures of a name that has signed in; its address keeps those before."""
    (by_name, _), *rest = _subjects(name, address)
    await connection.execute("delete from sign_in_attempt where subject = $1", by_name)
    for subject, _ in rest:
        await connection.execute(GIVE_BACK, subject)


def _subjects(name: str, address: str) -> list[tuple[str, int]]:
    found = [(_hash("name", name), FREE_BY_NAME)]
    return [*found, (_hash("address", address), FREE_BY_ADDRESS)] if address else found


def _hash(kind: str, text: str) -> str:
    """Keep no names: somebody may have typed a password into the wrong field."""
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()
