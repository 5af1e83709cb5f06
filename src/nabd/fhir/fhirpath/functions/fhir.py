"""FHIR's additions to FHIRPath: https://hl7.org/fhir/R4/fhirpath.html#functions."""

from __future__ import annotations

from typing import Any

from nabd.errors import problem
from nabd.fhir import definitions
from nabd.fhir.fhirpath.evaluation import Evaluation, string
from nabd.fhir.fhirpath.functions.narrative import is_safe
from nabd.fhir.fhirpath.functions.registry import on_values
from nabd.fhir.fhirpath.model import Collection, Node, ancestors, member, node

_DEFINITION = "http://hl7.org/fhir/StructureDefinition/"


@on_values("extension", 1)
def extension(_: Evaluation, focus: Collection, url: Collection) -> Collection:
    wanted = string(url, "extension()")
    return [item for item in member(focus, "extension") if _url(item) == wanted]


def _url(item: Node) -> Any:
    return item.value.get("url") if type(item.value) is dict else None


@on_values("hasExtension", 1)
def has_extension(evaluation: Evaluation, focus: Collection, url: Collection) -> Collection:
    return [bool(extension(evaluation, focus, url))]


@on_values("hasValue")
def has_value(_: Evaluation, focus: Collection) -> Collection:
    return [len(focus) == 1 and _is_value(focus[0])]


@on_values("getValue")
def get_value(_: Evaluation, focus: Collection) -> Collection:
    if len(focus) != 1 or not _is_value(focus[0]):
        return []
    item = focus[0]
    return [item.value] if type(item) is Node else focus


def _is_value(item: Any) -> bool:
    value = item.value if type(item) is Node else item
    return value is not None and type(value) is not dict


@on_values("resolve")
def resolve(evaluation: Evaluation, focus: Collection) -> Collection:
    """Follow references: into the resource, into its Bundle, then by the resolver given."""
    found = (_resolved(evaluation, reference(item)) for item in focus)
    return [node(resource, "Resource") for resource in found if resource is not None]


def reference(item: Any) -> str:
    """Read the text of a reference, or of a uri or canonical; ``""`` when there is none."""
    value = item.value if type(item) is Node else item
    text = value.get("reference") if type(value) is dict else value
    return text if type(text) is str else ""


def _resolved(evaluation: Evaluation, text: str) -> dict[str, Any] | None:
    if not text:
        return None
    whole = evaluation.resource.value
    is_bundle = type(whole) is dict and whole.get("resourceType") == "Bundle"
    if text.startswith("#"):
        return _contained(whole, evaluation.root.value, text[1:])
    if is_bundle and (found := _in_bundle(whole, text)):
        return found
    return evaluation.resolver(text) if evaluation.resolver else None


def _contained(whole: Any, part: Any, name: str) -> dict[str, Any] | None:
    for resource in (whole, part):
        if type(resource) is dict and not name:
            return resource
        for one in _objects(resource, "contained"):
            if one.get("id") == name:
                return one
    return None


def _in_bundle(bundle: dict[str, Any], text: str) -> dict[str, Any] | None:
    for entry in _objects(bundle, "entry"):
        url = str(entry.get("fullUrl", ""))
        if url == text or url.endswith("/" + text):
            found: dict[str, Any] | None = entry.get("resource")
            return found
    return None


def _objects(owner: Any, name: str) -> list[dict[str, Any]]:
    items = owner.get(name) if type(owner) is dict else None
    return [one for one in items if type(one) is dict] if type(items) is list else []


def referred_type(item: Any) -> str:
    """Read the resource type that a reference names: ``Patient`` of ``Patient/1``, or its type."""
    if type(item) is Node and type(item.value) is dict and item.value.get("type"):
        return str(item.value["type"])
    path = reference(item).partition("/_history/")[0].split("/")
    return path[-2] if len(path) > 1 else ""


@on_values("memberOf", 1)
def member_of(_: Evaluation, focus: Collection, canonical: Collection) -> Collection:
    """Test codes against a value set of the standard; nothing is known of others."""
    url = string(canonical, "memberOf()")
    found = definitions.value_set(url.partition("|")[0]) if url else None
    if found is None or len(focus) != 1:
        return []
    return [any(_belongs(found, coding) for coding in _codings(focus[0]))]


def _codings(item: Any) -> list[Any]:
    value = item.value if type(item) is Node else item
    return value.get("coding") or [value] if type(value) is dict else [value]


def _belongs(values: definitions.ValueSet, coding: Any) -> bool:
    """Test a Coding with its system, or a code alone: its element knows only one system."""
    if type(coding) is dict:
        return values.contains(coding.get("system", ""), coding.get("code", ""))
    return values.has(coding)


@on_values("conformsTo", 1)
def conforms_to(_: Evaluation, focus: Collection, canonical: Collection) -> Collection:
    """Tell whether an item is of a type of the standard; profiles are not known here."""
    url = string(canonical, "conformsTo()")
    if url is None or len(focus) != 1:
        return []
    name = url.partition("|")[0].removeprefix(_DEFINITION)
    if not url.startswith(_DEFINITION) or not definitions.is_type(name):
        raise problem("N2214", url=url)
    return [type(focus[0]) is Node and name in ancestors(focus[0].type)]


@on_values("htmlChecks")
def html_checks(_: Evaluation, focus: Collection) -> Collection:
    """Check that a narrative has only the markup that FHIR allows."""
    texts = [item.value if type(item) is Node else item for item in focus]
    return [all(type(text) is str and is_safe(text) for text in texts)]


@on_values("checkModifiers", 0, 16)
def check_modifiers(_: Evaluation, focus: Collection, *known: Collection) -> Collection:
    """Return the focus when it carries no modifier extension but those named."""
    urls = {string(one, "checkModifiers()") for one in known}
    for item in member(focus, "modifierExtension"):
        if _url(item) not in urls:
            raise problem("N2216", url=_url(item))
    return focus
