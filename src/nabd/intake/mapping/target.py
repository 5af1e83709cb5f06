"""Target paths: where in a resource a value goes, in the words of FHIRPath.

``name``, ``identifier[0].value``, ``extension("https://…").valueReference.reference``: a name,
an index into a list, or an extension by its URL, found or made.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from nabd.fhir.json import Json

SEGMENT = re.compile(
    r"""(?P<name>_?[A-Za-z][A-Za-z0-9]*)(?:\[(?P<index>\d+)\]|\(\s*["'](?P<url>[^"']+)["']\s*\))?"""
)
MAX_INDEX = 50


class Segment(NamedTuple):
    """One step of a path: a name, and its place in a list or the URL of an extension."""

    name: str
    place: int | None = None
    url: str = ""


def parse(path: str) -> tuple[Segment, ...] | None:
    """Read a target path; ``None`` when it is none."""
    found: list[Segment] = []
    at = 0
    while at < len(path):
        if found and path[at] != ".":
            return None
        match = SEGMENT.match(path, at + bool(found))
        if match is None or not _sound(match):
            return None
        found.append(_segment(match))
        at = match.end()
    return tuple(found) or None


def parent(path: str) -> str:
    """Return the path of the element that holds this one; "" for the resource itself."""
    quoted = re.sub(r"\([^)]*\)", lambda match: "x" * len(match[0]), path)
    return path[: quoted.rfind(".")] if "." in quoted else ""


def put(resource: Json, path: tuple[Segment, ...], value: Any) -> None:
    """Set a value, making the elements on the way."""
    at: Any = resource
    for segment in path[:-1]:
        at = _enter(at, segment)
    last = path[-1]
    if last.place is None:
        at[last.name] = value
    else:
        _item(at.setdefault(last.name, []), last.place, None)
        at[last.name][last.place] = value


def _enter(at: Json, segment: Segment) -> Json:
    if segment.url:
        return _extension(at.setdefault(segment.name, []), segment.url)
    if segment.place is None:
        inner: Json = at.setdefault(segment.name, {})
        return inner
    item: Json = _item(at.setdefault(segment.name, []), segment.place, {})
    return item


def _item(items: list[Any], index: int, empty: Any) -> Any:
    while len(items) <= index:
        items.append({} if empty is not None else None)
    return items[index]


def _extension(items: list[Json], url: str) -> Json:
    for item in items:
        if item.get("url") == url:
            return item
    items.append({"url": url})
    return items[-1]


def _sound(match: re.Match[str]) -> bool:
    return match["index"] is None or int(match["index"]) <= MAX_INDEX


def _segment(match: re.Match[str]) -> Segment:
    index = None if match["index"] is None else int(match["index"])
    return Segment(match["name"], index, match["url"] or "")
