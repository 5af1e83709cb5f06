"""Patients for the tests of identity, written shortly; none of them exists."""

from __future__ import annotations

from typing import Any

from nabd.fhir.json import Json
from nabd.identity.model import load
from nabd.identity.record import record_of
from nabd.identity.rules import Score, score

SID = "https://nabd.health/fhir/sid/"
PLACE = "https://nabd.health/fhir/StructureDefinition/place"
MODEL = load()


def patient(given: str = "", family: str = "", born: str = "", sex: str = "", **more: str) -> Json:
    """Write a Patient; ``more``: phone, email, place (a code), city, and kinds of identifiers."""
    found: dict[str, Any] = {"resourceType": "Patient"}
    if given or family:
        found["name"] = [{"given": [given] if given else [], "family": family}]
    found |= {"birthDate": born} if born else {}
    found |= {"gender": {"f": "female", "m": "male"}[sex]} if sex else {}
    contacts = [{"system": s, "value": more.pop(s)} for s in ("phone", "email") if s in more]
    found |= {"telecom": contacts} if contacts else {}
    address: dict[str, Any] = {"city": more.pop("city")} if "city" in more else {}
    if "place" in more:
        reference = {"reference": f"Location/ma-{more.pop('place')}"}
        address["extension"] = [{"url": PLACE, "valueReference": reference}]
    found |= {"address": [address]} if address else {}
    found["identifier"] = [{"system": SID + kind, "value": v} for kind, v in more.items()]
    return found


def scored(a: Json, b: Json) -> Score:
    """Score two Patients with the shipped model."""
    return score(record_of(a), record_of(b), MODEL)
