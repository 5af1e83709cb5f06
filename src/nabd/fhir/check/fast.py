"""The fast path: one typed decode, a few searches in the bytes."""

from __future__ import annotations

import json as standard_json
import re
from itertools import repeat
from typing import Any

import msgspec

from nabd.fhir import definitions
from nabd.fhir.check import bundle, contained, formats, shapes

Json = dict[str, Any]

# What JSON escapes may hide: control characters; unescaped ones are no JSON at all.
_CONTROL = re.compile(rb"\\(?:[bf]|u00[01])")

_LINK = re.compile(rb'"reference"\s*:\s*"#([^"]*)"')


def is_sound(raw: bytes, compact: bytes, value: Json) -> bool:
    """Tell whether a resource is surely right; False leaves the judgement to the walk.

    ``compact`` is the minified form: where "{}" is searched.  Each ``{`` nests one level, so the
    limit on depth needs no walk either.
    """
    if b"{}" in compact or len(compact) > formats.MAX_TEXT or _escapes(compact):
        return False
    return _is_sound(raw, value)


def _escapes(compact: bytes) -> bool:
    return b"\\" in compact and _CONTROL.search(compact) is not None


def _is_sound(raw: bytes | msgspec.Raw, value: Any, within: bool = False) -> bool:
    type_name = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(type_name, str) or type_name not in definitions.TYPE_NUMBER:
        return False
    try:
        typed = shapes.decoder(type_name).decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return _is_sound_around(type_name, typed, raw, value, within)


def _is_sound_around(
    type_name: str, typed: Any, raw: bytes | msgspec.Raw, value: Json, within: bool
) -> bool:
    """Judge what a type's own shape cannot: resources within, and links between them."""
    if type_name == "Bundle":
        return _is_sound_bundle(typed, value)
    if type_name == "Parameters":
        return _are_sound_parameters(typed.parameter, value.get("parameter", []))
    if type_name == "Binary":
        return True
    if within:
        return not typed.contained  # the container judges the links
    if typed.contained:
        if not all(map(_is_sound, typed.contained, value["contained"], repeat(True))):
            return False
        return _are_linked(bytes(raw), value) or not contained.problems(value, type_name)
    return (
        b"#" not in bytes(raw) or not _LINK.search(raw) or not contained.problems(value, type_name)
    )


def _are_linked(raw: bytes, value: Json) -> bool:
    """Tell quickly whether contained resources are all linked, and no link leads nowhere."""
    ids = {c.get("id", "").encode() for c in value["contained"]}
    plain = all("meta" not in c and "contained" not in c for c in value["contained"])
    return plain and ids == set(_LINK.findall(raw))


def _is_sound_bundle(typed: Any, value: Json) -> bool:
    for entry, plain in zip(typed.entry or (), value.get("entry", ()), strict=True):
        if entry.resource is not msgspec.UNSET and not _is_sound(entry.resource, plain["resource"]):
            return False
        if entry.response and entry.response.outcome is not msgspec.UNSET:
            return False
    return not any(bundle.problems(value, "Bundle"))


def _are_sound_parameters(typed: Any, value: list[Json]) -> bool:
    for parameter, plain in zip(typed or (), value, strict=True):
        if parameter.resource is not msgspec.UNSET:
            if not _is_sound(parameter.resource, plain["resource"]):
                return False
        elif not _are_sound_parameters(parameter.part, plain.get("part", [])):
            return False
    return True


def repeated_keys(raw: bytes) -> list[str]:
    """List the keys that come twice in one object of a JSON text, each once."""
    found: dict[str, None] = {}

    def pairs(items: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in items]
        found.update((n[:64], None) for n in names if names.count(n) > 1)

    standard_json.loads(raw, object_pairs_hook=pairs)
    return list(found)
