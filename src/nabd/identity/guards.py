"""What must hold when a resource of this slice is written, on every path."""

from __future__ import annotations

from nabd.errors import Issue, issue
from nabd.fhir.json import Json
from nabd.identity.person import is_identity
from nabd.identity.words import CASE, code_of
from nabd.store import Guard, Stamp

THROUGH = "identity"


def person(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Let nobody change the links of an identity but by the slice's operations."""
    if stamp.through == THROUGH or not (is_identity(new) or is_identity(old)):
        return []
    return [issue("N6110", "Person.link")]


def task(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Let nobody decide a case but by the slice's operations."""
    if stamp.through == THROUGH or not (_is_case(new) or _is_case(old)):
        return []
    return [issue("N6111", "Task.businessStatus")]


GUARDS: dict[str, tuple[Guard, ...]] = {"Person": (person,), "Task": (task,)}


def _is_case(resource: Json | None) -> bool:
    return code_of((resource or {}).get("code"), CASE) == "same-person"
