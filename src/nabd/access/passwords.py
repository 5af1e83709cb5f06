"""Passwords: Argon2id, RFC 9106; the parameters are OWASP's (19 MiB, two passes, one lane).

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nabd.errors import problem

LEAST, MOST = 10, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# each takes memory and a core: more at once would starve everybody else
_TURNS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def check_length(password: str) -> None:
    """Raise Problem N4020 for a password that is too short or too long."""
    if not LEAST <= len(password) <= MOST:
        raise problem("N4020", "password", least=LEAST, most=MOST)


async def hash_password(password: str) -> str:
    """Return the PHC string to be kept."""
    check_length(password)
    return await asyncio.get_running_loop().run_in_executor(_TURNS, _HASHER.hash, password)


async def fits(kept: str, password: str) -> bool:
    """Say whether the password is the one that was kept.

    An empty ``kept`` (no such account, or one that cannot sign in) takes as long as a real one.
    """
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(_TURNS, _verify, kept, password[: MOST + 1])
    return right and bool(kept)


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password fits: its own is drawn and forgotten."""
    return _HASHER.hash(secrets.token_urlsafe())
