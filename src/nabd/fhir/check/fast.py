"""The fast path: one decode to shapes, one encode that proves it, one look at what was read.

A shape leaves out keys that it does not know, and keeps the last of two that are the same.  So
what was read is written again: where that is the text that came, nothing was left out.
"""

from __future__ import annotations

import json as standard_json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypedDict

import msgspec

from nabd.fhir import definitions, json
from nabd.fhir.check import bundle, contained, judging, shapes

Json = dict[str, Any]
Place = tuple[Any, Any]  # of a resource within another: a container and a key of it

# What JSON escapes may hide: control characters; unescaped ones are no JSON at all.
_CONTROL = re.compile(rb"\\(?:[bf]|u00[01])").search
_LINK = b'"reference":"'
_BACKSLASH, _HASH = b"\\#"  # numbers: one byte is found three times as fast as a text of one
_ROOM = json.MAX_DEPTH - 6  # what is asked without a call is at most six levels deep

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")
_MANY = 100  # repeated keys to be named; a text with more is no accident


class _Head(TypedDict):
    resourceType: str


class _Type(NamedTuple):
    """How resources of a type are read and judged; the last two are of types that hold others."""

    decode: Callable[[bytes], Json]
    judges: judging.Judges
    places: Callable[[Json], list[Place]] | None
    is_whole: Callable[[Json], bool] | None


# A resource within another: its type, how many levels it may hold, and whether it is contained,
# so that its links are its container's.
_Part = tuple[_Type, Json, int, bool]

_BEGINNING = b'{"resourceType":"'
_START = len(_BEGINNING)
_TYPES: dict[bytes, _Type] = {}  # by the beginning of minified resources
_head = msgspec.json.Decoder(_Head).decode


def sound(raw: bytes) -> tuple[Json, bytes] | None:
    """Read a resource that is surely right, with its compact JSON.

    None leaves the judgement to the walk.
    """
    try:
        (_, judges, places, is_whole), value = read = _decoded(raw)
        parts = _filled(*read, _ROOM // 2) if places or "contained" in value else None
    except (ValueError, ArithmeticError, RecursionError, LookupError):
        return None
    compact = json.encode(value)
    if raw != compact and not _says_the_same(raw, compact):
        return None
    if _BACKSLASH in compact and _CONTROL(compact):
        return None
    if not judges[tuple(value)](value, _ROOM // 2 if parts else _ROOM):
        return None
    if is_whole or parts or _HASH in compact:
        if not (is_whole(value) if is_whole else _is_linked(value, compact)):
            return None
        if parts and not _are_right(parts, compact):
            return None
    return value, compact


def _decoded(raw: bytes) -> tuple[_Type, Json]:
    """Decode a resource by the shape of its type; raises what a decoder raises, and KeyError."""
    kind = _TYPES.get(raw[: raw.find(b'"', _START)])
    if kind is None:
        raw = raw.removeprefix(BOM_UTF8)
        kind = _type(_head(raw)["resourceType"])
    return kind, kind[0](raw)


@cache
def _type(type_name: str) -> _Type:
    """Prepare to read resources of a type; raises KeyError when there is no such type."""
    definitions.TYPE_NUMBER[type_name]
    found = _Type(
        json.decoder(shapes.shape(type_name)),
        judging.Judges(type_name),
        _PLACES.get(type_name),
        _IS_WHOLE.get(type_name),
    )
    _TYPES[_BEGINNING + type_name.encode()] = found
    return found


def _says_the_same(raw: bytes, compact: bytes) -> bool:
    """Tell whether a text that is not compact has all keys of the compact one, and no others."""
    raw = raw.removeprefix(BOM_UTF8)
    minified = msgspec.json.format(raw, indent=-1)
    if minified == compact:
        return True
    plain = json.encode(json.decode_any_depth(raw))  # escapes or numbers are written otherwise
    return plain == compact and keys(minified) == keys(compact)


def keys(minified: bytes) -> int:
    """Count the keys of minified JSON: a quote before a colon ends a key, unless escaped."""
    return minified.count(b'":') - minified.count(b'\\":')


# ----------------------------------------------------------------- resources within resources


def _entries(value: Json) -> list[Place]:
    entries = value.get("entry", ())
    responses = [entry["response"] for entry in entries if "response" in entry]
    outcomes = [(response, "outcome") for response in responses if "outcome" in response]
    return [(entry, "resource") for entry in entries if "resource" in entry] + outcomes


def _parameters(value: Json) -> list[Place]:
    found, pending = [], list(value.get("parameter", ()))
    while pending:
        parameter = pending.pop()
        pending += parameter.get("part", ())
        if "resource" in parameter:
            found.append((parameter, "resource"))
    return found


def _filled(owner: _Type, value: Json, room: int) -> list[_Part]:
    """Decode the resources within another into their places, and list them.

    They may be as deep as the other, half as deep as both together; raises what
    :func:`_decoded` raises, and LookupError for what is never contained.
    """
    if not room:
        raise RecursionError  # each level is read once more for those within it
    if not owner.places:
        return _contained(value["contained"], room)
    found: list[_Part] = []
    for container, key in owner.places(value):
        kind, part = _decoded(bytes(container[key]))
        container[key] = part
        holds = kind.places or "contained" in part
        found.append((kind, part, room // 2 if holds else room, False))
        if holds:
            found += _filled(kind, part, room // 2)
    return found


def _contained(held: list[Any], room: int) -> list[_Part]:
    found: list[_Part] = []
    for place, raw in enumerate(held):
        kind, part = _decoded(bytes(raw))
        if "contained" in part or part["resourceType"] in _APART:
            raise LookupError
        held[place] = part
        found.append((kind, part, room, True))
    return found


def _are_right(parts: list[_Part], compact: bytes) -> bool:
    for (_, judges, _, is_whole), value, room, is_contained in parts:
        if not judges[tuple(value)](value, room):
            return False
        if not is_contained:
            # A resource links to what it contains, not to its neighbours' contents.
            own = json.encode(value) if _HASH in compact else b""
            if not (is_whole(value) if is_whole else _is_linked(value, own)):
                return False
    return True


def _is_linked(value: Json, compact: bytes) -> bool:
    """Tell whether contained resources are all linked, and no link leads nowhere.

    ``compact`` may be empty when there surely is no link.
    """
    parts = value.get("contained", ())
    ids = {part.get("id", "").encode() for part in parts}
    is_plain = len(ids) == len(parts) and not any("meta" in part for part in parts)
    return (is_plain and ids == _links(compact)) or not contained.problems(value, "")


def _links(compact: bytes) -> set[bytes]:
    """Collect the ids that References link to, as they are in compact JSON."""
    found = set()
    at = compact.find(b"#")  # one byte is found ten times as fast as the whole expression
    while at >= 0:
        end = compact.find(b'"', at)
        if compact.endswith(_LINK, 0, at):
            found.add(compact[at + 1 : end])
        at = compact.find(b"#", end)
    return found


_PLACES = {"Bundle": _entries, "Parameters": _parameters}
_IS_WHOLE: dict[str, Callable[[Json], bool]] = {
    "Bundle": lambda value: not any(bundle.problems(value, "")),
    "Parameters": lambda value: True,
}
_APART = ("Binary", *_PLACES)  # no DomainResource, hence never contained

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
