"""Match organizations and places of care: by identifier, by known aliases, else by name and place.

Nine hospitals of the country are called "Hassan II": without a place, a name alone is at most
``possible``, and two provinces are two hospitals.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from nabd.fhir.json import Json
from nabd.identity.agreement import part
from nabd.identity.bodies import DATA, BodyName, body_name
from nabd.identity.identifiers import Identifier, identifiers_of
from nabd.identity.model import Thresholds
from nabd.identity.record import places_of
from nabd.identity.rules import Reason, Score, grade, probability

WITHIN = "https://nabd.health/fhir/StructureDefinition/place-within"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
GLUE = "ma-"  # before the code of a place in the id of its Location
NAMED = {
    **dict.fromkeys(("exact", "same"), "same"),
    **dict.fromkeys(("skeleton", "close", "typing"), "near"),
    **dict.fromkeys(("initial", "conflict"), "differ"),
}  # levels of names of people, as levels of names of bodies


class Body(msgspec.Struct, frozen=True):
    """An Organization or Location, ready to be compared."""

    names: tuple[BodyName, ...] = ()
    identifiers: frozenset[Identifier] = frozenset()
    places: frozenset[str] = frozenset()  # HCP codes; towns with "~"


class Weights(msgspec.Struct, frozen=True):
    """The bits of ``data/bodies.toml``."""

    prior: float
    thresholds: Thresholds
    bits: Mapping[str, Mapping[str, float]]


@cache
def weights() -> Weights:
    """Read the weights of organizations."""
    raw = tomllib.loads((DATA / "bodies.toml").read_text("utf-8"))
    return msgspec.convert(raw["body"], Weights)


def body_of(resource: Json) -> Body:
    """Read what is compared of an Organization or a Location."""
    return Body(
        tuple(dict.fromkeys(body_name(text) for text in _texts(resource))),
        identifiers_of(resource),
        frozenset(_places(resource)),
    )


def _texts(resource: Json) -> Iterator[str]:
    if resource.get("name"):
        yield resource["name"]
    yield from resource.get("alias", ())
    for extension in resource.get("_name", {}).get("extension", ()):
        if extension.get("url") == TRANSLATION:
            parts = {one["url"]: one for one in extension.get("extension", ())}
            if text := parts.get("content", {}).get("valueString", ""):
                yield text


def _places(resource: Json) -> Iterator[str]:
    for place in places_of(resource):
        yield place.removeprefix(GLUE)
    part_of = resource.get("partOf", {}).get("reference", "")
    if resource.get("resourceType") == "Location" and part_of.startswith(f"Location/{GLUE}"):
        yield part_of.removeprefix(f"Location/{GLUE}")
    for extension in resource.get("extension", ()):
        if extension.get("url") == WITHIN:
            codes = [one.get("valueCode", "") for one in extension.get("extension", ())]
            yield max(codes, key=len)


def score(a: Body, b: Body) -> Score:
    """Weigh two bodies against each other; which comes first makes no difference."""
    table = weights()
    reasons = tuple(
        Reason(field, level, table.bits[field][level]) for field, level in _levels(a, b) if level
    )
    levels = {one.field: one.level for one in reasons}
    bits = round(table.prior + sum(one.bits for one in reasons), 4)
    against = tuple(f for f in ("alias", "number", "kind", "place") if levels.get(f) == "differ")
    lacking = tuple(_doubts(levels))
    graded = grade(bits, _known(levels), bool(against or lacking), table.thresholds)
    return Score(bits, probability(bits), graded, reasons, against, lacking)


def _known(levels: Mapping[str, str]) -> bool:
    return "same" in (levels.get("alias"), levels.get("identifier"))


def _doubts(levels: Mapping[str, str]) -> Iterator[str]:
    if not _known(levels) and levels.get("place", "region") in ("region", "differ"):
        yield "place"


def _levels(a: Body, b: Body) -> Iterator[tuple[str, str]]:
    yield "identifier", _identifier(a.identifiers, b.identifiers)
    alias = _alias(a.names, b.names)
    yield "alias", alias
    if not alias:  # a body that the table knows has one seat, however it is written
        yield from _name(a.names, b.names)
        yield "place", place(a.places, b.places)


def _identifier(a: frozenset[Identifier], b: frozenset[Identifier]) -> str:
    if not a.isdisjoint(b):
        return "same"
    return "differ" if {kind for kind, _ in a} & {kind for kind, _ in b} else ""


def _alias(a: Sequence[BodyName], b: Sequence[BodyName]) -> str:
    one, other = ({name.alias for name in names} - {""} for names in (a, b))
    if not one or not other:
        return ""
    return "differ" if one.isdisjoint(other) else "same"


def _name(a: Sequence[BodyName], b: Sequence[BodyName]) -> Iterator[tuple[str, str]]:
    """Compare the pair of names that agrees best: in one script, where both have it."""
    found = [tuple(_parts(x, y)) for x in a for y in b]
    if found:
        bits = weights().bits
        yield from max(found, key=lambda one: (sum(bits[f][v] for f, v in one if v), one))


def _parts(a: BodyName, b: BodyName) -> Iterator[tuple[str, str]]:
    found = part(a.tokens, b.tokens)
    if found:
        yield "name", NAMED.get(found.level, found.level)
    if a.number or b.number:
        yield "number", "same" if a.number == b.number else "differ"
    yield "kind", ("same" if a.kind == b.kind else "differ") if a.kind and b.kind else ""


def place(a: frozenset[str], b: frozenset[str]) -> str:
    """Compare where two bodies lie: the finest level that both tell and share.

    >>> place(frozenset({"01.051.01.03"}), frozenset({"01.051"}))
    'province'
    """
    codes = [(x, y) for x in a if x[0] != "~" for y in b if y[0] != "~"]
    if codes:
        return max((_shared(x, y) for x, y in codes), key=PLACES.index)
    towns = [{one for one in places if one[0] == "~"} for places in (a, b)]
    return ("town" if towns[0] & towns[1] else "") if all(towns) else ""


PLACES = ("differ", "region", "province", "commune")


def _shared(a: str, b: str) -> str:
    short, long = sorted((a.split("."), b.split(".")), key=len)
    if long[: len(short)] != short:
        return "differ"
    return PLACES[min(len(short), 3)]
