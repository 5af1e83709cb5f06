"""Find what cannot be right before a record is read: names that no type has."""

from __future__ import annotations

from nabd.fhir.fhirpath.syntax import Expression


def check(tree: Expression, type_name: str) -> None:
    """Raise N2204 to N2208 where the types of the definitions rule an expression out."""
