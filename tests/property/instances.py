"""Resources and datatypes as Hypothesis makes them: structure as R4 demands, content by chance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from nabd.fhir import definitions
from nabd.fhir.definitions import Element

Json = dict[str, Any]

TEXTS = {
    "base64Binary": ["aGVsbG8=", "aGVs bG8="],
    "canonical": ["http://example.org/q|1", "http://hl7.org/fhir/Questionnaire/x", "#a"],
    "code": ["active", "C", "a b", "1", "%"],
    "date": ["2024-02-29", "2024-02", "2024"],
    "dateTime": ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00+01:00", "2024-03-01", "2024"],
    "id": ["a", "b-1.2"],
    "instant": ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5+01:00"],
    "markdown": ["*text*"],
    "oid": ["urn:oid:1.2.3"],
    "string": ["a", "نبض", "#a", "Patient/1", "entered-in-error"],
    "time": ["10:00:00"],
    "uri": ["http://unitsofmeasure.org", "urn:iso:std:iso:4217", "http://hl7.org/fhir/sid/us-ssn"],
    "url": ["http://example.org/x"],
    "uuid": ["urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"],
    "xhtml": [
        '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
        '<div xmlns="http://www.w3.org/1999/xhtml"><script/></div>',
    ],
}
NUMBERS = {
    "integer": [-1, 0, 1, 101],
    "positiveInt": [1, 2],
    "unsignedInt": [0, 1],
    "decimal": [Decimal("0.5"), Decimal("1.0"), 1, -1, 0, 200],
    "boolean": [True, False],
}


def primitive(element: Element) -> st.SearchStrategy[Any]:
    value_set = definitions.value_set(element.binding) if element.binding else None
    if value_set and value_set.codes:
        return st.sampled_from(sorted(value_set.codes))
    return st.sampled_from(NUMBERS.get(element.type) or TEXTS[element.type])


@st.composite
def instances(draw: st.DrawFn, type_name: str, depth: int) -> Json:
    """An object of a type: structure as R4 demands it, content as chance has it."""
    elements = definitions.elements(type_name)
    wanted = [e for e in elements.values() if e.required and not e.choice]
    wanted += required_choices(draw, type_name)
    optional = [e for e in elements.values() if e not in wanted and usable(e, depth)]
    if optional:
        wanted += draw(st.lists(st.sampled_from(optional), max_size=4, unique_by=lambda e: e.name))
    value: Json = {"resourceType": type_name} if type_name in definitions.TYPE_NUMBER else {}
    for element in wanted:
        made = draw(element_values(element, depth))
        value[element.name] = [made] if element.array else made
    return value


def required_choices(draw: st.DrawFn, type_name: str) -> list[Element]:
    groups: dict[str, list[Element]] = {}
    for element in definitions.elements(type_name).values():
        if element.required and element.choice:
            groups.setdefault(element.choice, []).append(element)
    return [draw(st.sampled_from([e for e in g if usable(e, 9)])) for g in groups.values()]


def usable(element: Element, depth: int) -> bool:
    if element.type == "Resource" or element.name in ("contained", "text"):
        return False
    return definitions.is_primitive(element.type) or depth > 0


def element_values(element: Element, depth: int) -> st.SearchStrategy[Any]:
    if definitions.is_primitive(element.type):
        return primitive(element)
    return instances(element.type, depth - 1)


def resources_with(type_name: str) -> st.SearchStrategy[Json]:
    """Resources in which the type occurs."""
    if "." in type_name:
        return nested(type_name)
    if type_name in definitions.TYPE_NUMBER:
        return instances(type_name, 3)
    name = f"value{type_name}"
    if name not in definitions.elements("Parameters.parameter"):
        quantities = st.builds(lambda v: v | {"code": "a"}, instances("Quantity", 1))
        return quantities.map(lambda q: measured(low=q))
    return instances(type_name, 3).map(
        lambda v: {"resourceType": "Parameters", "parameter": [{"name": "a", name: v}]}
    )


def measured(**limits: Json) -> Json:
    """An Observation with a reference range: its limits are SimpleQuantity."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "a"},
        "referenceRange": [limits],
    }


@st.composite
def nested(draw: st.DrawFn, path: str) -> Json:
    """A resource, or a datatype in a Parameters, with a backbone in its place."""
    owner, _, name = path.rpartition(".")
    inner = draw(instances(path, 3))
    outer = draw(nested(owner) if "." in owner else instances(owner, 0))
    target = outer
    for step in owner.split(".")[1:]:
        target = target[step][0] if isinstance(target[step], list) else target[step]
    array = definitions.elements(owner)[name].array
    target[name] = [inner] if array else inner
    if path.split(".")[0] in definitions.TYPE_NUMBER or "." in owner:
        return outer
    kind = f"value{owner}"
    return {"resourceType": "Parameters", "parameter": [{"name": "a", kind: outer}]}
