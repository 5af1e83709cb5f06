"""Cut resources down to what was asked for: ``_summary`` and ``_elements``.

http://hl7.org/fhir/R4/search.html#summary, http://hl7.org/fhir/R4/search.html#elements
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from nabd.fhir.definitions import Element, elements, is_backbone
from nabd.fhir.json import Json, decode, encode

Cut = Callable[[Json], Json]

SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_ALWAYS = frozenset({"resourceType", "id", "meta"})


def subset(body: bytes, type_name: str, summary: str, wanted: tuple[str, ...]) -> bytes:
    """Return the body with the elements asked for, tagged as a subset; untouched when all are."""
    cut = _cut(type_name, summary, wanted)
    if cut is None or not body:
        return body
    return encode(_tagged(cut(decode(body))))


@lru_cache(maxsize=1024)
def _cut(type_name: str, summary: str, wanted: tuple[str, ...]) -> Cut | None:
    if summary == "true":
        return lambda resource: _summary(resource, type_name)
    if summary == "data":
        return lambda resource: {k: v for k, v in resource.items() if k != "text"}
    if summary == "text":
        return _keeping(_mandatory(type_name) | {"text"})
    if wanted:
        return _keeping(_mandatory(type_name) | _named(type_name, wanted))
    return None


def _keeping(names: frozenset[str]) -> Cut:
    return lambda resource: {k: v for k, v in resource.items() if k.removeprefix("_") in names}


def _mandatory(type_name: str) -> frozenset[str]:
    """Name what a subset may never miss: required and modifier elements."""
    found = (e.name for e in elements(type_name).values() if e.required or e.modifier)
    return _ALWAYS | frozenset(found)


def _named(type_name: str, wanted: tuple[str, ...]) -> frozenset[str]:
    """Name the elements that ``wanted`` asks for; "value" asks for every form of value[x]."""
    plain = {name.removeprefix(f"{type_name}.").removesuffix("[x]") for name in wanted}
    return frozenset(
        e.name for e in elements(type_name).values() if e.name in plain or e.choice in plain
    )


@cache
def _in_summary(type_name: str) -> dict[str, Element]:
    return {name: e for name, e in elements(type_name).items() if e.summary}


def _summary(value: Json, type_name: str) -> Json:
    """Keep the elements that the standard marks for summaries, inside backbones too."""
    kept = _in_summary(type_name)
    out: Json = {}
    for name, child in value.items():
        if name == "resourceType":
            out[name] = child
        elif (element := kept.get(name.removeprefix("_"))) is not None:
            cut = _summary_of(child, element)
            if cut not in ({}, []):  # nothing may be left empty
                out[name] = cut
    return out


def _summary_of(value: Any, element: Element) -> Any:
    """Return what the summary keeps of a value; an empty one when it keeps nothing."""
    if not is_backbone(element.type):
        return value
    if isinstance(value, list):
        return [cut for item in value if (cut := _summary(item, element.type))]
    return _summary(value, element.type)


def _tagged(resource: Json) -> Json:
    """Mark a subset, so that nobody takes it for the whole and writes it back."""
    meta = dict(resource.get("meta", {}))
    meta["tag"] = [*meta.get("tag", []), SUBSETTED]
    out = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return out | {"meta": meta} | {k: v for k, v in resource.items() if k not in _ALWAYS}
