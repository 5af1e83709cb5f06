"""Laws of patches: what is done can be undone, nothing given is changed, all else is a problem."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.errors import Problem
from nabd.fhir.patch import fhirpath_patch, json_patch
from nabd.fhir.patch.values import copied, same

quick = settings(max_examples=150, deadline=None)

names = st.sampled_from(["a", "b", "a/b", "m~n", "", "0"])
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "x"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=10,
)
documents = st.dictionaries(names, values, max_size=4)
pointers = st.lists(st.one_of(names, st.sampled_from(["1", "-", "~1"])), max_size=3).map(
    lambda path: "".join("/" + one.replace("~", "~0").replace("/", "~1") for one in path)
)


def escaped(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


@quick
@given(documents, st.sampled_from(["new", "n/w", "n~w"]), values)
def test_what_is_added_can_be_tested_and_removed(document: Any, name: str, value: Any) -> None:
    path = escaped(name)
    added = json_patch(document, [{"op": "add", "path": path, "value": value}])
    assert same(added[name], value)
    back = [{"op": "test", "path": path, "value": value}, {"op": "remove", "path": path}]
    assert json_patch(added, back) == document


@quick
@given(documents, values)
def test_a_move_is_a_copy_and_a_removal(document: Any, value: Any) -> None:
    document = {**document, "from": value}
    moved = json_patch(document, [{"op": "move", "from": "/from", "path": "/to"}])
    copy = {"op": "copy", "from": "/from", "path": "/to"}
    assert moved == json_patch(document, [copy, {"op": "remove", "path": "/from"}])


operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": pointers},
    optional={"value": values, "from": pointers},
)


@quick
@given(documents, st.lists(operations, max_size=4))
def test_a_json_patch_works_or_is_a_problem(document: Any, patch: Any) -> None:
    before = copied(document)
    try:
        assert isinstance(json_patch(document, patch), dict)
    except Problem as problem:
        assert all(issue.code.startswith("N24") for issue in problem.issues)
    assert same(document, before)


PATIENT = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "A", "given": ["B", None], "_given": [None, {"id": "x"}]}],
    "birthDate": "1974",
    "_birthDate": {"id": "b"},
    "contact": [{"name": {"family": "C"}}, {"gender": "male"}],
    "deceasedBoolean": False,
}
paths = st.sampled_from(
    [
        "Patient",
        "active",
        "name",
        "name[0]",
        "name.given",
        "name.given[1]",
        "name.first().family",
        "contact.where(gender = 'male')",
        "contact.name.family",
        "deceased",
        "Patient.birthDate",
        "telecom",
        "name.given.where($this = 'B')",
        "1 + 1",
        "name.",
        "name.nothing()",
    ]
)
parts = st.lists(
    st.one_of(
        st.fixed_dictionaries({"name": st.just("path"), "valueString": paths}),
        st.sampled_from(
            [
                {"name": "name", "valueString": "gender"},
                {"name": "name", "valueString": "given"},
                {"name": "name", "valueString": "contact"},
                {"name": "name", "valueString": "deceased"},
                {"name": "value", "valueString": "x"},
                {"name": "value", "valueBoolean": True},
                {"name": "value", "valueHumanName": {"family": "Z"}},
                {"name": "value", "part": [{"name": "gender", "valueCode": "male"}]},
                {"name": "value", "part": [{"name": "spam"}]},
                {"name": "index", "valueInteger": 1},
                {"name": "source", "valueInteger": 0},
                {"name": "destination", "valueInteger": 1},
            ]
        ),
    ),
    max_size=6,
)


@quick
@given(st.sampled_from(["add", "insert", "delete", "replace", "move", "?"]), parts)
def test_a_fhirpath_patch_works_or_is_a_problem(kind: str, rest: list[Any]) -> None:
    operation = {"name": "operation", "part": [{"name": "type", "valueCode": kind}, *rest]}
    before = copied(PATIENT)
    try:
        found = fhirpath_patch(PATIENT, {"resourceType": "Parameters", "parameter": [operation]})
        assert isinstance(found, dict)
    except Problem as problem:
        assert all(issue.code[:3] in ("N22", "N24") for issue in problem.issues)
    assert same(PATIENT, before)
