"""What must hold when a resource of the registry is written, on every path.

``guard(new, old, stamp)`` is pure: it sees one resource. What only the whole territory can tell
(a cycle over several places) is the query ``hierarchy`` of the data-quality page.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from nabd.errors import Issue, issue
from nabd.fhir.json import Json
from nabd.registry import codes, names, rules
from nabd.store import Guard, Stamp


def organization(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Check a facility's category, and that its level of care is that of the category."""
    category = _code(new, "type", names.CATEGORY)
    if new is None or not category:
        return []
    expected = codes.level_of_care(category)
    if not expected:
        return [issue("N6015", "Organization.type", category=category)]
    actual = _code(new, "type", names.CARE_LEVEL)
    if actual and actual != expected:
        params = {"category": category, "expected": expected, "actual": actual}
        return [issue("N6016", "Organization.type", **params)]
    return []


def location(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Check the position of a place in the hierarchy, and that a site lies in a place."""
    if new is None:
        return []
    if level := _code(new, "type", names.PLACE_LEVEL):
        return _place(new, level)
    if "managingOrganization" in new and "partOf" not in new and _is_site(new):
        return [issue("N6017", "Location.partOf")]
    return []


def observation(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Check a count of beds: both measures, functional at most existing, a sane day."""
    if new is None or _code(new, "category", names.OBSERVATION_KIND) != "bed-count":
        return []
    counts = {
        _code(part, "code", names.BED_MEASURE): part.get("valueInteger")
        for part in new.get("component", ())
    }
    found = rules.bed_issues(counts.get("existing"), counts.get("functional"))
    day = new.get("effectiveDateTime", "")
    return found + rules.date_issues(day, "Observation.effective", datetime.now(UTC).date())


def affiliation(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Check that a membership does not end before it starts."""
    return _period(new, "OrganizationAffiliation.period")


def practitioner_role(new: Json | None, old: Json | None, stamp: Stamp) -> list[Issue]:
    """Check that a post does not end before it starts."""
    return _period(new, "PractitionerRole.period")


GUARDS: dict[str, tuple[Guard, ...]] = {
    "Organization": (organization,),
    "Location": (location,),
    "Observation": (observation,),
    "OrganizationAffiliation": (affiliation,),
    "PractitionerRole": (practitioner_role,),
}


def _place(new: Json, level: str) -> list[Issue]:
    inside = _within(new)
    code = next((i.get("value", "") for i in new.get("identifier", ()) if _is_hcp(i)), "")
    parent = (new.get("partOf") or {}).get("reference", "").removeprefix("Location/")
    same = "" if parent != new.get("id") else code
    above = same or (parent and f"Location/{parent}")
    region, province = inside.get("region", ""), inside.get("province", "")
    return rules.hierarchy_issues(code, level, above, region, province)


def _is_hcp(identifier: Json) -> bool:
    return identifier.get("system") == names.HCP


def _is_site(new: Json) -> bool:
    return _code(new, "physicalType", names.PHYSICAL) == "si"


def _within(resource: Json) -> dict[str, str]:
    for extension in resource.get("extension", ()):
        if extension.get("url") == names.WITHIN:
            parts = extension.get("extension", ())
            return {part.get("url", ""): part.get("valueCode", "") for part in parts}
    return {}


def _period(new: Json | None, path: str) -> list[Issue]:
    period = (new or {}).get("period", {})
    return rules.period_issues(period.get("start", ""), period.get("end", ""), path)


def _code(resource: Any, element: str, system: str) -> str:
    """Return the first code of ``system`` in a CodeableConcept, or in a list of them."""
    concepts = (resource or {}).get(element) or []
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        for coding in concept.get("coding", ()):
            if coding.get("system") == system:
                return str(coding.get("code", ""))
    return ""
