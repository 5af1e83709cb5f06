"""Find the session of a request from its headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nabd.access import Door, Session
from nabd.access.origin import check_origin, token_of

Enter = Callable[[str, dict[bytes, bytes], str], Awaitable[Session]]
_PURPOSES = (b"x-purpose", b"purpose-of-use")


def entering(door: Door) -> Enter:
    """Make the function that lets a request in, or raises Problem N4xxx.

    It takes the method, the headers and the request's id.  A token comes as Bearer or in the
    cookie of the console; with a cookie, a request that writes must come from our own pages.
    """

    async def enter(method: str, headers: dict[bytes, bytes], request: str) -> Session:
        token, by_cookie = token_of(headers)
        if by_cookie:
            check_origin(method, headers)
        return await door.enter(token, _purpose(headers), request)

    return enter


def _purpose(headers: dict[bytes, bytes]) -> str:
    for name in _PURPOSES:
        if name in headers:
            return headers[name].decode("latin-1")
    return ""
