"""Types, elements and invariants. https://hl7.org/fhir/R4/structuredefinition.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from nabd.fhir.definitions.data import lines


class Invariant(msgspec.Struct, frozen=True):
    """A rule of the standard, in FHIRPath; ``severity`` is "error" or "warning"."""

    key: str
    severity: str
    human: str
    expression: str = ""


class Element(msgspec.Struct, frozen=True):
    """An element by the name it has in JSON.

    ``path`` is the definition's, "Observation.value[x]" for "valueQuantity"; ``choice`` is then
    "value", and "" for an element that is no choice.  ``type`` names a datatype, a backbone by its
    path, or "Resource".  ``required`` of a choice means that one of its names must be there.
    ``profile`` is "SimpleQuantity" or "MoneyQuantity" where the standard narrows the type.
    ``binding`` is the canonical of a *required* value set, else "".
    """

    name: str
    path: str
    type: str
    array: bool = False
    required: bool = False
    choice: str = ""
    binding: str = ""
    targets: tuple[str, ...] = ()
    profile: str = ""
    summary: bool = False
    modifier: bool = False
    invariants: tuple[Invariant, ...] = ()


class _Typing(msgspec.Struct, frozen=True):
    type: str
    profile: str = ""
    targets: tuple[str, ...] = ()


class _Declared(msgspec.Struct, frozen=True):
    """An element as the data file has it: a choice not yet spread over its names."""

    path: str
    types: tuple[_Typing, ...]
    array: bool = False
    required: bool = False
    summary: bool = False
    modifier: bool = False
    binding: str = ""
    invariants: tuple[Invariant, ...] = ()


class _Type(msgspec.Struct, frozen=True):
    kind: str
    parent: str
    abstract: bool = False
    invariants: tuple[Invariant, ...] = ()
    elements: tuple[_Declared, ...] = ()


@cache
def _type(name: str) -> _Type:
    return msgspec.json.decode(lines("structure")[name], type=_Type)


def is_type(name: str) -> bool:
    """Tell whether R4 has a type, or a backbone, of that name."""
    return name in lines("structure")


def parent(type_name: str) -> str:
    """Name the type that ``type_name`` specialises: "Age" → "Quantity"; "" at the top."""
    return _type(type_name).parent


def lineage(type_name: str) -> tuple[str, ...]:
    """Name the type and all it specialises, the nearest first."""
    above = parent(type_name)
    return (type_name, *lineage(above)) if above else (type_name,)


def is_primitive(type_name: str) -> bool:
    """Tell whether values of the type are JSON strings, numbers or booleans."""
    return _type(type_name).kind == "primitive"


def is_backbone(type_name: str) -> bool:
    """Tell whether the type is defined in place: "Patient.contact", "Timing.repeat"."""
    return _type(type_name).kind == "backbone"


def is_abstract(type_name: str) -> bool:
    """Tell whether nothing can be of this type alone: Resource, DomainResource, Element."""
    return _type(type_name).abstract


@cache
def elements(type_name: str) -> Mapping[str, Element]:
    """Map JSON names to elements, inherited ones first, in the order of the standard."""
    above = parent(type_name)
    inherited = dict(elements(above)) if above else {}
    own = {e.name: e for declared in _type(type_name).elements for e in _spread(declared)}
    return MappingProxyType(inherited | own)


@cache
def element_names(type_name: str) -> frozenset[str]:
    """Name the elements of a type as clients do: ``value`` is every form of ``value[x]``."""
    found = elements(type_name).values()
    return frozenset(name for one in found for name in (one.name, one.choice) if name)


def _spread(declared: _Declared) -> Iterator[Element]:
    name = declared.path.rpartition(".")[2]
    choice = name.removesuffix("[x]") if name.endswith("[x]") else ""
    for typing in declared.types:
        yield Element(
            name=choice + typing.type[0].upper() + typing.type[1:] if choice else name,
            path=declared.path,
            type=typing.type,
            array=declared.array,
            required=declared.required,
            choice=choice,
            binding=declared.binding,
            targets=typing.targets,
            profile=typing.profile,
            summary=declared.summary,
            modifier=declared.modifier,
            invariants=declared.invariants,
        )


@cache
def invariants(type_name: str) -> tuple[Invariant, ...]:
    """List the rules of a type and of all it specialises; ele-1 first."""
    above = parent(type_name)
    return (*(invariants(above) if above else ()), *_type(type_name).invariants)


# R4 is closed, so the alphabetical place of a type is a stable number for ever.  Written out, so
# that importing this module reads no file; a test compares it with the data.
RESOURCE_TYPES: tuple[str, ...] = (
    "Account",
    "ActivityDefinition",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "BiologicallyDerivedProduct",
    "BodyStructure",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "CatalogEntry",
    "ChargeItem",
    "ChargeItemDefinition",
    "Claim",
    "ClaimResponse",
    "ClinicalImpression",
    "CodeSystem",
    "Communication",
    "CommunicationRequest",
    "CompartmentDefinition",
    "Composition",
    "ConceptMap",
    "Condition",
    "Consent",
    "Contract",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "Device",
    "DeviceDefinition",
    "DeviceMetric",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "EffectEvidenceSynthesis",
    "Encounter",
    "Endpoint",
    "EnrollmentRequest",
    "EnrollmentResponse",
    "EpisodeOfCare",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "GraphDefinition",
    "Group",
    "GuidanceResponse",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "ImplementationGuide",
    "InsurancePlan",
    "Invoice",
    "Library",
    "Linkage",
    "List",
    "Location",
    "Measure",
    "MeasureReport",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationKnowledge",
    "MedicationRequest",
    "MedicationStatement",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "MessageDefinition",
    "MessageHeader",
    "MolecularSequence",
    "NamingSystem",
    "NutritionOrder",
    "Observation",
    "ObservationDefinition",
    "OperationDefinition",
    "OperationOutcome",
    "Organization",
    "OrganizationAffiliation",
    "Parameters",
    "Patient",
    "PaymentNotice",
    "PaymentReconciliation",
    "Person",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "ResearchStudy",
    "ResearchSubject",
    "RiskAssessment",
    "RiskEvidenceSynthesis",
    "Schedule",
    "SearchParameter",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    "SupplyDelivery",
    "SupplyRequest",
    "Task",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
    "VerificationResult",
    "VisionPrescription",
)
TYPE_NUMBER: dict[str, int] = {name: number for number, name in enumerate(RESOURCE_TYPES, 1)}
TYPE_NAME: dict[int, str] = {number: name for name, number in TYPE_NUMBER.items()}
