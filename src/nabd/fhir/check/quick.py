"""The functions that fast forms call: each says yes only when it is sure.

They see the objects of ``nabd.fhir.check.shapes``, whose absent fields are ``U``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from nabd.fhir import definitions
from nabd.fhir.check import formats
from nabd.fhir.check.narrative import is_allowed

__all__ = [
    "SYSTEM_OF",
    "URIS",
    "URLS",
    "DoubtError",
    "U",
    "distinct",
    "distinct_codes",
    "ended",
    "in_order",
    "in_range",
    "is_allowed",
    "is_bound",
    "is_coding",
    "is_uri",
    "is_url",
    "no_error",
    "only_one",
]

U = msgspec.UNSET
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_MEMORY = 100_000
SYSTEM_OF: dict[Any, Any] = {}  # code → the system with which it was last found right
URIS: set[Any] = set()
URLS: set[Any] = set()


def is_uri(text: Any) -> bool:
    """Tell whether a text is a URI that names a system: absolute, without spaces.

    What passed is remembered; the code that calls it looks into ``URIS`` first.
    """
    passed = formats.is_absolute(text)
    if passed and len(URIS) < _MEMORY:
        URIS.add(text)
    return passed


def is_url(text: Any) -> bool:
    """Tell whether a text may be an extension's url, relative within another extension.

    What passed is remembered; the code that calls it looks into ``URLS`` first.
    """
    passed = formats.is_extension_url(text)
    if passed and len(URLS) < _MEMORY:
        URLS.add(text)
    return passed


def is_coding(system: Any, code: Any) -> bool:
    """Tell whether a system and a code, each perhaps absent, are well formed and known.

    What passed is remembered, because a country uses few codes many times; the code that calls
    it looks into ``SYSTEM_OF`` first.
    """
    passed = _is_code(code) and (system is U or _has_code(system, code))
    if passed and (len(SYSTEM_OF) < _MEMORY or code in SYSTEM_OF):
        SYSTEM_OF[code] = system
    return passed


def _is_code(code: Any) -> bool:
    return code is U or formats.PATTERNS["code"].match(code) is not None


def _has_code(system: str, code: Any) -> bool:
    known = definitions.code_system(system)
    if not formats.is_absolute(system) or formats.is_value_set(system):
        return False
    return known is None or code is U or code in known


def in_order(start: str, end: str) -> bool:
    """Tell whether two full dates or times are in order; raises on partial ones."""
    return datetime.fromisoformat(start) <= datetime.fromisoformat(end)


def in_range(low: Any, high: Any) -> bool:
    """Tell whether a range is in order and needs no unit to be converted."""
    same = (low.system, low.code, low.unit) == (high.system, high.code, high.unit)
    return same and U not in (low.value, high.value) and low.value < high.value


def no_error(o: Any) -> bool:
    """Tell whether the verification status is surely not entered-in-error."""
    return all(c.code != "entered-in-error" for c in o.verificationStatus.coding or ())


def ended(o: Any) -> bool:
    """Tell whether a condition's clinical status is one that allows an abatement."""
    return any(
        c.system == _CONDITION and c.code in ("resolved", "remission", "inactive")
        for c in o.clinicalStatus.coding or ()
    )


def distinct_codes(o: Any) -> bool:
    """Tell whether no component has a code of the observation itself."""
    own = {c.code for c in o.code.coding or ()}
    return not any(c.code in own for part in o.component for c in part.code.coding or ())


def distinct(urls: list[Any]) -> bool:
    """Tell whether all urls that are there differ."""
    present = [url for url in urls if url is not U]
    return len(present) == len(set(present))


def only_one(o: Any) -> bool:
    """Tell whether an extension has, beside its url, one value or extensions."""
    fields = msgspec.structs.astuple(o)
    return fields.count(U) == len(fields) - 2


def is_bound(concept: Any, binding: str) -> bool:
    """Tell whether a concept, if there is one, has a coding of a required value set."""
    if concept is U:
        return True
    value_set = definitions.value_set(binding)
    return value_set is not None and any(
        c.system is not U and c.code is not U and value_set.contains(c.system, c.code)
        for c in concept.coding or ()
    )


class DoubtError(ValueError):
    """The fast path cannot say yes; msgspec turns it into its own error."""
