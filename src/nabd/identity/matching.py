"""``$match``: who, or which facility, may this be?  Candidates with score, grade and reasons.

http://hl7.org/fhir/R4/patient-operation-match.html
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from nabd.errors import problem
from nabd.fhir.json import Json, decode
from nabd.identity import organizations, practitioners
from nabd.identity.body_keys import keys_of_body, keys_of_practitioner
from nabd.identity.keys import Key, keys_of, sought_by
from nabd.identity.model import Model
from nabd.identity.organizations import body_of
from nabd.identity.practitioners import professional_of
from nabd.identity.record import record_of
from nabd.identity.rules import Score, score
from nabd.identity.words import GRADE, MASKED, REASON
from nabd.store import Stored

if TYPE_CHECKING:
    from nabd.access.session import Session

COUNT = 20  # candidates of an answer, when the client does not say how many
REMEMBERED = 20_000  # records kept ready for comparing, by version


class Kind(NamedTuple):
    """How resources of a type are compared: what is read of one, where it is found, where its mates
    are looked for, how to weigh."""

    read: Callable[[Json], Any]
    keys: Callable[[Json], list[Key]]
    sought: Callable[[Json], list[Key]]
    score: Callable[[Any, Any, Model], Score]


def _bodies(one: Any, other: Any, _: Model) -> Score:
    return organizations.score(one, other)


KINDS = {
    "Patient": Kind(record_of, keys_of, sought_by, score),
    "Practitioner": Kind(
        professional_of, keys_of_practitioner, keys_of_practitioner, practitioners.score
    ),
    "Organization": Kind(body_of, keys_of_body, keys_of_body, _bodies),
    "Location": Kind(body_of, keys_of_body, keys_of_body, _bodies),
}


class Asked(NamedTuple):
    """What a client asks of ``$match``."""

    resource: Json
    certain_only: bool
    most: int


class Match(NamedTuple):
    """A candidate; one that the asker may not see has no resource."""

    score: Score
    stored: Stored | None


async def match(session: Session, type_name: str, parameters: Json, model: Model) -> Json:
    """Answer with a searchset of candidates, best first; N6101 for wrong parameters."""
    asked = _asked(type_name, parameters)
    found = await candidates(session, asked.resource, model)
    if asked.certain_only:
        found = [one for one in found if one.score.grade == "certain"][:1]
    entries = [_entry(type_name, one) for one in found[: asked.most]]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


async def candidates(session: Session, resource: Json, model: Model) -> list[Match]:
    """Return who the resource may be, best first, and what the asker may know of them.

    Of a record outside the asker's scope only a certain match is told: who gets that answer knew
    all that agrees.
    """
    type_name, own = resource["resourceType"], resource.get("id", "")
    kind = KINDS[type_name]
    wanted = kind.read(resource)
    found = []
    for one in await session.alike(type_name, kind.sought(resource)):
        if one.stored.id == own:
            continue
        value = kind.score(wanted, _ready(one.stored.body), model)
        if value.grade == "certain" or (one.seen and value.grade != "certainly-not"):
            found.append(Match(value, one.stored if one.seen else None))
    return sorted(found, key=lambda one: -one.score.bits)


def _asked(type_name: str, parameters: Json) -> Asked:
    said = {one.get("name"): one for one in parameters.get("parameter", ())}
    resource = said.get("resource", {}).get("resource")
    if not resource or resource.get("resourceType") != type_name:
        raise problem("N6101", "Parameters.parameter.where(name = 'resource')", type=type_name)
    count = said.get("count", {}).get("valueInteger", COUNT)
    if not 1 <= count <= 100:
        raise problem("N6109", "Parameters.parameter.where(name = 'count')")
    return Asked(resource, said.get("onlyCertainMatches", {}).get("valueBoolean", False), count)


def _entry(type_name: str, one: Match) -> Json:
    search: Json = {"extension": [{"url": GRADE, "valueCode": one.score.grade}], "mode": "match"}
    if one.stored is None:
        masked = {"resourceType": type_name, "meta": {"security": [MASKED]}}
        return {"resource": masked, "search": search}
    search["extension"] += [_reason(*reason) for reason in one.score.reasons]
    search["score"] = Decimal(one.score.probability).quantize(Decimal("0.000001"))
    return {"resource": decode(one.stored.body), "search": search}


def _reason(field: str, level: str, bits: float) -> Json:
    parts: list[Json] = [
        {"url": "field", "valueCode": field},
        {"url": "level", "valueCode": level},
        {"url": "bits", "valueDecimal": Decimal(bits).quantize(Decimal("0.01"))},
    ]
    return {"url": REASON, "extension": parts}


@lru_cache(maxsize=REMEMBERED)
def _ready(body: bytes) -> Any:
    """Read what is compared of a version; its JSON names its type, its id and its version."""
    resource = decode(body)
    return KINDS[resource["resourceType"]].read(resource)
