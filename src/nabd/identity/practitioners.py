"""Match health professionals: by professional number, then name, specialty and place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from nabd.fhir.json import Json
from nabd.identity import compare
from nabd.identity.bodies import DATA
from nabd.identity.doubts import unnamed
from nabd.identity.model import Model
from nabd.identity.record import Record, record_of
from nabd.identity.rules import Reason, Score, reasons, verdict


class Professional(msgspec.Struct, frozen=True):
    """A Practitioner, ready to be compared."""

    record: Record
    specialties: frozenset[str] = frozenset()


class Weights(msgspec.Struct, frozen=True):
    """The bits of ``data/bodies.toml``."""

    prior: float
    bits: Mapping[str, Mapping[str, float]]


@cache
def weights() -> Weights:
    """Read the weights of practitioners."""
    raw = tomllib.loads((DATA / "bodies.toml").read_text("utf-8"))
    return msgspec.convert(raw["practitioner"], Weights)


def professional_of(practitioner: Json, roles: Sequence[Json] = ()) -> Professional:
    """Read what is compared of a Practitioner and of its PractitionerRoles."""
    return Professional(record_of(practitioner), frozenset(_specialties(practitioner, roles)))


def _specialties(practitioner: Json, roles: Sequence[Json]) -> Iterator[str]:
    concepts = [one.get("code", {}) for one in practitioner.get("qualification", ())]
    for role in roles:
        concepts += role.get("specialty", ())
    for concept in concepts:
        for coding in concept.get("coding", ()):
            if coding.get("code"):
                yield f"{coding.get('system', '')}|{coding['code']}"


def score(a: Professional, b: Professional, model: Model) -> Score:
    """Weigh two professionals against each other; which comes first makes no difference.

    A birth date, which registers of professionals seldom have, is not asked for.
    """
    table = weights()
    found = reasons(a.record, b.record, model)
    if level := compare.sets(a.specialties, b.specialties):
        found.append(Reason("specialty", level, table.bits["specialty"][level]))
    return verdict(a.record, b.record, found, table.prior, unnamed, model.thresholds)
