"""The fast path: one conversion to shapes, a few searches in the bytes."""

from __future__ import annotations

import json as standard_json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from nabd.fhir import json
from nabd.fhir.check import bundle, contained, formats, shapes, vitals

Json = dict[str, Any]

# What JSON escapes may hide: control characters; unescaped ones are no JSON at all.
_CONTROL = re.compile(rb"\\(?:[bf]|u00[01])").search
_EMPTY = re.compile(rb"\{\}").search  # half the time of `in`
_SHALLOW = json.MAX_DEPTH // 2

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_MANY = 100  # repeated keys to be named; a text with more is no accident
_NATIVE = (Decimal,)  # a decimal is a JSON number; a string of digits is none
_LINK = re.compile(rb'"reference"\s*:\s*"#([^"]*)"')


def is_sound(compact: bytes, value: Json) -> bool:
    """Tell whether a resource is surely right; False leaves the judgement to the walk.

    ``compact`` is the minified form: where empty objects, escapes and links are searched.
    """
    if _EMPTY(compact) or len(compact) > formats.MAX_TEXT:
        return False
    if b"\\" in compact and _CONTROL(compact):
        return False
    # No array holds an array, so half as many braces as levels allowed cannot be too deep.
    if compact.count(b"{") > _SHALLOW and json.may_be_deep(compact):
        return False
    return _is_sound(value, compact if b"#" in compact else b"")


def _is_sound(value: Any, text: bytes) -> bool:
    """Judge a resource; ``text`` is where its links are, "" when there are surely none."""
    typed = _typed(value)
    if typed is None:
        return False
    judge = _APART.get(value["resourceType"])
    if judge is not None:
        return judge(value, text)
    if not typed.contained:
        return not _LINK.search(text) or not contained.problems(value, "")
    if not all(map(_is_sound_part, value["contained"])):
        return False
    return _are_linked(text, value) or not contained.problems(value, "")


def _is_sound_part(value: Any) -> bool:
    """Judge a contained resource; its container judges its links."""
    typed = _typed(value)
    return typed is not None and value["resourceType"] not in _APART and not typed.contained


def _typed(value: Any) -> Any:
    """Return the shape of a resource, or None when it does not fit."""
    try:
        type_name = value["resourceType"]
        typed = msgspec.convert(value, shapes.shape(type_name), builtin_types=_NATIVE)
    except (msgspec.ValidationError, RecursionError, LookupError, TypeError):
        return None  # LookupError, TypeError: it names no type that there is
    return None if type_name == "Observation" and any(vitals.problems(value, "")) else typed


def _are_linked(text: bytes, value: Json) -> bool:
    """Tell quickly whether contained resources are all linked, and no link leads nowhere."""
    ids = {c.get("id", "").encode() for c in value["contained"]}
    plain = all("meta" not in c and "contained" not in c for c in value["contained"])
    distinct = len(ids) == len(value["contained"])
    return plain and distinct and ids == set(_LINK.findall(text))


def _is_sound_bundle(value: Json, text: bytes) -> bool:
    for entry in value.get("entry", ()):
        if "resource" in entry and not _is_sound_within(entry["resource"], text):
            return False
        if "outcome" in entry.get("response", ()):
            return False
    return not any(bundle.problems(value, ""))


def _is_sound_within(value: Any, text: bytes) -> bool:
    """Judge a resource that links to its own contained resources, not to its neighbours'."""
    return _is_sound(value, json.encode(value) if text else b"")


def _are_sound_parameters(value: Json, text: bytes) -> bool:
    pending = list(value.get("parameter", ()))
    while pending:
        parameter = pending.pop()
        pending += parameter.get("part", ())
        if "resource" in parameter and not _is_sound_within(parameter["resource"], text):
            return False
    return True


# Resources that are no DomainResource: they contain nothing, but hold others.
_APART: dict[str, Callable[[Json, bytes], bool]] = {
    "Binary": lambda value, text: True,
    "Bundle": _is_sound_bundle,
    "Parameters": _are_sound_parameters,
}


def safe_name(key: str) -> str:
    """Return a key that looks like a name; any other could be anything, even somebody's data."""
    return key if _NAME.match(key) else "?"


def repeated_keys(raw: bytes) -> list[str]:
    """List the first keys that come twice in one object of a JSON text, each once."""
    found: dict[str, None] = {}

    def pairs(items: list[tuple[str, Any]]) -> None:
        if len(items) > len(dict(items)):
            counts = Counter(name for name, _ in items)
            found.update((safe_name(n), None) for n, times in counts.items() if times > 1)

    standard_json.loads(raw, object_pairs_hook=pairs)
    return list(found)[:_MANY]
