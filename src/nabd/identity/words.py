"""The URIs that the identity slice speaks with; one place, so that none is mistyped."""

from __future__ import annotations

from nabd.fhir.json import Json

BASE = "https://nabd.health/fhir/"
CASE = BASE + "CodeSystem/identity"
OUTCOME = BASE + "CodeSystem/identity-outcome"
PART = BASE + "CodeSystem/identity-case-part"
ACCOUNT = BASE + "sid/account"
CUSTODIAN = BASE + "StructureDefinition/custodian"
KEEPER = BASE + "StructureDefinition/custodian-of-part"
REASON = BASE + "StructureDefinition/match-reason"
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
MASKED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "MASKED"}


def concept(system: str, code: str, text: str = "") -> Json:
    """Make a CodeableConcept of one coding."""
    found: Json = {"coding": [{"system": system, "code": code}]}
    return {**found, "text": text} if text else found


def code_of(value: Json | None, system: str) -> str:
    """Return the code of a system in a CodeableConcept, "" when there is none."""
    for coding in (value or {}).get("coding", ()):
        if coding.get("system") == system:
            return str(coding.get("code", ""))
    return ""


def id_in(reference: Json | None) -> str:
    """Return the id that a relative reference names."""
    return str((reference or {}).get("reference", "")).rpartition("/")[2]
