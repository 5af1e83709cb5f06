"""The fast forms of invariants: Python that runs for each object of a record.

``FORMS`` gives, for a type and the key of an invariant, an expression over the object ``o`` that
is true when the invariant holds.  It may be false too often: then ``nabd.fhir.check.walk``
evaluates the standard's own FHIRPath.  It must never be true when that is false; a property test
compares the two.  A type that has an invariant without a form is always walked.

``o.x`` is the element x of an object, None when it is absent.  A number 0 and False are false too:
there, only ``is not None`` tells presence.  ``value@`` stands for "is there any value[x]?".
"""

from __future__ import annotations

_UCUM = "http://unitsofmeasure.org"

# Evaluated elsewhere on every record: ele-1 by the shapes (and the search for "{}"), the others
# by `nabd.fhir.check.contained`, which knows the whole resource.
ELSEWHERE = frozenset(["ele-1", "dom-2", "dom-3", "dom-4", "dom-5", "ref-1"])
_ASKED = "('batch', 'transaction', 'history')"
_ANSWERED = "('batch-response', 'transaction-response', 'history')"

FORMS: dict[str, dict[str, str]] = {
    "AllergyIntolerance": {
        "ait-1": "o.clinicalStatus",
        "ait-2": "not o.clinicalStatus or not o.verificationStatus or no_error(o)",
    },
    "Appointment": {
        "app-2": "(o.start is None) == (o.end is None)",
        "app-3": "o.start and o.end or o.status in ('proposed', 'cancelled', 'waitlist')",
        "app-4": "not o.cancelationReason or o.status == 'cancelled'",
    },
    "Appointment.participant": {"app-1": "o.type or o.actor"},
    "AppointmentResponse": {"apr-1": "o.participantType or o.actor"},
    "Attachment": {"att-1": "not o.data or o.contentType"},
    "AuditEvent.entity": {"sev-1": "not o.name or not o.query"},
    "Bundle": {
        "bdl-1": "o.total is None or o.type in ('searchset', 'history')",
        "bdl-2": "o.type == 'searchset' or all(e.search is None for e in o.entry or ())",
        "bdl-3": f"all((e.request is not None) == (o.type in {_ASKED}) for e in o.entry or ())",
        "bdl-4": f"all((e.response is not None) == (o.type in {_ANSWERED}) for e in o.entry or ())",
        "bdl-7": "o.type == 'history' or distinct([e.fullUrl for e in o.entry or ()])",
        "bdl-9": "o.type != 'document'",
        "bdl-10": "o.type != 'document'",
        "bdl-11": "o.type != 'document'",
        "bdl-12": "o.type != 'message'",
    },
    "Bundle.entry": {
        "bdl-5": "o.resource is not None or o.request or o.response",
        "bdl-8": "not o.fullUrl or '/_history/' not in o.fullUrl",
    },
    "CarePlan.activity": {"cpl-3": "not o.detail or not o.reference"},
    "CareTeam.participant": {"ctm-1": "not o.onBehalfOf"},
    "Composition.section": {
        "cmp-1": "o.text or o.entry or o.section",
        "cmp-2": "not o.emptyReason or not o.entry",
    },
    "Condition": {
        "con-4": "not abatement@ or o.clinicalStatus and ended(o)",
        "con-5": "not o.clinicalStatus or not o.verificationStatus or no_error(o)",
    },
    "Condition.evidence": {"con-2": "o.code or o.detail"},
    "Condition.stage": {"con-1": "o.summary or o.assessment"},
    "Consent": {
        "ppc-1": "o.policy or o.policyRule",
        "ppc-2": "o.patient",
        "ppc-3": "o.patient",
        "ppc-4": "o.patient",
        "ppc-5": "o.patient",
    },
    "ContactPoint": {"cpt-2": "not o.value or o.system"},
    "CoverageEligibilityResponse.insurance.item": {
        "ces-1": "(o.category is None) != (o.productOrService is None)"
    },
    "DataRequirement.codeFilter": {"drq-1": "(o.path is None) != (o.searchParam is None)"},
    "DataRequirement.dateFilter": {"drq-2": "(o.path is None) != (o.searchParam is None)"},
    "Expression": {"exp-1": "o.expression or o.reference"},
    "Extension": {"ext-1": "len(o) == 2"},
    "FamilyMemberHistory": {
        "fhs-1": "not age@ or not born@",
        "fhs-2": "age@ or o.estimatedAge is None",
    },
    "Goal.target": {"gol-1": "not detail@ or o.measure"},
    "Group": {"grp-1": "not o.member or o.actual"},
    "Immunization.education": {"imm-1": "o.documentType or o.reference"},
    "ImmunizationRecommendation.recommendation": {"imr-1": "o.vaccineCode or o.targetDisease"},
    "InsurancePlan": {"ipn-1": "o.identifier or o.name"},
    "Linkage": {"lnk-1": "len(o.item) > 1"},
    "List": {
        "lst-1": "not o.emptyReason or not o.entry",
        "lst-2": "o.mode == 'changes' or not o.entry or all(e.deleted is None for e in o.entry)",
        "lst-3": "o.mode == 'working' or not o.entry or all(e.date is None for e in o.entry)",
    },
    "MedicationAdministration.dosage": {"mad-1": "o.dose or rate@"},
    "MedicationDispense": {
        "mdd-1": "not o.whenPrepared or not o.whenHandedOver"
        " or in_order(o.whenPrepared, o.whenHandedOver)"
    },
    "Narrative": {"txt-1": "is_allowed(o.div)", "txt-2": "True"},
    "Observation": {
        "obs-6": "not o.dataAbsentReason or not value@",
        "obs-7": "not o.component or not value@ or distinct_codes(o)",
    },
    "Observation.referenceRange": {"obs-3": "o.low or o.high or o.text"},
    "Organization": {
        "org-1": "o.identifier or o.name",
        "org-2": "not o.address or all(a.use != 'home' for a in o.address)",
        "org-3": "not o.telecom or all(t.use != 'home' for t in o.telecom)",
    },
    "Parameters.parameter": {
        "inv-1": "not value@ and o.resource is None if o.part else (o.resource is None) == value@"
    },
    "Patient.contact": {"pat-1": "o.name or o.telecom or o.address or o.organization"},
    "Period": {"per-1": "not o.start or not o.end or in_order(o.start, o.end)"},
    "Quantity": {"qty-3": "is_coding(o) and (o.system or not o.code)"},
    "QuestionnaireResponse.item": {"qrs-1": "not o.answer or not o.item"},
    "Range": {"rng-2": "not o.low or not o.high or in_range(o.low, o.high)"},
    "Ratio": {"rat-1": "o.numerator and o.denominator"},
    "RequestGroup.action": {"rqg-1": "(o.resource is None) != (o.action is None)"},
    "ServiceRequest": {"prr-1": "not o.orderDetail or o.code"},
    "Task": {
        "inv-1": "not o.lastModified or not o.authoredOn or in_order(o.authoredOn, o.lastModified)"
    },
    "Timing.repeat": {
        "tim-1": "o.duration is None or o.durationUnit",
        "tim-2": "o.period is None or o.periodUnit",
        "tim-4": "o.duration is None or o.duration >= 0",
        "tim-5": "o.period is None or o.period >= 0",
        "tim-6": "o.periodMax is None or o.period is not None",
        "tim-7": "o.durationMax is None or o.duration is not None",
        "tim-8": "o.countMax is None or o.count is not None",
        "tim-9": "o.offset is None or o.when and not {'C', 'CM', 'CD', 'CV'} & set(o.when)",
        "tim-10": "not o.timeOfDay or not o.when",
    },
    "TriggerDefinition": {
        "trd-1": "not o.data or not timing@",
        "trd-2": "not o.condition or o.data",
        "trd-3": "o.name if o.type == 'named-event' else timing@ if o.type == 'periodic'"
        " else (o.data or not o.type.startswith('data-'))",
    },
}
_PERIODIC_UCUM = f"o.system in (None, {_UCUM!r})"
FORMS |= {
    "Age": {"age-1": f"o.code and {_PERIODIC_UCUM} and (o.value is None or o.value > 0)"},
    "Distance": {"dis-1": f"o.code and {_PERIODIC_UCUM}"},
    "Duration": {"drt-1": f"not o.code or o.system == {_UCUM!r} and o.value is not None"},
    "Count": {"cnt-3": f"o.code == '1' and {_PERIODIC_UCUM} and o.value is None"},
    "MoneyQuantity": {"mqty-1": "o.code and o.system in (None, 'urn:iso:std:iso:4217')"},
    "SimpleQuantity": {"sqty-1": "not o.comparator"},
}

# Further conditions that are rules of the standard, not invariants of a definition.
RULES: dict[str, tuple[str, ...]] = {
    "Coding": ("is_coding(o)",),
    "Attachment": ("o.size is None or not o.data",),
}
# Primitives whose format `is_coding` checks.
CODED = frozenset(["Coding.code", "Coding.system", "Quantity.code", "Quantity.system"])
