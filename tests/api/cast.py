"""Who uses the API in the tests: one person per role and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from nabd.store import Store
from nabd.web.fhir.export.run import Exports

HOSPITAL, CLINIC = "hospital-rabat", "clinic-oujda"
CAST = {
    "amina": ("clinician", f"facility:{HOSPITAL}"),
    "bachir": ("insurer", "national"),
    "chahra": ("clinician", f"facility:{CLINIC}"),
    "djamel": ("planner", "national"),
    "emna": ("steward", "national"),
    "ghali": ("steward", "national"),
    "ilham": ("integrator", "national"),
    "admin": ("admin", "national"),
}


@dataclass
class People:
    """A client for each of the cast, and one that is not signed in."""

    amina: httpx.AsyncClient
    bachir: httpx.AsyncClient
    chahra: httpx.AsyncClient
    djamel: httpx.AsyncClient
    emna: httpx.AsyncClient
    ghali: httpx.AsyncClient
    ilham: httpx.AsyncClient
    admin: httpx.AsyncClient
    nobody: httpx.AsyncClient
    exports: Exports
    store: Store


def patient(**elements: Any) -> dict[str, Any]:
    """Make a patient; ``elements`` replace or add."""
    return {
        "resourceType": "Patient",
        "gender": "female",
        "birthDate": "1991-03-08",
        "name": [{"family": "Alami", "given": ["Salma"]}],
        **elements,
    }


def identified(value: str, **elements: Any) -> dict[str, Any]:
    """Make a patient with an identifier of its own."""
    return patient(identifier=[{"system": "urn:example:nid", "value": value}], **elements)


def observation(subject: str, **elements: Any) -> dict[str, Any]:
    """Make an observation about a patient: a height, as the profile of vital signs wants it."""
    height = {"value": 170, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"}
    vital = {"system": "http://terminology.hl7.org/CodeSystem/observation-category"}
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [vital | {"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
        "subject": {"reference": subject},
        "effectiveDateTime": "2026-01-02",
        "valueQuantity": height,
        **elements,
    }


def code_of(answer: httpx.Response) -> str:
    """Take the catalogue's code out of an OperationOutcome."""
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome", outcome
    code: str = outcome["issue"][0]["details"]["coding"][0]["code"]
    return code


def resources(answer: httpx.Response) -> list[dict[str, Any]]:
    """Take the resources out of a Bundle."""
    bundle = answer.json()
    assert bundle["resourceType"] == "Bundle", bundle
    return [entry["resource"] for entry in bundle.get("entry", []) if "resource" in entry]


def link(answer: httpx.Response, relation: str) -> str:
    """Find a link of a Bundle; empty when it has none."""
    found: list[str] = [
        one["url"] for one in answer.json().get("link", []) if one["relation"] == relation
    ]
    return found[0] if found else ""
