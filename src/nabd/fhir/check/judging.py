"""From the table of fast forms to the ``__post_init__`` of each shape."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from nabd.fhir import definitions
from nabd.fhir.check import quick
from nabd.fhir.check.forms import ELSEWHERE, FORMS, RULES

_NAMES = {name: getattr(quick, name) for name in quick.__all__}
_NAMES["system_of"] = quick.SYSTEM_OF.get
# Looks into the memory where the call would stand: a call costs more than the answer.
_REMEMBERING = [
    (r"is_coding\(([^(),]+), ([^(),]+)\)", r"(system_of(\2) == \1 or \g<0>)"),
    (r"is_uri\(([^(),]+)\)", r"(\1 in URIS or \g<0>)"),
    (r"is_url\(([^(),]+)\)", r"(\1 in URLS or \g<0>)"),
]


@cache
def has_forms(type_name: str) -> bool:
    """Tell whether the type has conditions of its own, so that companions must be walked."""
    return any(t in FORMS or t in RULES for t in definitions.lineage(type_name))


def unformed(type_name: str) -> list[str]:
    """List the invariants of a type that have no fast form."""
    return sorted(_keys(type_name) - ELSEWHERE - _formed(type_name))


def _keys(type_name: str) -> set[str]:
    own = definitions.invariants(type_name)
    of_elements = [i for e in definitions.elements(type_name).values() for i in e.invariants]
    return {i.key for i in (*own, *of_elements) if i.severity == "error"}


def _formed(type_name: str) -> set[str]:
    return {key for t in definitions.lineage(type_name) for key in FORMS.get(t, {})}


def namespace(type_name: str) -> dict[str, Any]:
    """Write the ``__post_init__`` of a type's shape; nothing when there is nothing to check."""
    conditions = ["False"] if unformed(type_name) else _conditions(type_name)
    if not conditions:
        return {}
    body = " and ".join(f"({c})" for c in conditions)
    for call, look in _REMEMBERING:
        body = re.sub(call, look, body)
    source = f"def __post_init__(o):\n    if not ({body}): raise DoubtError"
    space: dict[str, Any] = {}
    exec(source, dict(_NAMES), space)  # source is made of the tables above and element names
    return space


def _conditions(type_name: str) -> list[str]:
    choices = _choices(type_name)
    found = [_at_most_one(type_name, names) for names in choices.values()]
    for name in definitions.lineage(type_name):
        found += FORMS.get(name, {}).values()
        found += RULES.get(name, ())
    found += _bindings(type_name)
    for choice, names in choices.items():
        anything = "(" + " or ".join(f"o.{n} is not U" for n in names) + ")"
        found = [c.replace(f"{choice}@", anything) for c in found]
    return [c for c in found if c != "True"]


def _bindings(type_name: str) -> list[str]:
    bound = [e for e in definitions.elements(type_name).values() if e.binding]
    concepts = [e for e in bound if e.type == "CodeableConcept"]
    return [
        f"all(is_bound(c, {e.binding!r}) for c in o.{e.name} or ())"
        if e.array
        else f"is_bound(o.{e.name}, {e.binding!r})"
        for e in concepts
    ]


@cache
def _choices(type_name: str) -> dict[str, list[str]]:
    choices: dict[str, list[str]] = {}
    if type_name != "Extension":  # its only choice is counted by `only_one`
        for element in definitions.elements(type_name).values():
            if element.choice:
                choices.setdefault(element.choice, []).append(element.name)
    return choices


def _at_most_one(type_name: str, names: list[str]) -> str:
    required = definitions.elements(type_name)[names[0]].required
    absent = f"({', '.join(f'o.{n}' for n in names)},).count(U)"
    if required:
        return f"{absent} == {len(names) - 1}"
    return f"{absent} >= {len(names) - 1}" if len(names) > 1 else "True"
