"""The plain values that go into the store and come out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from nabd.errors import Issue
from nabd.fhir.json import Json
from nabd.fhir.view import View


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, why, in which request, for which batch, and through which slice's operation."""

    actor: str
    reason: str = ""
    request: str = ""
    batch: int | None = None
    through: str = ""


Guard = Callable[[Json | None, Json | None, Stamp], list[Issue]]
"""What must hold when a resource is written: ``guard(new, old, stamp)``; pure."""


Keys = Callable[[Json], Iterable[int]]
"""The terms (signed, 64 bits) under which the like of a resource is looked for; pure."""


@dataclass(frozen=True, slots=True)
class Laws:
    """What the slices demand of the store: guards and keys by resource type, the live tables."""

    guards: Mapping[str, tuple[Guard, ...]] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    keys: Mapping[str, Keys] = field(default_factory=dict)


ANY = -1
"""As ``Write.if_match``: whichever version there is, but there must be one (``If-Match: *``)."""


@dataclass(frozen=True, slots=True)
class Write:
    """One wish: create, update or delete ``type``/``id``.

    ``scope`` are the terms that say who may see the resource; ``if_match`` the version that the
    writer knows (http://hl7.org/fhir/R4/http.html#concurrency), or ``ANY``.
    """

    action: Literal["create", "update", "delete"]
    type: str
    id: str
    resource: Json | None = None
    if_match: int | None = None
    scope: tuple[int, ...] = ()


class Stored(NamedTuple):
    """One version of a resource; ``body`` is its JSON as served, empty for a tombstone."""

    type: str
    id: str
    version: int
    updated: datetime
    deleted: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a write."""

    status: Literal["created", "updated", "unchanged", "deleted"]
    stored: Stored


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries of a longer list; ``next`` is the cursor of the following page, or empty."""

    entries: list[Stored]
    total: int | None = None
    next: str = ""
