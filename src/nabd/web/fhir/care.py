"""When the care that a record speaks of took place: ``start`` and ``end`` of ``$everything``.

http://hl7.org/fhir/R4/patient-operation-everything.html asks for "care dates, not record currency
dates" and leaves open which those are.  Here they are the search parameters of each type that
say when something was done, held or is due; where a type has only the date of its recording, that.
A record without any of them, such as a coverage or the person, belongs to every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from nabd.fhir.search import param, parameters
from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.query import Dates, Missing, Node, Not, OfType

#: A record is in a time when one of these meets it.  Birth and death are not care.
CARE_DATES: Mapping[str, tuple[str, ...]] = {
    "Account": ("period",),
    "AdverseEvent": ("date",),
    "AllergyIntolerance": ("onset", "last-date", "date"),
    "Appointment": ("date",),
    "AuditEvent": ("date",),
    "Basic": ("created",),
    "CarePlan": ("date", "activity-date"),
    "CareTeam": ("date",),
    "ChargeItem": ("occurrence",),
    "Claim": ("created",),
    "ClaimResponse": ("created",),
    "ClinicalImpression": ("date",),
    "Communication": ("sent", "received"),
    "CommunicationRequest": ("occurrence", "authored"),
    "Composition": ("period", "date"),
    "Condition": ("onset-date", "abatement-date", "recorded-date"),
    "Consent": ("period", "date"),
    "CoverageEligibilityRequest": ("created",),
    "CoverageEligibilityResponse": ("created",),
    "DetectedIssue": ("identified",),
    "DeviceRequest": ("event-date", "authored-on"),
    "DiagnosticReport": ("date",),
    "DocumentManifest": ("created",),
    "DocumentReference": ("period", "date"),
    "Encounter": ("date",),
    "EpisodeOfCare": ("date",),
    "ExplanationOfBenefit": ("created",),
    "FamilyMemberHistory": ("date",),
    "Flag": ("date",),
    "Goal": ("start-date", "target-date"),
    "ImagingStudy": ("started",),
    "Immunization": ("date", "reaction-date"),
    "ImmunizationEvaluation": ("date",),
    "ImmunizationRecommendation": ("date",),
    "Invoice": ("date",),
    "List": ("date",),
    "MeasureReport": ("period", "date"),
    "Media": ("created",),
    "MedicationAdministration": ("effective-time",),
    "MedicationDispense": ("whenhandedover", "whenprepared"),
    "MedicationRequest": ("date", "authoredon"),
    "MedicationStatement": ("effective",),
    "NutritionOrder": ("datetime",),
    "Observation": ("date",),
    "Procedure": ("date",),
    "Provenance": ("when", "recorded"),
    "QuestionnaireResponse": ("authored",),
    "RequestGroup": ("authored",),
    "ResearchSubject": ("date",),
    "RiskAssessment": ("date",),
    "Schedule": ("date",),
    "ServiceRequest": ("occurrence", "authored"),
    "Specimen": ("collected",),
    "SupplyRequest": ("date",),
    "VisionPrescription": ("datewritten",),
}


def within(start: datetime | None, end: datetime | None) -> Node:
    """Say that a record is of care between two moments, both included; ``None`` is open."""
    first, last = _micros(start), _micros(end)
    return Not(any_of(_outside(name, first, last) for name in CARE_DATES))


def _outside(name: str, first: int | None, last: int | None) -> Node:
    """Say that a record of a type has dates of care, and none of them meets the time."""
    known = [parameters(name)[code] for code in CARE_DATES[name]]
    bits = sum(one.bit for one in known)
    params = tuple(dict.fromkeys(param(b.name) for one in known for b in one.branches))
    dates = Dates(params, hi_min=first, lo_max=last)
    return all_of([OfType(name), Not(Missing(bits)), Not(dates)])


def _micros(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp()) * 1_000_000 + at.microsecond
