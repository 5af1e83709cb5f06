"""What the API answers: each interaction is a row; routing and metadata come from the rows.

http://hl7.org/fhir/R4/http.html#summary
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES
from nabd.web.fhir.exchange import Handler

Level = Literal["system", "type", "instance"]

#: A Parameters has no life of its own: it only travels (http://hl7.org/fhir/R4/parameters.html).
TYPES = tuple(name for name in RESOURCE_TYPES if name != "Parameters")
_TYPES = frozenset(TYPES)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # http://hl7.org/fhir/R4/datatypes.html#id
_WORDS = frozenset({"metadata", "_history", "_search"})
_PLACES = ("{type}", "{id}", "{member}", "{vid}")


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction or operation.

    ``shape`` is the path below the base: ``{type}/{id}/_history``.  ``code`` is FHIR's name of a
    restful interaction, or the name of an operation with its ``$``; ``features`` are the
    conditional forms that the handler knows, as CapabilityStatement names them.
    ``definition`` is the canonical of an operation; ``types`` its resource types (all when empty).
    ``public`` interactions show no data and need nobody to be signed in.
    """

    code: str
    method: str
    shape: str
    handler: Handler
    features: tuple[str, ...] = ()
    definition: str = ""
    types: tuple[str, ...] = ()
    public: bool = False

    @property
    def level(self) -> Level:
        """Say what the interaction speaks of: the system, a type or one resource."""
        if "{id}" in self.shape and self.shape.startswith("{type}"):
            return "instance"
        return "type" if self.shape.startswith("{type}") else "system"


class Routes:
    """All interactions, found by method and path in two look-ups."""

    def __init__(self, interactions: Iterable[Interaction]) -> None:
        self.interactions = tuple(interactions)
        self._table: dict[tuple[str, ...], dict[str, tuple[Interaction, ...]]] = {}
        for one in self.interactions:
            row = self._table.setdefault(tuple(one.shape.split("/")) if one.shape else (), {})
            row[one.method] = (*row.get(one.method, ()), one)
            if one.method == "GET":
                row.setdefault("HEAD", (one,))

    def find(self, method: str, path: tuple[str, ...], base: str) -> Interaction:
        """Find what answers; Problem N7001, N7002 or N7003 when nothing does."""
        row = self._table.get(_shape(path))
        if row is None:
            raise problem("N7001", base=base)
        some = row.get(method)
        if some is None:
            raise problem("N7003", allowed=", ".join(sorted(row)))
        one = some[0] if len(some) == 1 else _of_type(some, path[0])
        if path and one.shape.startswith("{type}"):
            _check_type(one, path[0], base)
            if len(path) > 1 and one.shape.startswith("{type}/{id}"):
                _check_id(path[1])
        return one


def _of_type(some: tuple[Interaction, ...], type_name: str) -> Interaction:
    """Choose by type among interactions of one shape, such as an operation of several slices."""
    return next((one for one in some if not one.types or type_name in one.types), some[0])


def _check_type(one: Interaction, type_name: str, base: str) -> None:
    if type_name not in _TYPES:
        raise problem("N7002")
    if one.types and type_name not in one.types:
        raise problem("N7001", base=base)


def _check_id(id_: str) -> None:
    if not _ID.fullmatch(id_):
        raise problem("N7012")


def _shape(path: tuple[str, ...]) -> tuple[str, ...]:
    """Replace the variable segments by their names: Patient/1 → {type}/{id}."""
    if len(path) > len(_PLACES):
        return ("…",)
    return tuple(
        segment if segment in _WORDS or segment[:1] == "$" else place
        for segment, place in zip(path, _PLACES, strict=False)
    )
