"""Extract everything searchable of a resource: the hot path of every write."""

from __future__ import annotations

from functools import cache
from typing import Any

from nabd.fhir.fhirpath import compile as compile_path
from nabd.fhir.search.plan import plan
from nabd.fhir.search.rows import Index
from nabd.fhir.search.source import Extract, compile_plan
from nabd.fhir.search.values import simple


@cache
def extractor(resource_type: str) -> Extract:
    """Compile the extraction of a type; KeyError where R4 has no such type."""
    made = plan(resource_type)
    straight = compile_plan(made)
    if not made.expressions:
        return straight
    rest = [
        (compile_path(p.expression, resource_type), simple(p.branches[0].name, {}), p.bit)
        for p in made.expressions
    ]

    def extract(resource: dict[str, Any], terms: list[int], *rows: list[Any]) -> int:
        bits = straight(resource, terms, *rows)
        for path, hashed, bit in rest:
            found = path(resource)
            terms.extend(hashed(value) for value in found)
            bits |= bit if found else 0
        return bits

    return extract


def index(resource: dict[str, Any]) -> Index:
    """Extract terms and rows of a resource that was checked; its shape is not checked again."""
    terms: list[int] = []
    dates: list[tuple[int, int, int]] = []
    numbers: list[tuple[int, float, float, int, int, int]] = []
    strings: list[tuple[int, str, str | None]] = []
    texts: list[tuple[int, int, str]] = []
    bits = extractor(resource["resourceType"])(resource, terms, dates, numbers, strings, texts)
    return Index([bits, *set(terms)], dates, numbers, strings, texts)
