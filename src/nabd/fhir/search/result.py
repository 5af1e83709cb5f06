"""Read the parameters that say how the answer is given: order, pages, includes, summary.

http://hl7.org/fhir/R4/search.html#return
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES, TYPE_NUMBER, element_names
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.parameters import Parameter, common, parameters
from nabd.fhir.search.query import Include

#: More entries than this on a page serve nobody; the server may return fewer than asked.
MOST_ENTRIES = 1_000
_TOTALS = ("none", "estimate", "accurate")
_SUMMARIES = ("true", "false", "text", "data", "count")


def count(value: str) -> dict[str, Any]:
    """Read ``_count``; 0 asks for the total alone."""
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise problem("N2512", "_count", expected="0, 1, 2 …")
    if int(value) == 0:
        return {"summary": "count"}
    return {"count": min(int(value), MOST_ENTRIES)}


def total(value: str) -> dict[str, Any]:
    """Read ``_total``."""
    if value not in _TOTALS:
        raise problem("N2512", "_total", expected=", ".join(_TOTALS))
    return {"total": value}


def summary(value: str) -> dict[str, Any]:
    """Read ``_summary``."""
    if value not in _SUMMARIES:
        raise problem("N2512", "_summary", expected=", ".join(_SUMMARIES))
    return {"summary": value}


def elements(types: tuple[str, ...], value: str) -> dict[str, Any]:
    """Read ``_elements``: names that one of the types has; ``Patient.name`` says of which."""
    names = tuple(name.strip() for name in value.split(","))
    if not all(any(_has(t, name) for t in types or RESOURCE_TYPES) for name in names):
        raise problem("N2512", "_elements", expected="id,name,…")
    return {"elements": names}


def _has(resource_type: str, name: str) -> bool:
    plain = name.removeprefix(f"{resource_type}.").removesuffix("[x]")
    return plain == "resourceType" or plain in element_names(resource_type)


def include(name: str, value: str, types: tuple[str, ...], reverse: bool) -> list[Include]:
    """Read ``_include`` or ``_revinclude``: ``Source:parameter[:Target]``, or ``*``."""
    modifier = name.partition(":")[2]
    if modifier not in ("", "iterate", "recurse"):
        raise problem("N2503", name.partition(":")[0], expected=":iterate", modifier=modifier)
    iterate = modifier != ""
    if value == "*" and not reverse and types:
        return [found for t in types for found in _included(t, "*", "", iterate)]
    parts = value.split(":")
    if len(parts) not in (2, 3):
        raise problem("N2514", name)
    source, code = parts[:2]
    target = parts[2] if len(parts) == 3 else ""
    for resource_type in (source, *parts[2:]):
        if resource_type not in TYPE_NUMBER:
            raise problem("N2517", name, type=resource_type)
    return list(_included(source, code, target, iterate))


def _included(source: str, code: str, target: str, iterate: bool) -> Iterator[Include]:
    known = parameters(source)
    if code != "*" and code not in known:
        raise problem("N2501", "_include", type=source)
    codes = known if code == "*" else [code]
    for parameter in (known[one] for one in codes):
        if parameter.type == "reference":
            yield _include(source, parameter, target, iterate)
        elif code != "*":
            raise problem("N2510", parameter.code)


def _include(source: str, parameter: Parameter, target: str, iterate: bool) -> Include:
    refers = {branch.refers for branch in parameter.branches}
    targets = (target,) if target else tuple(sorted(refers)) if "" not in refers else ()
    return Include(source, reference_masks(parameter, target), targets, iterate)


def types(value: str) -> tuple[str, ...]:
    """Read ``_type``, on a search of all types."""
    names = tuple(dict.fromkeys(value.split(",")))
    for name in names:
        if name not in TYPE_NUMBER:
            raise problem("N2517", "_type", type=name)
    return names


def is_common(code: str) -> bool:
    """Tell whether every type has the parameter."""
    return code in common()
