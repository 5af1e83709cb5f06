"""Patches as RFC 6902 and FHIR R4 describe them: every operation and every way to fail."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from nabd.errors import Problem
from nabd.fhir.patch import fhirpath_patch, json_patch

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"use": "official", "family": "Alami", "given": ["Zineb", "Rim"]}],
    "birthDate": "1974-12-25",
    "identifier": [{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
    "a/b": {"m~n": 1},
}


@pytest.fixture
def patient() -> dict[str, Any]:
    return copy.deepcopy(PATIENT)


def code(failed: pytest.ExceptionInfo[Problem]) -> tuple[str, str]:
    return failed.value.issues[0].code, failed.value.issues[0].path


# --- JSON Patch: https://www.rfc-editor.org/rfc/rfc6902 -------------------------------------------

JSON_OPERATIONS = [
    ({"op": "add", "path": "/gender", "value": "female"}, ("gender",), "female"),
    ({"op": "add", "path": "/active", "value": False}, ("active",), False),
    ({"op": "add", "path": "/name/0/given/1", "value": "X"}, ("name", 0, "given", 1), "X"),
    ({"op": "add", "path": "/name/0/given/-", "value": "X"}, ("name", 0, "given", 2), "X"),
    ({"op": "add", "path": "/name/0/given/2", "value": "X"}, ("name", 0, "given", 2), "X"),
    ({"op": "remove", "path": "/name/0/given/0"}, ("name", 0, "given"), ["Rim"]),
    ({"op": "replace", "path": "/birthDate", "value": "1980"}, ("birthDate",), "1980"),
    ({"op": "replace", "path": "/name/0/given/1", "value": "Y"}, ("name", 0, "given", 1), "Y"),
    ({"op": "copy", "from": "/name/0/family", "path": "/x"}, ("x",), "Alami"),
    (
        {"op": "move", "from": "/identifier/0", "path": "/identifier/1"},
        ("identifier", 1, "value"),
        "1",
    ),
    ({"op": "move", "from": "/birthDate", "path": "/birthDate"}, ("birthDate",), "1974-12-25"),
    ({"op": "replace", "path": "/a~1b/m~0n", "value": 2}, ("a/b", "m~n"), 2),
    ({"op": "test", "path": "/a~1b/m~0n", "value": Decimal("1.0")}, ("a/b", "m~n"), 1),
    ({"op": "test", "path": "/name/0/given", "value": ["Zineb", "Rim"]}, ("active",), True),
]


@pytest.mark.parametrize(("operation", "place", "expected"), JSON_OPERATIONS)
def test_json_operation(
    patient: dict[str, Any], operation: dict[str, Any], place: tuple[Any, ...], expected: Any
) -> None:
    found: Any = json_patch(patient, [operation])
    for step in place:
        found = found[step]
    assert found == expected
    assert patient == PATIENT, "the resource given is never changed"


def test_json_remove_of_a_member(patient: dict[str, Any]) -> None:
    assert "birthDate" not in json_patch(patient, [{"op": "remove", "path": "/birthDate"}])


def test_json_values_are_not_shared(patient: dict[str, Any]) -> None:
    value = {"system": "c"}
    found = json_patch(patient, [{"op": "add", "path": "/identifier/-", "value": value}])
    found["identifier"][2]["system"] = "changed"
    assert value == {"system": "c"}


JSON_FAILURES = [
    ({"op": "test", "path": "/active", "value": 1}, "N2404", "[0]"),
    ({"op": "test", "path": "/active", "value": "true"}, "N2404", "[0]"),
    ({"op": "test", "path": "/active"}, "N2401", "[0].value"),
    ({"op": "spam", "path": "/active"}, "N2401", "[0].op"),
    ({"op": "add", "path": "active", "value": 1}, "N2402", "[0].path"),
    ({"op": "add", "path": "/a~2", "value": 1}, "N2402", "[0].path"),
    ({"op": "add", "value": 1}, "N2402", "[0].path"),
    ({"op": "add", "path": "/nowhere/x", "value": 1}, "N2403", "[0].path"),
    ({"op": "add", "path": "/active/x", "value": 1}, "N2403", "[0].path"),
    ({"op": "add", "path": "/identifier/3", "value": 1}, "N2403", "[0].path"),
    ({"op": "add", "path": "/identifier/01", "value": 1}, "N2403", "[0].path"),
    ({"op": "remove", "path": "/nowhere"}, "N2403", "[0].path"),
    ({"op": "remove", "path": "/identifier/-"}, "N2403", "[0].path"),
    ({"op": "replace", "path": "/nowhere", "value": 1}, "N2403", "[0].path"),
    ({"op": "move", "from": "/nowhere", "path": "/x"}, "N2403", "[0].from"),
    ({"op": "copy", "path": "/x"}, "N2402", "[0].from"),
    ({"op": "move", "from": "/name", "path": "/name/0/family"}, "N2405", "[0]"),
    ({"op": "remove", "path": ""}, "N2406", ""),
    ({"op": "replace", "path": "", "value": [1]}, "N2406", ""),
    ("spam", "N2401", "[0].op"),
]


@pytest.mark.parametrize(("operation", "expected", "path"), JSON_FAILURES)
def test_json_failure(patient: dict[str, Any], operation: Any, expected: str, path: str) -> None:
    with pytest.raises(Problem) as failed:
        json_patch(patient, [operation])
    assert code(failed) == (expected, path)
    assert patient == PATIENT


def test_json_patch_must_be_an_array(patient: dict[str, Any]) -> None:
    with pytest.raises(Problem) as failed:
        json_patch(patient, {"op": "add"})  # type: ignore[arg-type]
    assert code(failed)[0] == "N2401"


def test_json_patch_is_all_or_nothing(patient: dict[str, Any]) -> None:
    good = {"op": "remove", "path": "/active"}
    with pytest.raises(Problem) as failed:
        json_patch(patient, [good, good])
    assert code(failed) == ("N2403", "[1].path")
    assert patient == PATIENT


# --- FHIRPath Patch: http://hl7.org/fhir/R4/fhirpatch.html ----------------------------------------


def operation(kind: str, path: str, *rest: dict[str, Any]) -> dict[str, Any]:
    parts = [
        {"name": "type", "valueCode": kind},
        {"name": "path", "valueString": path},
        *rest,
    ]
    return {"name": "operation", "part": parts}


def named(name: str, *value: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "name", "valueString": name}, *value]


def value(**typed: Any) -> dict[str, Any]:
    return {"name": "value", **typed}


def at(name: str, index: int) -> dict[str, Any]:
    return {"name": name, "valueInteger": index}


def patched(*operations: dict[str, Any], on: dict[str, Any] | None = None) -> dict[str, Any]:
    resource = copy.deepcopy(on if on is not None else PATIENT)
    before = copy.deepcopy(resource)
    found = fhirpath_patch(resource, {"resourceType": "Parameters", "parameter": list(operations)})
    assert resource == before, "the resource given is never changed"
    return found


def test_add_an_element() -> None:
    found = patched(operation("add", "Patient", *named("gender", value(valueCode="female"))))
    assert found["gender"] == "female"


def test_add_appends_to_a_list() -> None:
    identifier = {"system": "c", "value": "3"}
    found = patched(
        operation("add", "Patient", *named("identifier", value(valueIdentifier=identifier)))
    )
    assert found["identifier"][2] == identifier


def test_add_starts_a_list() -> None:
    found = patched(operation("add", "Patient.name[0]", *named("prefix", value(valueString="Dr"))))
    assert found["name"][0]["prefix"] == ["Dr"]


def test_add_a_backbone_element_by_its_parts() -> None:
    parts = [
        {"name": "relationship", "valueCodeableConcept": {"text": "sister"}},
        {"name": "name", "valueHumanName": {"family": "Alami"}},
        {"name": "telecom", "part": [{"name": "system", "valueCode": "phone"}]},
    ]
    found = patched(operation("add", "Patient", *named("contact", value(part=parts))))
    assert found["contact"] == [
        {
            "relationship": [{"text": "sister"}],
            "name": {"family": "Alami"},
            "telecom": [{"system": "phone"}],
        }
    ]


@pytest.mark.parametrize("name", ["deceased", "deceased[x]", "deceasedBoolean"])
def test_add_a_choice(name: str) -> None:
    found = patched(operation("add", "Patient", *named(name, value(valueBoolean=True))))
    assert found["deceasedBoolean"] is True


def test_add_a_contained_resource() -> None:
    resource = {"resourceType": "Organization", "id": "o"}
    found = patched(operation("add", "Patient", *named("contained", value(resource=resource))))
    assert found["contained"] == [resource]


@pytest.mark.parametrize(
    ("index", "expected"), [(0, ["c", "a", "b"]), (1, ["a", "c", "b"]), (2, ["a", "b", "c"])]
)
def test_insert(index: int, expected: list[str]) -> None:
    found = patched(
        operation(
            "insert",
            "Patient.identifier",
            at("index", index),
            value(valueIdentifier={"system": "c"}),
        )
    )
    assert [one["system"] for one in found["identifier"]] == expected


def test_insert_into_an_empty_list() -> None:
    found = patched(
        operation("insert", "Patient.telecom", at("index", 0), value(valueContactPoint={"rank": 1}))
    )
    assert found["telecom"] == [{"rank": 1}]


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("Patient.birthDate", lambda p: "birthDate" not in p),
        ("birthDate", lambda p: "birthDate" not in p),
        ("Patient.identifier[0]", lambda p: [i["system"] for i in p["identifier"]] == ["b"]),
        ("Patient.identifier.where(system = 'b')", lambda p: len(p["identifier"]) == 1),
        ("Patient.name", lambda p: "name" not in p),
        ("Patient.name.given.first()", lambda p: p["name"][0]["given"] == ["Rim"]),
        ("Patient.name.given[1]", lambda p: p["name"][0]["given"] == ["Zineb"]),
        ("Patient.maritalStatus", lambda p: p == PATIENT),
        ("Patient.identifier.where(system = 'z')", lambda p: p == PATIENT),
    ],
)
def test_delete(path: str, gone: Any) -> None:
    assert gone(patched(operation("delete", path)))


def test_delete_takes_the_extensions_of_a_primitive_along() -> None:
    on = {"resourceType": "Patient", "birthDate": "1974", "_birthDate": {"id": "x"}}
    assert patched(operation("delete", "Patient.birthDate"), on=on) == {"resourceType": "Patient"}


def test_delete_in_a_list_with_extensions() -> None:
    name = {"given": ["a", None], "_given": [None, {"id": "x"}]}
    found = patched(
        operation("delete", "Patient.name.given[0]"), on={"resourceType": "Patient", "name": [name]}
    )
    assert found["name"] == [{"_given": [{"id": "x"}]}]


def test_replace_an_element() -> None:
    found = patched(operation("replace", "Patient.birthDate", value(valueDate="1980-01-01")))
    assert found["birthDate"] == "1980-01-01"
    assert list(found) == list(PATIENT)


def test_replace_in_a_list() -> None:
    found = patched(
        operation("replace", "Patient.identifier[1]", value(valueIdentifier={"system": "z"}))
    )
    assert found["identifier"][1] == {"system": "z"}


def test_replace_changes_the_type_of_a_choice() -> None:
    on = {"resourceType": "Patient", "deceasedBoolean": True}
    found = patched(
        operation("replace", "Patient.deceased", value(valueDateTime="2020-01-01")), on=on
    )
    assert found == {"resourceType": "Patient", "deceasedDateTime": "2020-01-01"}


@pytest.mark.parametrize(("source", "destination"), [(0, 1), (1, 0)])
def test_move(source: int, destination: int) -> None:
    found = patched(
        operation(
            "move", "Patient.identifier", at("source", source), at("destination", destination)
        )
    )
    assert [one["system"] for one in found["identifier"]] == ["b", "a"]


def test_operations_follow_each_other() -> None:
    found = patched(
        operation("add", "Patient", *named("gender", value(valueCode="female"))),
        operation("replace", "Patient.gender", value(valueCode="unknown")),
        operation("delete", "Patient.name"),
    )
    assert found["gender"] == "unknown"
    assert "name" not in found


FAILURES = [
    (operation("spam", "Patient"), "N2410"),
    ({"name": "spam"}, "N2410"),
    (operation("add", "Patient"), "N2410"),
    (operation("add", "Patient", *named("gender")), "N2410"),
    (operation("add", "Patient", *named("gender", {"name": "value"})), "N2410"),
    (operation("add", "Patient", *named("spam", value(valueCode="x"))), "N2412"),
    (operation("add", "Patient", *named("active", value(valueBoolean=True))), "N2412"),
    (operation("add", "Patient.link", *named("type", value(valueCode="x"))), "N2411"),
    (operation("add", "Patient.identifier", *named("use", value(valueCode="x"))), "N2411"),
    (operation("add", "Patient.birthDate", *named("x", value(valueCode="x"))), "N2412"),
    (operation("insert", "Patient.gender", at("index", 0), value(valueCode="x")), "N2412"),
    (operation("insert", "Patient.identifier", at("index", 9), value(valueIdentifier={})), "N2414"),
    (operation("insert", "Patient.identifier", value(valueIdentifier={})), "N2410"),
    (operation("insert", "Patient.name.first()", at("index", 0), value(valueString="")), "N2413"),
    (operation("delete", "Patient.identifier"), "N2411"),
    (operation("delete", "Patient"), "N2413"),
    (operation("delete", "Patient.birthDate = @1974"), "N2413"),
    (operation("delete", "Patient.name.given.select(length())"), "N2413"),
    (operation("replace", "Patient.gender", value(valueCode="x")), "N2411"),
    (operation("replace", "Patient", value(valueCode="x")), "N2413"),
    (operation("replace", "Patient.name[", value(valueCode="x")), "N2201"),
    (operation("move", "Patient.identifier", at("source", 2), at("destination", 0)), "N2414"),
    (operation("move", "Patient.identifier", at("source", 0), at("destination", 2)), "N2414"),
    (operation("move", "Patient.telecom", at("source", 0), at("destination", 0)), "N2411"),
]


@pytest.mark.parametrize(("wrong", "expected"), FAILURES)
def test_failure(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(Problem) as failed:
        patched(wrong)
    assert failed.value.issues[0].code == expected
    assert failed.value.issues[0].path.startswith("Parameters.parameter[0]")


def test_patch_must_be_parameters() -> None:
    with pytest.raises(Problem) as failed:
        fhirpath_patch(PATIENT, {"resourceType": "Bundle"})
    assert code(failed)[0] == "N2410"


def test_every_problem_speaks_three_languages() -> None:
    for wrong, _ in FAILURES:
        with pytest.raises(Problem) as failed:
            patched(wrong)
        for language in ("en", "fr", "ar"):
            assert failed.value.issues[0].text(language)
            assert failed.value.issues[0].hint(language)
