"""One visit of a page: who asks, in which language, and what the frame around it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nabd.access.figure import msgid
from nabd.errors import problem
from nabd.slices import SLICES
from nabd.web.console import language as languages
from nabd.web.console.render import render

if TYPE_CHECKING:
    from nabd.access import Door, Session
    from nabd.store import Store

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
FORM = 4 << 20  # bytes: eight times what the longest field of a page shows
YEAR = 365 * 24 * 3600
Pairs = list[tuple[str, str]]
Telling = Callable[["Visit", Pairs], bool]
"""Says whether something of what is asked tells of a person."""

FRAME = ("lang", "done", "table")
"""Parameters of every page: how it is shown, not what of."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the menu: where it leads and the permission that it asks for.

    ``type`` is a resource type that one must read, too; who has the permission ``instead`` gets
    there by another entry.
    """

    title: str
    href: str
    permission: str
    sections: tuple[str, ...]
    type: str = ""
    instead: str = ""

    def is_for(self, session: Session) -> bool:
        """Say whether the menu of a session has this entry."""
        reads = not self.type or self.type in session.role.reads
        return reads and session.may(self.permission) and not self._is_double(session)

    def _is_double(self, session: Session) -> bool:
        return bool(self.instead) and session.may(self.instead)


MENU = (
    Item(msgid("Country"), "/country", "aggregates", ("/country", "/regions", "/provinces")),
    Item(msgid("Facilities"), "/facilities", "aggregates", ("/facilities",)),
    Item(msgid("Identity"), "/identity", "identity", ("/identity",)),
    Item(
        msgid("Find a person"),
        "/identity/search",
        "resources",
        ("/identity",),
        "Patient",
        "identity",
    ),
    Item(msgid("Data quality"), "/quality", "quality", ("/quality",)),
    Item(msgid("Records"), "/records", "resources", ("/records",)),
    Item(msgid("Access log"), "/audit", "audit", ("/audit",)),
    Item(msgid("Accounts"), "/accounts", "accounts", ("/accounts",)),
)
DONE = {
    "corrected": msgid("The corrected record was stored and left the quarantine."),
    "unchanged": msgid("The corrected record was there already; it left the quarantine."),
    "discarded": msgid("The record was discarded; it can still be read here."),
    "created": msgid("The account was created."),
    "role": msgid("The role was changed. The person has to sign in again."),
    "disabled": msgid("The account was disabled."),
    "enabled": msgid("The account was enabled."),
    "password": msgid("The password was changed."),
    "revoked": msgid("The token was revoked."),
    "signed-out": msgid("You have signed out."),
} | {word: said for one in SLICES for word, said in one.done.items()}


def check_text(*texts: str) -> None:
    """Refuse the character NUL, which PostgreSQL cannot keep."""
    if any("\0" in one for one in texts):
        raise problem("N7510")


class Visit:
    """A request, its language, and the session of whoever makes it (``None``: nobody)."""

    def __init__(self, request: Request, session: Session | None) -> None:
        self.request = request
        self.session = session
        self.path = request.url.path  # of the page that is shown
        self.query: Pairs = request.query_params.multi_items()  # what the frame's links keep
        self.asked: Pairs = []  # what was asked in a form and is not for a link to show
        self.language = languages.choose(
            request.query_params, request.cookies, request.headers.get("accept-language", "")
        )

    @property
    def someone(self) -> Session:
        """The session of a page that asks for one."""
        assert self.session is not None
        return self.session

    @property
    def door(self) -> Door:
        """The door of the application."""
        return cast("Door", self.request.app.state.door)

    @property
    def store(self) -> Store:
        """The store of the application."""
        return cast("Store", self.request.app.state.store)

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of path, form and query; those of the path win."""
        return {**dict([*self.query, *self.asked]), **self.request.path_params}

    async def ask(self, telling: Telling) -> Pairs:
        """Take what is asked out of a form; Problem N7512 where the address tells of a person.

        An address stays in the browser's history and in the logs of what lies on its way. What
        tells of nobody is returned: it may as well be an address.
        """
        if telling(self, self._kept(*FRAME)):
            self.query = []
            raise problem("N7512")
        pairs = [(name, value) for name, value in await self._posted() if value]
        if not telling(self, pairs):
            return pairs
        self.query, self.asked = [], pairs
        return []

    async def form(self) -> dict[str, str]:
        """Read a posted form without files; of a name that comes twice the last counts."""
        return dict(await self._posted())

    async def _posted(self) -> Pairs:
        headers = self.request.headers
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdigit() or int(length) > FORM:
            raise problem("N7511")  # a browser says how long its form is
        try:
            posted = await self.request.form()
        except HTTPException:
            raise problem("N7511") from None
        pairs = [(name, said) for name, said in posted.multi_items() if isinstance(said, str)]
        check_text(*(text for pair in pairs for text in pair))
        return pairs

    def show(
        self, template: str, context: Mapping[str, Any], status: int = 200, twins: bool = False
    ) -> Response:
        """Answer with a page in the frame."""
        html = render(self.language, template, {**context, "view": self.view(twins)})
        return self.speak(HTMLResponse(html, status, headers=SECURITY))

    def speak(self, response: Response) -> Response:
        """Say the language of an answer, and keep the reader's choice of it."""
        response.headers["Content-Language"] = self.language
        response.headers["Vary"] = "Accept-Language, Cookie"
        if self.request.query_params.get("lang") == self.language:
            response.set_cookie(
                languages.COOKIE, self.language, max_age=YEAR, samesite="lax", httponly=True
            )
        return response

    def go(self, path: str, done: str = "") -> Response:
        """Send the browser on after a form (303), with what was done."""
        target = f"{path}?{urlencode({'done': done})}" if done else path
        return RedirectResponse(target, 303, headers={"Cache-Control": "no-store"})

    def view(self, twins: bool) -> dict[str, Any]:
        """What the frame shows around every page."""
        return {
            "visitor": self.session.account if self.session else None,
            "purpose": self.session.purpose if self.session else "",
            "here": self._here(),
            "menu": self._menu() if self.session else [],
            "asked": self.asked,
            "languages": [self._other(one) for one in languages.LANGUAGES],
            "twins": [self._twin(kind) for kind in ("json", "csv")] if twins else [],
            "synthetic": self.request.app.state.origin.synthetic,
            "done": DONE.get(self.request.query_params.get("done", ""), ""),
        }

    def _here(self) -> str:
        """The address to come back to; a form that was answered is not one."""
        if self.request.method != "GET" and not self.asked:
            return "/"
        query = self._kept("lang", "done")
        return f"{self.path}?{urlencode(query)}" if query else self.path

    def _kept(self, *without: str) -> Pairs:
        return [pair for pair in self.query if pair[0] not in without]

    def _menu(self) -> list[dict[str, Any]]:
        return [
            {
                "title": item.title,
                "href": item.href,
                "current": self.path.startswith(item.sections),
                "here": self.path == item.href,
            }
            for item in MENU
            if item.is_for(self.someone)
        ]

    def _other(self, language: str) -> dict[str, Any]:
        query = [*self._kept("lang", "done"), ("lang", language)]
        return {
            "code": language,
            "name": languages.NAMES[language],
            "href": f"{self.path}?{urlencode(query)}",
            "current": language == self.language,
        }

    def _twin(self, kind: str) -> dict[str, str]:
        query = self._kept("lang", "done")
        tail = f"?{urlencode(query)}" if query else ""
        media = "application/json" if kind == "json" else "text/csv"
        return {"kind": kind, "href": f"{self.path}.{kind}{tail}", "media": media}
