"""The fast path never says yes where the walk finds a problem; nothing but Problem is raised."""

from __future__ import annotations

import gzip
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from damage import URL, damages, spots, wrong
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import TEXTS, instances, resources_with

from nabd.errors import Problem
from nabd.fhir import definitions, json
from nabd.fhir.check import check, check_value, fast, walk
from nabd.fhir.check.forms import FORMS

Json = dict[str, Any]


def agree(raw: bytes) -> None:
    """Let both paths judge; the fast one may doubt, and must not be wrong."""
    read = fast.sound(raw)
    plain = json.decode_any_depth(raw)
    try:
        json.forbid_depth(plain)
        listed = [*walk.problems(plain), *fast.repeated_keys(raw)]
    except Problem as problem:
        listed = problem.issues
    if read:
        assert not listed
        assert repr(read) == repr((plain, json.encode(plain)))
    if listed:
        with pytest.raises(Problem):
            check(raw)
    else:
        assert repr(check(raw)) == repr(plain)


@pytest.mark.parametrize("type_name", sorted(FORMS))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fast_forms_never_hold_where_the_invariant_does_not(
    type_name: str, data: st.DataObject
) -> None:
    agree(json.encode(data.draw(resources_with(type_name))))


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
        container[key] = data.draw(wrong())
    elif action == "repeat":
        container[key] = [container[key], container[key]]
    elif isinstance(container, dict):
        name = f"_{key}" if action == "companion" else f"{key}x"
        container[name] = data.draw(wrong(container[key]))
    agree(json.encode(value))


@pytest.mark.parametrize("base", BASES, ids=lambda base: str(base["resourceType"]))
def test_sound_resources_take_the_fast_path(base: Json) -> None:
    raw = json.encode(base)
    assert fast.sound(raw)


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


# --------------------------------------------------------------------- damage of every kind


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(definitions.RESOURCE_TYPES), st.data())
def test_no_damage_to_a_resource_of_any_type_is_overlooked(
    type_name: str, data: st.DataObject
) -> None:
    agree(data.draw(damages(data.draw(instances(type_name, 2)))))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(BASES), st.data())
def test_no_damage_to_a_sound_resource_is_overlooked(base: Json, data: st.DataObject) -> None:
    agree(data.draw(damages(base)))


@cache
def examples(shared: Path) -> list[bytes]:
    """The examples of the specification, but for large ones."""
    with gzip.open(shared / "conformance/r4-examples.ndjson.gz") as lines:
        return [line for line in lines if len(line) < 8_000]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_damage_to_an_example_of_the_specification_is_overlooked(
    shared: Path, data: st.DataObject
) -> None:
    example = json.decode(data.draw(st.sampled_from(examples(shared))))
    agree(data.draw(damages(example, most=1)))


def nested_extension(levels: int) -> Json:
    inner: Json = {"url": "urn:a", "valueString": "a"}
    for _ in range(levels):
        inner = {"url": "urn:a", "extension": [inner]}
    return {"resourceType": "Basic", "code": {"text": "a"}, "extension": [inner]}


@pytest.mark.parametrize("bundles", range(8))
def test_levels_count_through_resources_within_resources(bundles: int) -> None:
    """Around the limit of 100: in extensions, in parts of parameters, in Bundles in Bundles."""
    for parts in range(0, 50, 7):
        for levels in range(50):
            value = nested_extension(levels)
            parameter: Json = {"name": "a", "resource": value}
            for _ in range(parts):
                parameter = {"name": "a", "part": [parameter]}
            if parts:
                value = {"resourceType": "Parameters", "parameter": [parameter]}
            for _ in range(bundles):
                entry = {"fullUrl": URL, "resource": value}
                value = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
            if fast.sound(json.encode(value)):
                json.forbid_depth(value)


@pytest.mark.parametrize("place", ["alone", "within"])
def test_moderate_depth_is_no_reason_to_doubt(place: str) -> None:
    value = nested_extension(10)
    if place == "within":
        entry = {"fullUrl": URL, "resource": value}
        value = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    assert fast.sound(json.encode(value))
