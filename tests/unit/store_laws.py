"""Laws that a worker process can import by name."""

from __future__ import annotations

from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir.view import View
from nabd.store import Laws, Stamp

Json = dict[str, Any]


def view(name: str, resource: str, *columns: str, each: str = "") -> View:
    """Make a view of plain columns beside the id."""
    select: Json = {"column": [{"name": c.replace(".", "_"), "path": c} for c in columns]}
    if each:
        select["forEach"] = each
    return View.parse(
        {
            "resourceType": "ViewDefinition",
            "name": name,
            "status": "active",
            "resource": resource,
            "select": [{"column": [{"name": "id", "path": "id"}]}, select],
        }
    )


def no_stock_by_load(new: Json | None, _old: Json | None, _stamp: Stamp) -> list[Issue]:
    """Refuse a BiologicallyDerivedProduct that says it is available, as a slice would."""
    return [issue("N3012", "status", type="x", id="y")] if (new or {}).get("status") else []


def laws() -> Laws:
    """Two live tables and a guard."""
    return Laws(
        {"BiologicallyDerivedProduct": (no_stock_by_load,)},
        (
            view("patient_name", "Patient", "family", "use", each="name"),
            view("encounter", "Encounter", "status", "subject.reference", "period.start"),
        ),
    )


def scope(resource: Json) -> tuple[int, ...]:
    """Let everybody see a resource by the length of its id."""
    return (len(resource["id"]),)
