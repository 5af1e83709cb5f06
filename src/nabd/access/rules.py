"""Who may do what: roles as one table, scopes as terms. Pure.

A role says *what* (permissions, resource types), an account's place says *where*.  Both become
part of the store's queries: types that a role does not read are refused before a search runs, and
the scope is a condition of its SQL.  What a person cannot see cannot be found, counted, included,
or inferred through a chain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nabd.fhir.definitions import RESOURCE_TYPES
from nabd.fhir.search import term

Kind = Literal["national", "region", "province", "facility"]
KINDS: tuple[Kind, ...] = ("national", "region", "province", "facility")

OPEN_TYPES: tuple[str, ...] = (
    "Organization",
    "Location",
    "HealthcareService",
    "OrganizationAffiliation",
    "CodeSystem",
    "ValueSet",
    "ConceptMap",
    "NamingSystem",
    "StructureDefinition",
    "SearchParameter",
    "OperationDefinition",
    "CapabilityStatement",
    "CompartmentDefinition",
    "ImplementationGuide",
    "TerminologyCapabilities",
    "Medication",
    "Substance",
)
"""What everybody who is signed in may read: it speaks of no person."""

IDENTITY_TYPES: tuple[str, ...] = (
    "Patient",
    "RelatedPerson",
    "Person",
    "Practitioner",
    "PractitionerRole",
    "Linkage",
)
"""Who is who, without what happened to them."""

INSURANCE_TYPES: tuple[str, ...] = (
    "Account",
    "Claim",
    "ClaimResponse",
    "Contract",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "EnrollmentRequest",
    "EnrollmentResponse",
    "ExplanationOfBenefit",
    "InsurancePlan",
    "Invoice",
    "PaymentNotice",
    "PaymentReconciliation",
)

STAFF_TYPES: tuple[str, ...] = ("Practitioner", "PractitionerRole")
_ALL = frozenset(RESOURCE_TYPES)
_OPEN = frozenset(OPEN_TYPES)


@dataclass(frozen=True, slots=True)
class Role:
    """One row of the table: ``reads`` and ``writes`` are resource types, ``may`` the rest."""

    name: str
    purpose: str
    may: frozenset[str]
    reads: frozenset[str]
    writes: frozenset[str]


PERMISSIONS = {
    "aggregates": "see figures, maps and lists of places and facilities",
    "resources": "open the resource browser and the FHIR API",
    "quality": "see batches and quarantine, correct and resubmit",
    "load": "load files and Bundles",
    "export": "export resources in bulk",
    "audit": "see who read and wrote what",
    "identity": "decide which records are one person",
    "accounts": "create accounts, give roles, disable",
    "operations": "migrate, rebuild tables, back up",
}
"""What ``Role.may`` can hold, in words."""

NATIONAL = frozenset({"accounts", "audit", "operations", "load"})
"""Permissions that know no place: they hold for national accounts only."""


def _role(
    name: str, purpose: str, may: str, reads: Iterable[str] = (), writes: Iterable[str] = ()
) -> tuple[str, Role]:
    allowed = frozenset(may.split())
    assert allowed <= PERMISSIONS.keys()
    return name, Role(name, purpose, allowed, _OPEN | {*reads}, frozenset(writes))


# The default purposes are codes of http://terminology.hl7.org/CodeSystem/v3-ActReason.
ROLES: dict[str, Role] = dict(
    (
        _role(
            "admin",
            "SYSADMIN",
            "aggregates resources quality load export audit identity accounts operations",
            _ALL,
            _ALL,
        ),
        _role("planner", "HSYSADMIN", "aggregates resources", STAFF_TYPES, OPEN_TYPES),
        _role(
            "steward",
            "HOPERAT",
            "aggregates resources quality load identity",
            (*IDENTITY_TYPES, "Task"),
            (*OPEN_TYPES, *IDENTITY_TYPES, "Task"),
        ),
        _role("clinician", "TREAT", "aggregates resources", _ALL, _ALL - _OPEN),
        _role("integrator", "HOPERAT", "resources load export", _ALL, _ALL),
        _role(
            "insurer",
            "HPAYMT",
            "aggregates resources",
            (*INSURANCE_TYPES, "Patient"),
            INSURANCE_TYPES,
        ),
        _role("auditor", "HSYSADMIN", "audit"),
    )
)
"""The table of roles; somebody without an account (``none``) may do nothing."""

PURPOSES = {
    "TREAT": "treatment",
    "ETREAT": "emergency treatment",
    "HPAYMT": "healthcare payment",
    "HOPERAT": "healthcare operations",
    "HSYSADMIN": "health system administration",
    "SYSADMIN": "system administration",
    "PUBHLTH": "public health",
    "HRESCH": "healthcare research",
    "PATRQT": "patient requested",
}
"""The reasons that a request may give (v3-ActReason, PurposeOfUse)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account's role holds: the nation, one HCP code, or one ``Organization`` id."""

    kind: Kind = "national"
    code: str = ""

    @property
    def custodian(self) -> str | None:
        """The facility as a reference, when the account belongs to one."""
        return f"Organization/{self.code}" if self.kind == "facility" else None


def scope_of(place: Place) -> tuple[int, ...] | None:
    """Give the terms of which a resource must carry one; ``None`` sees all."""
    if place.kind == "national":
        return None
    if place.kind == "facility":
        return (custodian_term(place.code),)
    return (place_term(place.code),)


def may_see(scope: tuple[int, ...] | None, terms: Iterable[int], type_name: str) -> bool:
    """Say whether a scope reaches a resource that carries ``terms``."""
    return scope is None or type_name in _OPEN or not set(scope).isdisjoint(terms)


def may_write(scope: tuple[int, ...] | None, terms: Iterable[int]) -> bool:
    """Say whether a scope may write a resource with ``terms``; open types are no exception."""
    return scope is None or not set(scope).isdisjoint(terms)


@lru_cache(maxsize=65_536)
def custodian_term(organization: str) -> int:
    """Hash the scope term of a custodian, given its ``Organization`` id."""
    return term(f"~custodian=Organization/{organization}")


@lru_cache(maxsize=4_096)
def place_term(code: str) -> int:
    """Hash the scope term of an HCP code (a region or a province)."""
    return term(f"~place={code}")


def is_open(type_name: str) -> bool:
    """Say whether everybody who is signed in may read this type."""
    return type_name in _OPEN
