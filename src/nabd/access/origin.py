"""Refuse forms of other sites: a cookie is sent by the browser whoever asks for it.

Fetch metadata decides where the browser sends it, the Origin header where it does not.  Requests
with a bearer token need no such check.  https://www.w3.org/TR/fetch-metadata/,
https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from nabd.errors import problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "nabd_session"
PURPOSE_COOKIE = "nabd_purpose"


def check_origin(method: str, headers: Mapping[bytes, bytes]) -> None:
    """Raise Problem N4018 for a changing request of a cookie session from elsewhere."""
    if method in SAFE:
        return
    site = headers.get(b"sec-fetch-site", b"")
    if site in (b"same-origin", b"none"):
        return
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if site or not origin or urlsplit(origin).netloc != host:
        raise problem("N4018")


def cookie(value: str, seconds: int, secure: bool, name: str = COOKIE) -> str:
    """Write the Set-Cookie header of a sign-in; ``seconds`` 0 removes it (sign-out)."""
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax", f"Max-Age={seconds}"]
    return "; ".join([*parts, "Secure"] if secure else parts)


def token_of(headers: Mapping[bytes, bytes]) -> tuple[str, bool]:
    """Find the token of a request, and whether it came in a cookie; "" when there is none."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), False
    token = cookie_of(headers, COOKIE)
    return token, bool(token)


def cookie_of(headers: Mapping[bytes, bytes], wanted: str) -> str:
    """Return the value of a cookie; "" when the browser sent none of that name."""
    for item in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = item.strip().partition("=")
        if name == wanted:
            return value
    return ""
