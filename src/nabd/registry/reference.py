"""What the registry knows before any source is loaded: its code systems and the territory."""

from __future__ import annotations

from collections.abc import Iterator

from nabd.fhir.json import Json
from nabd.registry.codes import code_systems
from nabd.registry.territory import locations


def resources() -> Iterator[Json]:
    """Yield the CodeSystems and the places, a parent before its children."""
    yield from code_systems()
    yield from locations()
