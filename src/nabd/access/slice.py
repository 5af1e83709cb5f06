"""What a slice of the house offers: ``SLICE = Slice(…)`` in its ``slice.py``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from nabd.access.page import Page
from nabd.access.queries import NamedQuery
from nabd.fhir.json import Json
from nabd.fhir.view import View
from nabd.store import Guard
from nabd.store.values import Keys

if TYPE_CHECKING:
    from nabd.access.session import Session

PageFunction = Callable[["Session", Mapping[str, str]], Awaitable[Page]]
"""Given the session and the parameters of path and query."""

OperationFunction = Callable[["Session", Json], Awaitable[Json]]
"""Given the session and a Parameters resource; returns a resource."""


Follower = Callable[["Session"], Awaitable[int]]
"""Does a slice's work for what was written since it last ran, and returns how much that was.

The server runs it again and again, a command when it has loaded; it must bear several at once.
"""


@dataclass(frozen=True, slots=True)
class PageRoute:
    """Where a page is found: ``/region/{code}``, and the permission that it asks for.

    A page that ``asks`` is told about people in a posted form: no name gets into an address.
    """

    path: str
    function: PageFunction
    permission: str = "aggregates"
    asks: bool = False


class Next(NamedTuple):
    """Where the browser goes after an act, and what is said there: a word of ``Slice.done``."""

    path: str
    done: str = ""


ActFunction = Callable[["Session", Mapping[str, str]], Awaitable[Next]]
"""Given the session and the parameters of path and form; a Problem is said on the act's page."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a form of ``page`` does: where it is posted, and the permission that it asks for.

    An issue's path names the field of the form that it belongs to.
    """

    path: str
    function: ActFunction
    page: PageRoute
    permission: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A FHIR operation of the slice. http://hl7.org/fhir/R4/operations.html"""

    name: str
    function: OperationFunction
    permission: str
    type: str = ""
    definition: str = ""
    #: whether it changes nothing, and so may be asked by GET, parameters in the query
    reads: bool = False
    #: its parameters, each with the keys of Parameters.parameter that may carry it
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slice:
    """Views, guards, queries, pages, their acts, and operations of one slice."""

    name: str
    views: tuple[View, ...] = ()
    guards: Mapping[str, tuple[Guard, ...]] = field(default_factory=dict)
    #: by resource type: under what the like of a resource is looked for
    keys: Mapping[str, Keys] = field(default_factory=dict)
    queries: Mapping[str, NamedQuery] = field(default_factory=dict)
    pages: tuple[PageRoute, ...] = ()
    acts: tuple[Act, ...] = ()
    #: what is said after an act, by a word in the address: messages to be translated
    done: Mapping[str, str] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()
    followers: tuple[Follower, ...] = ()
    #: where the slice keeps its templates
    templates: Path | None = None


def views_in(folder: Path) -> tuple[View, ...]:
    """Read every ViewDefinition of a folder, in the order of their names."""
    texts = (path.read_bytes() for path in sorted(folder.glob("*.json")))
    return tuple(View.parse(msgspec.json.decode(text)) for text in texts)
