"""The URIs that the registry's resources speak with; one place, so that none is mistyped."""

from __future__ import annotations

from nabd.fhir.json import Json

BASE = "https://nabd.health/fhir/"
HCP = BASE + "sid/hcp"
FACILITY = BASE + "sid/facility"
ISO = "urn:iso:std:iso:3166:-2"

PLACE_LEVEL = BASE + "CodeSystem/place-level"
PLACE_KIND = BASE + "CodeSystem/place-kind"
CATEGORY = BASE + "CodeSystem/facility-category"
CARE_LEVEL = BASE + "CodeSystem/level-of-care"
SERVICE = BASE + "CodeSystem/service-type"
ROLE = BASE + "CodeSystem/membership-role"
KIND = BASE + "CodeSystem/organization-kind"
CADRE = BASE + "CodeSystem/cadre"
OBSERVATION_KIND = BASE + "CodeSystem/observation-kind"
BED_MEASURE = BASE + "CodeSystem/bed-measure"
PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"

WITHIN = BASE + "StructureDefinition/place-within"
POPULATION = BASE + "StructureDefinition/population"
PLACE = BASE + "StructureDefinition/place"
CUSTODIAN = BASE + "StructureDefinition/custodian"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def concept(system: str, code: str) -> Json:
    """Make a CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def translated(language: str, content: str) -> Json:
    """Make the companion of a primitive that says it in another language.

    http://hl7.org/fhir/R4/extension-translation.html
    """
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": content}]
    return {"extension": [{"url": TRANSLATION, "extension": parts}]}


def within(**codes: str) -> Json:
    """Make the extension that says in which region and province something lies."""
    parts = [{"url": level, "valueCode": code} for level, code in codes.items() if code]
    return {"url": WITHIN, "extension": parts}


def reference(type_name: str, identity: str) -> Json:
    """Make a relative Reference."""
    return {"reference": f"{type_name}/{identity}"}
