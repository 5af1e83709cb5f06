"""What the console knows of resource types: which elements to search by, to list, to expect.

Elements are named by the codes of FHIR's search parameters, so that one title serves the field of
a form, the head of a column and a row of data quality.  https://hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nabd.access.figure import msgid
from nabd.fhir.definitions import elements, value_set
from nabd.fhir.search import parameters

TITLES = {
    "address": msgid("Address"),
    "authoredon": msgid("Written on"),
    "beneficiary": msgid("Beneficiary"),
    "birthdate": msgid("Birth date"),
    "category": msgid("Category"),
    "class": msgid("Class"),
    "clinical-status": msgid("Clinical status"),
    "code": msgid("Code"),
    "created": msgid("Created"),
    "date": msgid("Date"),
    "encounter": msgid("Encounter"),
    "gender": msgid("Sex"),
    "identifier": msgid("Identifier"),
    "insurer": msgid("Insurer"),
    "issued": msgid("Issued"),
    "level": msgid("Level of care"),
    "location": msgid("Location"),
    "lot-number": msgid("Lot number"),
    "medication": msgid("Medication"),
    "name": msgid("Name"),
    "name_ar": msgid("Arabic name"),
    "onset-date": msgid("Onset"),
    "organization": msgid("Organization"),
    "participating-organization": msgid("Member"),
    "partof": msgid("Part of"),
    "patient": msgid("Patient"),
    "payor": msgid("Payer"),
    "performer": msgid("Performer"),
    "place": msgid("Place"),
    "position": msgid("Position"),
    "practitioner": msgid("Health worker"),
    "primary-organization": msgid("Group"),
    "provider": msgid("Provider"),
    "recorded-date": msgid("Recorded on"),
    "role": msgid("Role"),
    "service-provider": msgid("Facility"),
    "service-type": msgid("Service"),
    "specialty": msgid("Specialty"),
    "status": msgid("Status"),
    "subject": msgid("Subject"),
    "telecom": msgid("Telephone or mail"),
    "title": msgid("Title"),
    "type": msgid("Type"),
    "url": msgid("Canonical address"),
    "vaccine-code": msgid("Vaccine"),
    "value": msgid("Value"),
}
SEARCHED = {
    "Patient": "name identifier birthdate gender address organization",
    "Practitioner": "name identifier gender",
    "PractitionerRole": "practitioner organization role specialty",
    "Organization": "name identifier type partof address",
    "Location": "name identifier type partof organization status",
    "HealthcareService": "name service-type organization location",
    "OrganizationAffiliation": "primary-organization participating-organization role date",
    "Encounter": "patient service-provider class status date",
    "Condition": "patient code clinical-status onset-date recorded-date",
    "Observation": "subject code date status",
    "Procedure": "patient code date status",
    "Immunization": "patient vaccine-code date status",
    "MedicationRequest": "patient code authoredon status",
    "DiagnosticReport": "patient code date status",
    "Coverage": "beneficiary payor type status",
    "Claim": "patient provider insurer created status",
}
USUAL = "identifier name title url patient subject code type category status date"
"""What a type that is not named above is searched by, as far as it has it."""
MOST_FIELDS = 6

EXPECTED = {
    "Patient": "name identifier birthdate gender address telecom organization",
    "Encounter": "date class type patient service-provider",
    "Condition": "code onset-date recorded-date clinical-status patient encounter",
    "Observation": "code date subject performer",
    "Procedure": "code date patient performer",
    "Immunization": "vaccine-code date patient lot-number performer",
    "MedicationRequest": "medication authoredon patient encounter",
    "DiagnosticReport": "code date patient performer",
    "Organization": "name identifier type",
    "Location": "name identifier type partof",
    "HealthcareService": "service-type organization location",
    "Practitioner": "name identifier gender",
    "PractitionerRole": "practitioner organization role specialty",
    "Coverage": "beneficiary payor type identifier",
    "Claim": "patient provider insurer created",
}
"""The elements of a type that planning and linking need; their share is its completeness.

Only what one of R4's search parameters tells of: an Observation's value, which may be of any type,
is not told by any."""
CHOICES = {
    ("Encounter", "class"): ("AMB", "EMER", "IMP", "HH", "VR"),
    ("Condition", "clinical-status"): (
        "active",
        "recurrence",
        "relapse",
        "inactive",
        "remission",
        "resolved",
    ),
}
"""Choices of fields whose binding leaves room for others: those are searched by as text."""
ANY_OF = {
    ("MedicationRequest", "medication"): "medication code",
}
"""Elements that one of several search parameters tells of."""

LISTED = {
    "Patient": "name birthdate=birthDate gender identifier",
    "Practitioner": "name gender identifier",
    "PractitionerRole": "practitioner role=code organization specialty",
    "Organization": "name type identifier",
    "Location": "name type partof=partOf organization=managingOrganization",
    "HealthcareService": "name service-type=type organization=providedBy",
    "OrganizationAffiliation": "participating-organization=participatingOrganization "
    "primary-organization=organization role=code date=period",
    "Encounter": "date=period class status service-provider=serviceProvider patient=subject",
    "Condition": "code clinical-status=clinicalStatus recorded-date=recordedDate patient=subject",
    "Observation": "code value=value[x] date=effective[x] subject",
    "Procedure": "code date=performed[x] status patient=subject",
    "Immunization": "vaccine-code=vaccineCode date=occurrence[x] status patient",
    "MedicationRequest": "medication=medication[x] authoredon=authoredOn status patient=subject",
    "DiagnosticReport": "code date=effective[x] status patient=subject",
    "Coverage": "beneficiary payor type status",
    "Claim": "type created status patient provider insurer",
}
"""The columns of a type's list: a title, and the element where it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled field of a search form: ``kind`` is date, choice, reference or text."""

    code: str
    title: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of a list: a choice element ends in ``[x]``."""

    code: str
    title: str
    element: str


@cache
def fields(type_name: str) -> tuple[Field, ...]:
    """Return the labelled search fields of a type."""
    known = parameters(type_name)
    wanted = SEARCHED.get(type_name, USUAL).split()
    found = (_field(type_name, code) for code in wanted if code in known)
    return tuple(found)[:MOST_FIELDS]


def _field(type_name: str, code: str) -> Field:
    choices = _choices(type_name, code)
    kinds = {"date": "date", "reference": "reference"}
    kind = "choice" if choices else kinds.get(parameters(type_name)[code].type, "text")
    return Field(code, TITLES[code], kind, choices)


def _choices(type_name: str, code: str) -> tuple[str, ...]:
    """Return the codes of an element that has to have, or mostly has, one of a few."""
    if usual := CHOICES.get((type_name, code)):
        return usual
    element = elements(type_name).get(code)
    binding = element.binding if element is not None and element.type == "code" else None
    found = value_set(binding) if binding else None
    return tuple(sorted(found.codes)) if found else ()


@cache
def listed(type_name: str) -> tuple[Shown, ...]:
    """Return the columns of a type's list; none for a type without a choice of its own."""
    pairs = (one.partition("=") for one in LISTED.get(type_name, "").split())
    return tuple(Shown(code, TITLES[code], element or code) for code, _, element in pairs)


@cache
def expected(type_name: str) -> tuple[tuple[str, int], ...]:
    """Return the expected elements of a type with the presence bits that tell of each."""
    return tuple(_expected(type_name))


def _expected(type_name: str) -> Iterator[tuple[str, int]]:
    known = parameters(type_name)
    for code in EXPECTED[type_name].split():
        told_by = ANY_OF.get((type_name, code), code).split()
        yield code, sum(known[one].bit for one in told_by)
