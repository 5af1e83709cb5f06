"""``Patient/$match``: who may this be?  Candidates with score, grade and reasons.

http://hl7.org/fhir/R4/patient-operation-match.html
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from nabd.errors import problem
from nabd.fhir.json import Json, decode
from nabd.identity.keys import keys_of
from nabd.identity.model import Model
from nabd.identity.record import Record, record_of
from nabd.identity.rules import Score, score
from nabd.identity.words import GRADE, MASKED, REASON
from nabd.store import Stored

if TYPE_CHECKING:
    from nabd.access.session import Session

COUNT = 20  # candidates of an answer, when the client does not say how many
REMEMBERED = 20_000  # records kept ready for comparing, by version


class Asked(NamedTuple):
    """What a client asks of ``$match``."""

    patient: Json
    certain_only: bool
    most: int


class Match(NamedTuple):
    """A candidate; one that the asker may not see has no resource."""

    score: Score
    stored: Stored | None


async def match(session: Session, parameters: Json, model: Model) -> Json:
    """Answer with a searchset of candidates, best first; N6101 for wrong parameters."""
    asked = _asked(parameters)
    found = await candidates(session, asked.patient, model)
    if asked.certain_only:
        found = [one for one in found if one.score.grade == "certain"][:1]
    entries = [_entry(one) for one in found[: asked.most]]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


async def candidates(session: Session, patient: Json, model: Model) -> list[Match]:
    """Return who the patient may be, best first, and what the asker may know of them.

    Of a record outside the asker's scope only a certain match is told: who gets that answer knew
    all that agrees.
    """
    wanted = record_of(patient)
    own = patient.get("id", "")
    found = []
    for one in await session.alike("Patient", keys_of(patient)):
        if one.stored.id == own:
            continue
        value = score(wanted, _record(one.stored), model)
        if value.grade == "certain" or (one.seen and value.grade != "certainly-not"):
            found.append(Match(value, one.stored if one.seen else None))
    return sorted(found, key=lambda one: -one.score.bits)


def _asked(parameters: Json) -> Asked:
    said = {one.get("name"): one for one in parameters.get("parameter", ())}
    patient = said.get("resource", {}).get("resource")
    if not patient or patient.get("resourceType") != "Patient":
        raise problem("N6101", "Parameters.parameter.where(name = 'resource')")
    count = said.get("count", {}).get("valueInteger", COUNT)
    if not 1 <= count <= 100:
        raise problem("N6109", "Parameters.parameter.where(name = 'count')")
    return Asked(patient, said.get("onlyCertainMatches", {}).get("valueBoolean", False), count)


def _entry(one: Match) -> Json:
    search: Json = {"extension": [{"url": GRADE, "valueCode": one.score.grade}], "mode": "match"}
    if one.stored is None:
        masked = {"resourceType": "Patient", "meta": {"security": [MASKED]}}
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


def _record(stored: Stored) -> Record:
    return _ready(stored.id, stored.version, stored.body)


@lru_cache(maxsize=REMEMBERED)
def _ready(id_: str, version: int, body: bytes) -> Record:
    return record_of(decode(body))
