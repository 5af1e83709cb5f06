"""Words for the codes of access: roles and kinds of places. Message ids."""

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
KINDS = {
    "national": msgid("Whole country"),
    "region": msgid("Region"),
    "province": msgid("Province"),
    "facility": msgid("Facility"),
}


def role_name(role: str) -> str:
    """Return the message id of a role; the code itself when it is unknown."""
    return ROLES.get(role, role)


def kind_name(kind: str) -> str:
    """Return the message id of a kind of place."""
    return KINDS.get(kind, kind)
