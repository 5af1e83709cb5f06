"""How complete each source is: the share of its resources that fill in what is expected. Pure.

Completeness is the share of what is expected that has arrived (WHO data quality toolkit); a share
is a count, never an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nabd.fhir.definitions import TYPE_NAME
from nabd.web.console.elements import EXPECTED, expected

FACILITY = "facility"
FACILITY_ELEMENTS = ("identifier", "name_ar", "level", "place", "position")
"""What the live tables tell of facilities beyond the types that they are written in."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How many resources of one source fill in the expected elements of a type."""

    type: str
    source: str
    resources: int
    elements: Mapping[str, int]

    @property
    def share(self) -> float:
        """The mean share of the expected elements."""
        return sum(self.elements.values()) / (len(self.elements) * self.resources)


@dataclass(frozen=True, slots=True)
class Kind:
    """One type with every source that told of it, the largest first, and all together."""

    type: str
    elements: tuple[str, ...]
    sources: Sequence[Filled]
    together: Filled


def of_resources(rows: Iterable[Mapping[str, Any]], batch: int | None = None) -> list[Filled]:
    """Add up the rows of ``Session.presence``, of one batch where ``batch`` is given."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in rows:
        if batch is None or row["batch"] == batch:
            pair = (TYPE_NAME[row["type"]], row["source"])
            found.setdefault(pair, []).append((row["bits"], row["resources"]))
    return [_filled(type_name, source, seen) for (type_name, source), seen in found.items()]


def _filled(type_name: str, source: str, seen: list[tuple[int, int]]) -> Filled:
    elements = {
        code: sum(count for bits, count in seen if bits & wanted)
        for code, wanted in expected(type_name)
    }
    return Filled(type_name, source, sum(count for _, count in seen), elements)


def of_facilities(rows: Iterable[Mapping[str, Any]], batch: int | None = None) -> list[Filled]:
    """Read the rows of the query ``facility_sources``; those of one source are added up."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if batch is None or row["batch"] == batch:
            found.setdefault(row["source"], []).append(row)
    return [_facilities(source, own) for source, own in found.items()]


def _facilities(source: str, rows: list[Mapping[str, Any]]) -> Filled:
    elements = {code: sum(row[code] for row in rows) for code in FACILITY_ELEMENTS}
    return Filled(FACILITY, source, sum(row["resources"] for row in rows), elements)


def kinds(found: Iterable[Filled]) -> Iterator[Kind]:
    """Group by type: facilities first, then the types in the order in which they are expected."""
    by_type: dict[str, list[Filled]] = {}
    for one in found:
        by_type.setdefault(one.type, []).append(one)
    for type_name in (FACILITY, *EXPECTED):
        if own := by_type.get(type_name):
            ordered = sorted(own, key=lambda one: (-one.resources, one.source))
            yield Kind(type_name, tuple(own[0].elements), ordered, _together(type_name, own))


def _together(type_name: str, own: list[Filled]) -> Filled:
    elements = {code: sum(one.elements[code] for one in own) for code in own[0].elements}
    return Filled(type_name, "", sum(one.resources for one in own), elements)
