"""The fast path: one decode to shapes, one encode that proves it, one look at what was read.

A shape leaves out keys that it does not know, and keeps the last of two that are the same.  So
what was read is written again: where that is the text that came, nothing was left out.
"""

from __future__ import annotations

import json as standard_json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypedDict

import msgspec

from nabd.fhir import definitions, json
from nabd.fhir.check import bundle, contained, judging, shapes

Json = dict[str, Any]
Read = tuple[Json, bytes]  # a resource, and its compact JSON

# What JSON escapes may hide: control characters; unescaped ones are no JSON at all.
_CONTROL = re.compile(rb"\\(?:[bf]|u00[01])").search
_LINK = re.compile(rb'"reference":"#([^"]*)"')
_BACKSLASH, _HASH = b"\\#"  # numbers: one byte is found three times as fast as a text of one
_ROOM = json.MAX_DEPTH - 6  # what is asked without a call is at most six levels deep

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_MANY = 100  # repeated keys to be named; a text with more is no accident


class _Head(TypedDict):
    resourceType: str


class _Type(NamedTuple):
    """How resources of a type are read."""

    decode: Callable[[bytes], Json]
    judge: judging.Judge
    within: Callable[[Json], Iterator[tuple[Any, Any]]]
    is_whole: Callable[[Json, bytes], bool]


_BEGINNING = b'{"resourceType":"'
_TYPES: dict[bytes, _Type] = {}  # by the beginning of minified resources
_head = msgspec.json.Decoder(_Head).decode


def sound(raw: bytes) -> Read | None:
    """Read a resource that is surely right; None leaves the judgement to the walk."""
    return _read(raw, _ROOM)


def _read(raw: bytes, room: int, is_part: bool = False) -> Read | None:
    """Read a resource ``room`` levels deep at most; the container judges the links of its part."""
    try:
        kind = _TYPES.get(raw[: raw.find(b'"', len(_BEGINNING))])
        if kind is None:
            raw = raw.removeprefix(BOM_UTF8)
            kind = _type(_head(raw)["resourceType"])
        value = kind.decode(raw)
    except (ValueError, ArithmeticError, RecursionError, KeyError):
        return None
    places = [*kind.within(value)]
    compact = _encode_with(value, places, room) if places else json.encode(value)
    if raw != compact and not (compact and _says_the_same(raw, compact)):
        return None
    if _BACKSLASH in compact and _CONTROL(compact):
        return None
    if not kind.judge(value, room // 2 if places else room):
        return None
    return (value, compact) if is_part or kind.is_whole(value, compact) else None


def _says_the_same(raw: bytes, compact: bytes) -> bool:
    """Tell whether a text that is not compact has all keys of the compact one, and no others."""
    minified = msgspec.json.format(raw, indent=-1)
    if minified == compact:
        return True
    plain = json.encode(json.decode_any_depth(raw))  # escapes or numbers are written otherwise
    return plain == compact and keys(minified) == keys(compact)


def keys(minified: bytes) -> int:
    """Count the keys of minified JSON: a quote before a colon ends a key, unless escaped."""
    return minified.count(b'":') - minified.count(b'\\":')


@cache
def _type(type_name: str) -> _Type:
    """Prepare to read resources of a type; raises KeyError when there is no such type."""
    definitions.TYPE_NUMBER[type_name]
    decode = json.decoder(shapes.shape(type_name))
    within = _WITHIN.get(type_name, _contained)
    is_whole = _IS_WHOLE.get(type_name, _is_linked)
    found = _Type(decode, judging.judge(type_name), within, is_whole)
    _TYPES[_BEGINNING + type_name.encode()] = found
    return found


# ----------------------------------------------------------------- resources within resources


def _contained(value: Json) -> Iterator[tuple[Any, Any]]:
    """Yield the places of the resources within a resource: a container, and a key of it."""
    if "contained" in value:
        yield from ((value["contained"], place) for place in range(len(value["contained"])))


def _entries(value: Json) -> Iterator[tuple[Any, Any]]:
    for entry in value.get("entry", ()):
        if "resource" in entry:
            yield entry, "resource"
        if "outcome" in entry.get("response", ()):
            yield entry["response"], "outcome"


def _parameters(value: Json) -> Iterator[tuple[Any, Any]]:
    pending = list(value.get("parameter", ()))
    while pending:
        parameter = pending.pop()
        pending += parameter.get("part", ())
        if "resource" in parameter:
            yield parameter, "resource"


def _encode_with(value: Json, places: list[tuple[Any, Any]], room: int) -> bytes:
    """Read the resources within another into their places, and encode all; b"" when in doubt.

    They and the other share the room, half and half.
    """
    is_part = "contained" in value
    parts = []
    for container, key in places:
        read = _read(bytes(container[key]), room // 2, is_part) if room else None
        if read is None or (is_part and not _may_be_contained(read[0])):
            return b""
        parts.append(read[0])
        container[key] = msgspec.Raw(read[1])
    compact = json.encode(value)
    for (container, key), part in zip(places, parts, strict=True):
        container[key] = part
    return compact


def _may_be_contained(part: Json) -> bool:
    return "contained" not in part and part["resourceType"] not in ("Binary", *_WITHIN)


def _is_linked(value: Json, compact: bytes) -> bool:
    """Tell whether contained resources are all linked, and no link leads nowhere."""
    if "contained" not in value and not (_HASH in compact and _LINK.search(compact)):
        return True
    return _is_plainly_linked(value, compact) or not contained.problems(value, "")


def _is_plainly_linked(value: Json, compact: bytes) -> bool:
    parts = value.get("contained", ())
    ids = {c.get("id", "").encode() for c in parts}
    return all("meta" not in c for c in parts) and ids == set(_LINK.findall(compact))


_WITHIN: dict[str, Callable[[Json], Iterator[tuple[Any, Any]]]] = {
    "Bundle": _entries,
    "Parameters": _parameters,
}
_IS_WHOLE: dict[str, Callable[[Json, bytes], bool]] = {
    "Bundle": lambda value, compact: not any(bundle.problems(value, "")),
    "Parameters": lambda value, compact: True,
}

# --------------------------------------------------------------------------- names of keys


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
