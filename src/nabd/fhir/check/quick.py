"""The functions that fast forms call: each says yes only when it is sure.

They see plain objects, whose structure is right already.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from nabd.fhir import definitions
from nabd.fhir.check import formats
from nabd.fhir.check.narrative import is_allowed

__all__ = [
    "distinct",
    "distinct_codes",
    "ended",
    "in_order",
    "in_range",
    "is_allowed",
    "is_bound",
    "is_coding",
    "no_error",
]

Json = dict[str, Any]

_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"
# How much is remembered before all is forgotten: a country's codes; the dates and references of
# what comes one after the other; texts of usual length.
_MANY_CODES = 100_000
_MANY_TEXTS = 5_000  # more of them are no longer in the processor's cache when they are asked
_LONG = 200
SYSTEM_OF: dict[str, str | None] = {}  # code → the system with which it was last found right


def remembering(pattern: str) -> tuple[set[str], Callable[[str], bool]]:
    """Return a memory of texts that match, and the function that asks and fills it.

    The code that calls the function looks into the memory first.
    """
    match = re.compile(pattern).match
    seen: set[str] = set()

    def is_right(text: str) -> bool:
        passed = match(text) is not None
        if passed and len(text) < _LONG:
            if len(seen) >= _MANY_TEXTS:
                seen.clear()
            seen.add(text)
        return passed

    return seen, is_right


def is_coding(coding: Json) -> bool:
    """Tell whether a system and a code, each perhaps absent, are well formed and known.

    What passed is remembered, because a country uses few codes many times; the code that calls
    it looks into ``SYSTEM_OF`` first.
    """
    system, code = coding.get("system"), coding.get("code")
    passed = _is_code(code) and (system is None or _has_code(system, code))
    if passed and code is not None and len(code) < _LONG > len(system or ""):
        if len(SYSTEM_OF) >= _MANY_CODES:
            SYSTEM_OF.clear()
        SYSTEM_OF[code] = system
    return passed


def _is_code(code: str | None) -> bool:
    return code is None or formats.PATTERNS["code"].match(code) is not None


def _has_code(system: str, code: str | None) -> bool:
    known = definitions.code_system(system)
    if not formats.is_absolute(system) or formats.is_value_set(system):
        return False
    return known is None or code is None or code in known


def in_order(start: str, end: str) -> bool:
    """Tell whether two full dates or times are in order; no where they are partial."""
    if len(start) == len(end) >= len("2024-02-29") and start[-6:] == end[-6:]:
        return start <= end  # of one form and zone
    try:
        return datetime.fromisoformat(start) <= datetime.fromisoformat(end)
    except (TypeError, ValueError):  # a date and a time, a leap second
        return False


def in_range(low: Json, high: Json) -> bool:
    """Tell whether a range is in order and needs no unit to be converted."""
    same = all(low.get(name) == high.get(name) for name in ("system", "code", "unit"))
    return same and "value" in low and "value" in high and low["value"] < high["value"]


def no_error(condition: Json) -> bool:
    """Tell whether the verification status is surely not entered-in-error."""
    codings = condition["verificationStatus"].get("coding", ())
    return all(c.get("code") != "entered-in-error" for c in codings)


def ended(condition: Json) -> bool:
    """Tell whether a condition's clinical status is one that allows an abatement."""
    return any(
        c.get("system") == _CONDITION and c.get("code") in ("resolved", "remission", "inactive")
        for c in condition["clinicalStatus"].get("coding", ())
    )


def distinct_codes(observation: Json) -> bool:
    """Tell whether no component has a code of the observation itself."""
    own = {c.get("code") for c in observation["code"].get("coding", ())}
    parts = (c for part in observation["component"] for c in part["code"].get("coding", ()))
    return not any(c.get("code") in own for c in parts)


def distinct(urls: list[str | None]) -> bool:
    """Tell whether all urls that are there differ."""
    present = [url for url in urls if url is not None]
    return len(present) == len(set(present))


def is_bound(concept: Json | None, binding: str) -> bool:
    """Tell whether a concept, if there is one, has a coding of a required value set."""
    if concept is None:
        return True
    value_set = definitions.value_set(binding)
    return value_set is not None and any(
        "system" in c and "code" in c and value_set.contains(c["system"], c["code"])
        for c in concept.get("coding", ())
    )
