"""The fast path never says yes where the walk finds a problem; nothing but Problem is raised."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Problem
from nabd.fhir import definitions, json
from nabd.fhir.check import check, check_value, fast, walk
from nabd.fhir.check.forms import FORMS
from nabd.fhir.definitions import Element

Json = dict[str, Any]

# ------------------------------------------------------------------------------- generation

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


# ------------------------------------------------------------------------------- agreement


def agree(value: Json) -> None:
    """Let both paths judge; the fast one may doubt, and must not be wrong."""
    raw = json.encode(value)
    plain = json.decode(raw)
    listed = walk.problems(plain)
    assert not (fast.is_sound(raw, plain) and listed), listed
    if listed:
        with pytest.raises(Problem):
            check(raw)
    else:
        check(raw)


@pytest.mark.parametrize("type_name", sorted(FORMS))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fast_forms_never_hold_where_the_invariant_does_not(
    type_name: str, data: st.DataObject
) -> None:
    agree(data.draw(resources_with(type_name)))


BASES = [
    {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Patient"]},
        "text": {"status": "generated", "div": TEXTS["xhtml"][0]},
        "contained": [{"resourceType": "Organization", "id": "o1", "name": "a"}],
        "identifier": [{"system": "urn:oid:1.2.3", "value": "1"}],
        "name": [{"family": "a", "given": ["b", "c"], "period": {"start": "2024-01-01"}}],
        "telecom": [{"system": "phone", "value": "1"}],
        "gender": "female",
        "birthDate": "1970-02-28",
        "deceasedBoolean": False,
        "managingOrganization": {"reference": "#o1"},
        "contact": [{"name": {"text": "a"}}],
        "extension": [{"url": "http://example.org/a", "valueDecimal": Decimal("1.50")}],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1-8", "display": "a"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-02-29T10:00:00Z",
        "valueQuantity": {"value": 1, "unit": "g", "system": "http://unitsofmeasure.org"},
        "referenceRange": [{"low": {"value": 1}, "text": "a"}],
        "component": [{"code": {"text": "a"}, "valueInteger": 5}],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "vital-signs",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-02-29",
        "valueQuantity": {
            "value": 37,
            "unit": "C",
            "system": "http://unitsofmeasure.org",
            "code": "Cel",
        },
    },
    {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": "http://example.org/Patient?name=a"}],
        "entry": [
            {
                "fullUrl": "http://example.org/Patient/p1",
                "resource": {"resourceType": "Patient", "id": "p1"},
                "search": {"mode": "match"},
            }
        ],
    },
    {
        "resourceType": "Bundle",
        "type": "transaction",
        "link": [{"relation": "self", "url": "http://example.org"}],
        "entry": [
            {
                "fullUrl": "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7",
                "resource": {"resourceType": "Basic", "code": {"text": "a"}},
                "request": {"method": "POST", "url": "Basic"},
            }
        ],
    },
]
WRONG: list[Any] = [
    *[None, "", " ", "a", "#x", 0, -1, Decimal("1.5"), True, [], {}, [None], [[]], {"id": "x"}],
    *["Practitioner/1", "http://a.org/Medication/1", "Foo/1", "urn:uuid:x", "urn:oid:1.2", "a|1"],
    *["http://hl7.org/fhir/ValueSet/x", {"reference": "#o1"}, {"type": "Patient"}],
    *[{"a": 1}, ["a", "a"], "2024-02-30", "2024-01-01T00:00:00", "\x00", "a\u00a0b", 2**40],
]


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value, as its container and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, child in list(pairs):
        found.append((value, key))
        if isinstance(child, dict | list):
            found += spots(child)
    return found


def copy(value: Json) -> Json:
    return json.decode(json.encode(value))  # type: ignore[no-any-return]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BASES), st.data())
def test_both_paths_agree_on_resources_that_were_damaged(base: Json, data: st.DataObject) -> None:
    value = copy(base)
    container, key = data.draw(st.sampled_from(spots(value)))
    action = data.draw(st.sampled_from(["drop", "replace", "rename", "repeat", "companion"]))
    if action == "drop":
        del container[key]
    elif action == "replace":
        container[key] = data.draw(st.sampled_from(WRONG))
    elif action == "repeat":
        container[key] = [container[key], container[key]]
    elif isinstance(container, dict):
        name = f"_{key}" if action == "companion" else f"{key}x"
        container[name] = data.draw(st.sampled_from([*WRONG, container[key]]))
    agree(value)


@pytest.mark.parametrize("base", BASES, ids=lambda base: str(base["resourceType"]))
def test_sound_resources_take_the_fast_path(base: Json) -> None:
    raw = json.encode(base)
    assert fast.is_sound(raw, json.decode(raw))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BASES), st.data())
def test_a_key_that_comes_twice_is_refused_wherever_it_is(base: Json, data: st.DataObject) -> None:
    raw = json.encode(base)
    keys = [
        at for at in range(len(raw)) if raw[at : at + 1] in b"{," and raw[at + 1 : at + 2] == b'"'
    ]
    at = data.draw(st.sampled_from([a for a in keys if b'":' in raw[a : a + 30]]))
    end = raw.index(b'"', at + 2)
    twice = raw[: at + 1] + raw[at + 1 : end + 1] + b":1," + raw[at + 1 :]
    if raw[end + 1 : end + 2] == b":":
        with pytest.raises(Problem) as caught:
            check(twice)
        assert "N2008" in {i.code for i in caught.value.issues}


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8"))))
def test_any_bytes_are_refused_with_a_problem(raw: bytes) -> None:
    with pytest.raises(Problem):
        check(raw)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, places=3)
    | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "value", "extension", "url"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "contact", "active", "_active", "id"]), VALUES))
def test_any_value_is_judged_without_a_fault(content: Json) -> None:
    value = {"resourceType": "Patient", **content}
    try:
        check_value(value)
    except Problem as problem:
        assert problem.issues
