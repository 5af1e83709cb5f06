"""Words for codes: of access (roles, kinds of places, purposes) and of resources. Message ids."""

from __future__ import annotations

from nabd.access.figure import msgid

ROLES = {
    "admin": msgid("Administrator"),
    "planner": msgid("Planner"),
    "steward": msgid("Data steward"),
    "clinician": msgid("Clinician"),
    "integrator": msgid("Integrator"),
    "insurer": msgid("Insurer"),
    "auditor": msgid("Auditor"),
}
ROLE_TASKS = {
    "admin": msgid("Everything, accounts and roles included."),
    "planner": msgid("Figures, maps and lists, and health workers; no health records."),
    "steward": msgid("Data quality: batches, quarantine, who is who; no clinical records."),
    "clinician": msgid("Health records of the place, to read and to write."),
    "integrator": msgid("A program that loads, writes and exports records."),
    "insurer": msgid("Insurance records, and who the insured are."),
    "auditor": msgid("The access log, and nothing else."),
}
KINDS = {
    "national": msgid("Whole country"),
    "region": msgid("Region"),
    "province": msgid("Province"),
    "facility": msgid("Facility"),
}
# The displays of http://terminology.hl7.org/CodeSystem/v3-ActReason, in fewer words.
PURPOSES = {
    "TREAT": msgid("Treatment"),
    "ETREAT": msgid("Emergency treatment"),
    "HPAYMT": msgid("Healthcare payment"),
    "HOPERAT": msgid("Healthcare operations"),
    "HSYSADMIN": msgid("Health system administration"),
    "SYSADMIN": msgid("System administration"),
    "PUBHLTH": msgid("Public health"),
    "HRESCH": msgid("Healthcare research"),
    "PATRQT": msgid("Patient requested"),
}
TYPES = {
    "Claim": msgid("claims for reimbursement"),
    "Condition": msgid("diagnoses"),
    "Coverage": msgid("insurance of persons"),
    "DiagnosticReport": msgid("reports of examinations"),
    "Encounter": msgid("contacts with care"),
    "HealthcareService": msgid("services of facilities"),
    "Immunization": msgid("vaccinations"),
    "Location": msgid("places and sites"),
    "MedicationRequest": msgid("prescriptions"),
    "Observation": msgid("measurements and counts"),
    "Organization": msgid("facilities and bodies"),
    "OrganizationAffiliation": msgid("memberships of facilities"),
    "Patient": msgid("persons in care"),
    "Practitioner": msgid("health workers"),
    "PractitionerRole": msgid("posts of health workers"),
    "Procedure": msgid("procedures"),
}
CODES = {
    # http://terminology.hl7.org/CodeSystem/v3-ActCode, of Encounter.class
    "AMB": msgid("ambulatory"),
    "EMER": msgid("emergency"),
    "IMP": msgid("inpatient"),
    "HH": msgid("home health"),
    "VR": msgid("virtual"),
    # http://hl7.org/fhir/administrative-gender
    "female": msgid("female"),
    "male": msgid("male"),
    "other": msgid("other"),
    "unknown": msgid("unknown"),
    # states of resources
    "active": msgid("active"),
    "inactive": msgid("inactive"),
    "suspended": msgid("suspended"),
    "draft": msgid("draft"),
    "retired": msgid("retired"),
    "planned": msgid("planned"),
    "in-progress": msgid("in progress"),
    "finished": msgid("finished"),
    "completed": msgid("completed"),
    "cancelled": msgid("cancelled"),
    "stopped": msgid("stopped"),
    "on-hold": msgid("on hold"),
    "not-done": msgid("not done"),
    "preliminary": msgid("preliminary"),
    "final": msgid("final"),
    "amended": msgid("amended"),
    "corrected": msgid("corrected"),
    "registered": msgid("registered"),
    "entered-in-error": msgid("entered in error"),
    "recurrence": msgid("recurrence"),
    "relapse": msgid("relapse"),
    "remission": msgid("remission"),
    "resolved": msgid("resolved"),
}
"""Codes of short, closed lists; the code itself stands for those that are not here."""
PERMISSIONS = {
    "aggregates": msgid("see figures, maps and lists"),
    "resources": msgid("open records"),
    "quality": msgid("see the quality of data"),
    "load": msgid("load files"),
    "export": msgid("export records"),
    "audit": msgid("see the access log"),
    "accounts": msgid("manage accounts"),
    "operations": msgid("run the system"),
}
OUTCOMES = {
    "absent": msgid("not there"),
    "hidden": msgid("out of sight"),
    "refused": msgid("refused"),
}


def role_name(role: str) -> str:
    """Return the message id of a role; the code itself when it is unknown."""
    return ROLES.get(role, role)


def kind_name(kind: str) -> str:
    """Return the message id of a kind of place."""
    return KINDS.get(kind, kind)


def purpose_name(purpose: str) -> str:
    """Return the message id of a purpose of use."""
    return PURPOSES.get(purpose, purpose)


def code_name(code: str) -> str:
    """Return the message id of a code of a closed list; the code itself when it has none."""
    return CODES.get(code, code)


def type_name(name: str) -> str:
    """Return the message id of what a resource type holds; empty when it is seldom seen."""
    return TYPES.get(name, "")


def outcome_name(outcome: str) -> str:
    """Return the message id of what came of an access other than ``done``."""
    return OUTCOMES.get(outcome, outcome)


def permission_name(permission: str) -> str:
    """Return the message id of a permission, as what somebody may do."""
    return PERMISSIONS.get(permission, permission)
