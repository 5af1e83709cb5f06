"""One exchange over HTTP: what was asked and what is answered, as plain values.

A ``Call`` also stands for an entry of a batch: an interaction never sees the connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nabd.web.fhir.negotiation import JSON_TYPE, PLAIN, Form
from nabd.web.fhir.prefer import NO_PREFERENCE, Preference

if TYPE_CHECKING:
    from nabd.access import Session
    from nabd.fhir.search import Query
    from nabd.store import Stored
    from nabd.store.search import Result

Headers = Mapping[bytes, bytes]
Parameters = tuple[tuple[str, str], ...]


class Reader(Protocol):
    """Who reads: a session, or its transaction."""

    async def read(self, type_name: str, id_: str) -> Stored:
        """Return the current version."""
        ...

    async def read_version(self, type_name: str, id_: str, version: int) -> Stored:
        """Return one version."""
        ...

    async def search(self, query: Query) -> Result:
        """Return what matches."""
        ...


async def _nothing() -> bytes:
    return b""


@dataclass(slots=True)
class Call:
    """What is asked: method, path below the base, parameters, headers, body, and by whom.

    ``base`` is the absolute address of the API without a slash at its end; ``body`` reads the
    content, whole, once.  There is no ``session`` where the interaction is public;
    ``reader`` is the session, or the transaction that the call is part of.
    """

    method: str
    path: tuple[str, ...]
    base: str
    query: Parameters = ()
    headers: Headers = field(default_factory=dict)
    body: Callable[[], Awaitable[bytes]] = _nothing
    form: Form = PLAIN
    preference: Preference = NO_PREFERENCE
    language: str = "en"
    session: Session = field(init=False)
    reader: Reader = field(init=False)

    def enter(self, session: Session) -> None:
        """Let the session act for this call."""
        self.session = self.reader = session

    def header(self, name: bytes) -> str:
        """Return a header, its name in small letters, or the empty text."""
        return self.headers.get(name, b"").decode("latin-1")


@dataclass(slots=True)
class Answer:
    """What is answered; ``body`` is the content, or its pieces as they become ready.

    ``stored`` is the version that the answer speaks of, if it is of one.
    """

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    media: bytes = JSON_TYPE
    stored: Stored | None = None


Handler = Callable[[Call], Awaitable[Answer]]
