"""A search, parsed: what must hold, and how the answer is to be given.

The nodes are values: they speak of terms and ranges, not of parameters, so that whoever runs them
(PostgreSQL, a test in memory) needs no FHIR knowledge.  Intervals are closed; ``None`` is open.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class Terms(msgspec.Struct, frozen=True):
    """The resource carries one of these terms, or a term that the vocabulary has for ``named``."""

    any: tuple[int, ...]
    #: how few resources one term is likely to have: 3 an identifier or reference, 1 a status
    strength: int = 2
    #: param and text of entries of the vocabulary: codes without their system, or systems
    named: tuple[tuple[int, str], ...] = ()


class Dates(msgspec.Struct, frozen=True):
    """One interval of these branches begins and ends within the bounds (µs UTC)."""

    params: tuple[int, ...]
    lo_min: int | None = None
    lo_max: int | None = None
    hi_min: int | None = None
    hi_max: int | None = None


class Numbers(msgspec.Struct, frozen=True):
    """One number of these branches lies within the bounds, in this unit and context.

    ``unit`` is compared with the unit *and* with the code without its system; ``code`` with
    system and code.
    """

    params: tuple[int, ...]
    lo_min: float | None = None
    lo_max: float | None = None
    hi_min: float | None = None
    hi_max: float | None = None
    unit: int | None = None
    code: int | None = None
    contexts: tuple[int, ...] = ()


class Paired(msgspec.Struct, frozen=True):
    """Two numbers of one repetition of an element: their contexts are the same."""

    first: Any | Numbers
    second: Any | Numbers


class Strings(msgspec.Struct, frozen=True):
    """One string of these branches starts with, contains or is the text.

    ``whole``: is the text but for case and accents.
    """

    params: tuple[int, ...]
    mode: Literal["starts", "contains", "exact", "whole"]
    folded: str
    exact: str = ""


class Texts(msgspec.Struct, frozen=True):
    """A text beside a code (``:text``) has a word that starts with ``folded``."""

    params: tuple[int, ...]
    folded: str


class Missing(msgspec.Struct, frozen=True):
    """None of these presence bits of the resource type is set."""

    bits: int


class Near(msgspec.Struct, frozen=True):
    """A place lies within so many metres of a position, in degrees."""

    of_latitude: int
    of_longitude: int
    latitude: float
    longitude: float
    metres: float


class Keys(msgspec.Struct, frozen=True):
    """The resource is one of these: ``(key, id)``."""

    any: tuple[tuple[int, str], ...]


class Updated(msgspec.Struct, frozen=True):
    """The version in force was written within the bounds (µs UTC)."""

    min: int | None = None
    max: int | None = None


class OfType(msgspec.Struct, frozen=True):
    """The resource is of this type."""

    type: str


class Chain(msgspec.Struct, frozen=True):
    """A reference of these branches leads to a resource of ``type`` that meets ``where``."""

    masks: tuple[int, ...]
    type: str
    where: Node


class Has(msgspec.Struct, frozen=True):
    """A resource of ``type`` that meets ``where`` refers here from one of these branches."""

    masks: tuple[int, ...]
    type: str
    where: Node


class Kin(msgspec.Struct, frozen=True):
    """A reference of ``masks`` leads to the resource ``key`` of ``type``, or to one under it.

    Under it is what refers to it by ``links``, and so on; or over it: not ``below``.
    """

    masks: tuple[int, ...]
    type: str
    links: tuple[int, ...]
    key: int
    below: bool


class All(msgspec.Struct, frozen=True):
    """Every one holds; of none, always."""

    of: tuple[Node, ...]


class Any(msgspec.Struct, frozen=True):
    """One of them holds; of none, never."""

    of: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True):
    """It does not hold."""

    of: Node


Node: TypeAlias = (
    "Terms | Dates | Numbers | Paired | Strings | Texts | Missing | Keys | Updated | OfType "
    "| Near | Chain | Has | Kin | All | Any | Not"
)


class Sort(msgspec.Struct, frozen=True):
    """One key of the order; ``kind`` says where its values lie."""

    kind: Literal["id", "updated", "date", "number", "string", "token", "reference"]
    #: of the values' rows; of a token, of its codes in the vocabulary
    params: tuple[int, ...]
    descending: bool
    #: of a token: the terms whose codes a binding lists
    known: tuple[tuple[int, str], ...] = ()
    #: of a reference: masks, and the type that each leads to ("": any)
    refers: tuple[tuple[int, str], ...] = ()


class Include(msgspec.Struct, frozen=True):
    """Follow references of ``masks`` from ``source`` to ``targets`` (empty: to any type)."""

    source: str
    masks: tuple[int, ...]
    targets: tuple[str, ...]
    iterate: bool = False


class Query(msgspec.Struct, frozen=True):
    """A whole search: ``types`` is empty for all types."""

    types: tuple[str, ...]
    where: tuple[Node, ...] = ()
    include: tuple[Include, ...] = ()
    revinclude: tuple[Include, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int | None = None
    total: Literal["none", "estimate", "accurate"] = "none"
    summary: Literal["true", "false", "text", "data", "count"] = "false"
    elements: tuple[str, ...] = ()
    #: where the page before ended; opaque
    cursor: str = ""
    #: parameters that were not understood and, with lenient handling, not used
    ignored: tuple[str, ...] = ()
    #: parameters as used, for the self link
    used: tuple[tuple[str, str], ...] = ()

    @property
    def in_steps(self) -> bool:
        """Whether the answer takes several looks, which must all see the same moment."""
        follows = self.include or self.revinclude or self.total != "none"
        return bool(follows) or any(map(_leads, self.where))


def _leads(node: Node) -> bool:
    """Tell whether a condition speaks of other resources."""
    if isinstance(node, All | Any):
        return any(map(_leads, node.of))
    return isinstance(node, Chain | Has | Kin) or (isinstance(node, Not) and _leads(node.of))
