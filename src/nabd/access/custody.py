"""Who answers for a resource: the terms that decide who may see and write it. Pure.

The custodian is the organisation that an element names; else the facility of who writes; else the
organisation that the batch came from.  Its place adds the province and the region.  A resource
without custodian is seen by national accounts only; one that speaks of records of several
custodians at once, by who sees each of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nabd.access.rules import custodian_term, place_term
from nabd.fhir.json import Json

CUSTODIAN: dict[str, tuple[str, ...]] = {
    "AuditEvent": ("source.observer",),
    "CareTeam": ("managingOrganization",),
    "ChargeItem": ("performingOrganization",),
    "Claim": ("provider",),
    "Composition": ("custodian",),
    "Consent": ("organization",),
    "Device": ("owner",),
    "DiagnosticReport": ("performer",),
    "DocumentManifest": ("author",),
    "DocumentReference": ("custodian",),
    "Encounter": ("serviceProvider",),
    "EpisodeOfCare": ("managingOrganization",),
    "ExplanationOfBenefit": ("provider",),
    "Group": ("managingEntity",),
    "HealthcareService": ("providedBy",),
    "Immunization": ("performer.actor",),
    "ImmunizationRecommendation": ("authority",),
    "Location": ("managingOrganization",),
    "MeasureReport": ("reporter",),
    "Observation": ("performer",),
    "OrganizationAffiliation": ("participatingOrganization", "organization"),
    "Patient": ("managingOrganization",),
    "Person": ("managingOrganization",),
    "PractitionerRole": ("organization",),
    "Procedure": ("performer.onBehalfOf", "performer.actor"),
    "Provenance": ("agent.onBehalfOf", "agent.who"),
    "ResearchStudy": ("sponsor",),
    "Task": ("owner", "requester"),
}
"""The elements that name the custodian, first match wins; only references to Organization count."""

PAYER: dict[str, tuple[str, ...]] = {
    "Claim": ("insurer",),
    "ClaimResponse": ("insurer",),
    "Coverage": ("payor",),
    "CoverageEligibilityRequest": ("insurer",),
    "CoverageEligibilityResponse": ("insurer",),
    "ExplanationOfBenefit": ("insurer",),
    "InsurancePlan": ("ownedBy",),
    "PaymentReconciliation": ("paymentIssuer",),
}
"""The elements that name who pays: an insurer sees these beside the provider."""

CUSTODIAN_EXTENSION = "https://nabd.health/fhir/StructureDefinition/custodian"
"""For types without an element that names the organisation, such as Condition."""

JOINT_EXTENSION = "https://nabd.health/fhir/StructureDefinition/custodian-of-part"
"""For what compares records: who keeps each of them. Only a scope that reaches all reaches it."""

_PREFIX = "Organization/"
Places = Mapping[str, tuple[str, ...]]
"""HCP codes (province, region) by ``Organization`` id."""


def custodians_of(resource: Json, writer: str = "", source: str = "") -> tuple[str, ...]:
    """Return the ids of the organisations that answer for a resource, payers after the custodian.

    ``writer`` is the id of the writer's facility, ``source`` that of the batch's organisation.
    """
    if joint := _extended(resource, JOINT_EXTENSION):
        return tuple(dict.fromkeys(joint))
    type_name, id_ = resource["resourceType"], resource.get("id", "")
    if type_name == "Organization":
        parent = _organization(resource.get("partOf"))
        return (id_, parent) if parent else (id_,)
    named = _first(resource, CUSTODIAN.get(type_name, ()))
    own = (named,) if named else _extended(resource, CUSTODIAN_EXTENSION) or (writer or source,)
    payer = _first(resource, PAYER.get(type_name, ()))
    return tuple(dict.fromkeys(one for one in (*own, payer) if one))


def custodians_named(resource: Json) -> tuple[str, ...]:
    """Return the custodians that a resource itself names, each of whom sees it.

    Joint ones count as none: not each of them sees it.
    """
    return () if _extended(resource, JOINT_EXTENSION) else custodians_of(resource)


def scope_of_resource(
    resource: Json, places: Places, writer: str = "", source: str = ""
) -> tuple[int, ...]:
    """Return the scope terms of a resource: those of its custodians, or what joint ones share."""
    custodians = custodians_of(resource, writer, source)
    if not _extended(resource, JOINT_EXTENSION):
        return scope_terms(custodians, places)
    first, *rest = (scope_terms((one,), places) for one in custodians)
    return tuple(term for term in first if all(term in other for other in rest))


def scope_terms(custodians: Iterable[str], places: Places) -> tuple[int, ...]:
    """Return the scope terms of custodians: each of them, its province, its region."""
    ids = tuple(custodians)
    codes = dict.fromkeys(code for one in ids for code in places.get(one, ()))
    return (*map(custodian_term, ids), *map(place_term, codes))


def _first(resource: Json, paths: Iterable[str]) -> str:
    for path in paths:
        for value in _at(resource, path.split(".")):
            if found := _organization(value):
                return found
    return ""


def _extended(resource: Json, url: str) -> tuple[str, ...]:
    """Return the custodians that extensions name: for types without an element for them.

    Several answer for an identity whose records several facilities keep.
    """
    return tuple(
        one
        for extension in resource.get("extension", ())
        if extension.get("url") == url
        if (one := _organization(extension.get("valueReference")))
    )


def _at(value: Any, names: list[str]) -> list[Any]:
    found = [value]
    for name in names:
        step: list[Any] = []
        for one in found:
            child = one.get(name) if isinstance(one, dict) else None
            step += child if isinstance(child, list) else [child]
        found = step
    return found


def _organization(reference: Any) -> str:
    """Return the id that a Reference to an Organization holds; "" for any other."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str) or not text.startswith(_PREFIX):
        return ""
    return text[len(_PREFIX) :].split("/", 1)[0]
