"""Find the session of a request from its headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nabd.access import Door, Session
from nabd.access.origin import PURPOSE_COOKIE, check_origin, cookie_of, token_of
from nabd.access.rules import PURPOSES

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
        return await door.enter(token, purpose_of(headers, by_cookie), request)

    return enter


def purpose_of(headers: dict[bytes, bytes], by_cookie: bool) -> str:
    """Return the purpose that a request states; "" leaves it to the role.

    A header is taken as it is.  Beside the session's cookie, the console's choice counts; a cookie
    is no statement of the reader's, so one that is none of ``PURPOSES`` is as good as absent.
    """
    for name in _PURPOSES:
        if name in headers:
            return headers[name].decode("latin-1")
    chosen = cookie_of(headers, PURPOSE_COOKIE) if by_cookie else ""
    return chosen if chosen in PURPOSES else ""
