"""Views: what a wrong definition is told, and what the store gets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from nabd.errors import Problem
from nabd.fhir.view import View


def column(path: str, kind: str = "string", name: str = "a", **more: Any) -> dict[str, Any]:
    return {"name": name, "path": path, "type": kind, **more}


def view(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    select = [{"column": list(columns)}]
    return {"name": "v", "resource": "Patient", "select": select, **more}


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "N2301", "ViewDefinition"),
    ({"resource": "Patient", "select": []}, "N2301", "ViewDefinition.select"),
    ({"resource": "Patient", "select": [{}]}, "N2301", "ViewDefinition.select[0]"),
    (view({"name": "a", "path": 1}), "N2301", "ViewDefinition.select[0].column[0].path"),
    (view(column("id"), resource="Spam"), "N2302", "ViewDefinition.resource"),
    (view(column("id"), name="1a"), "N2303", "ViewDefinition.name"),
    (view(column("id", name="a-b")), "N2303", "ViewDefinition.select[0].column[0].name"),
    (
        {"resource": "Patient", "select": [{"forEach": "name", "repeat": ["name"], "column": []}]},
        "N2304",
        "ViewDefinition.select[0]",
    ),
    (view(column("id"), constant=[{"name": "c"}]), "N2305", "ViewDefinition.constant[0]"),
    (
        view(column("id"), constant=[{"name": "c", "valueString": "a", "valueCode": "b"}]),
        "N2305",
        "ViewDefinition.constant[0]",
    ),
    (
        {
            "resource": "Patient",
            "select": [
                {"unionAll": [{"column": [column("id")]}, {"column": [column("id", name="b")]}]}
            ],
        },
        "N2306",
        "ViewDefinition.select[0].unionAll[1]",
    ),
    (
        view(
            column("id"),
            constant=[{"name": "a", "valueCode": "x"}, {"name": "a", "valueCode": "y"}],
        ),
        "N2305",
        "ViewDefinition.constant[1]",
    ),
    (
        view(column("id"), constant=[{"name": "a", "valueCoding": {"code": "x"}}]),
        "N2305",
        "ViewDefinition.constant[0]",
    ),
    (view(column("id"), column("id", name="A")), "N2307", "ViewDefinition.select"),
    (view(column("name.(")), "N2201", "ViewDefinition.select[0].column[0].path"),
    (view(column("spam")), "N2204", "ViewDefinition.select[0].column[0].path"),
    (view(column("%spam")), "N2212", "ViewDefinition.select[0].column[0].path"),
    (view(column("id"), where=[{"path": "spam()"}]), "N2203", "ViewDefinition.where[0].path"),
    (view(column("id"), where=[{"path": "gender"}]), "N2312", "ViewDefinition.where[0].path"),
]


@pytest.mark.parametrize(("definition", "code", "path"), WRONG)
def test_wrong_definition(definition: dict[str, Any], code: str, path: str) -> None:
    with pytest.raises(Problem) as failed:
        View.parse(definition)
    first = failed.value.issues[0]
    assert (first.code, first.path) == (code, path)
    for language in ("en", "fr", "ar"):
        assert first.text(language)
        assert first.hint(language)


def test_all_problems_of_a_definition_are_told() -> None:
    with pytest.raises(Problem) as failed:
        View.parse(view(column("id", name="-"), name="-", resource="-"))
    assert [issue.code for issue in failed.value.issues] == ["N2302", "N2303", "N2303"]


VALUES: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("birthDate", "date", {"birthDate": "1974-12-25"}, "date", date(1974, 12, 25)),
    ("birthDate", "date", {"birthDate": "1974-12"}, "date", date(1974, 12, 1)),
    ("birthDate", "date", {"birthDate": "1974"}, "date", date(1974, 1, 1)),
    ("birthDate", "string", {"birthDate": "1974"}, "text", "1974"),
    (
        "birthDate",
        "dateTime",
        {"birthDate": "1974"},
        "timestamptz",
        datetime(1974, 1, 1, tzinfo=UTC),
    ),
    (
        "deceased.ofType(dateTime)",
        "dateTime",
        {"deceasedDateTime": "2020-01-01T10:00:00.5+01:00"},
        "timestamptz",
        datetime(2020, 1, 1, 10, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=1))),
    ),
    ("active", "boolean", {"active": False}, "boolean", False),
    ("active", "boolean", {}, "boolean", None),
    ("multipleBirth.ofType(integer)", "integer", {"multipleBirthInteger": 2}, "integer", 2),
    ("1 + 1.5", "decimal", {}, "numeric", Decimal("2.5")),
    ("1", "decimal", {}, "numeric", Decimal(1)),
    ("1", "integer64", {}, "bigint", 1),
    ("1", "string", {}, "text", "1"),
    ("active", "string", {"active": True}, "text", "true"),
    ("name.first()", "HumanName", {"name": [{"family": "A"}]}, "json", '{"family":"A"}'),
]


@pytest.mark.parametrize(("path", "kind", "patient", "sql", "expected"), VALUES)
def test_sql_value(path: str, kind: str, patient: dict[str, Any], sql: str, expected: Any) -> None:
    found = View.parse(view(column(path, kind)))
    assert found.columns == [("a", sql)]
    assert found.rows({"resourceType": "Patient", **patient}) == [(expected,)]


def test_collections_are_arrays() -> None:
    found = View.parse(view(column("name.given", "string", collection=True)))
    assert found.columns == [("a", "text[]")]
    patient = {"resourceType": "Patient", "name": [{"given": ["A", "B"]}]}
    assert found.rows(patient) == [(["A", "B"],)]
    assert found.rows({"resourceType": "Patient"}) == [([],)]


def test_a_tag_chooses_the_sql_type() -> None:
    tag = [{"name": "ansi/type", "value": "TEXT"}]
    found = View.parse(view(column("birthDate", "date", tag=tag)))
    assert found.columns == [("a", "text")]


@pytest.mark.parametrize(
    ("definition", "patient", "code"),
    [
        (view(column("name.family")), {"name": [{"family": "A"}, {"family": "B"}]}, "N2310"),
        (view(column("gender", "integer")), {"gender": "male"}, "N2311"),
        (view(column("gender", "boolean")), {"gender": "male"}, "N2311"),
        (view(column("gender", "date")), {"gender": "male"}, "N2311"),
        (view(column("gender", "decimal")), {"gender": "male"}, "N2311"),
        (view(column("id"), where=[{"path": "gender.toString()"}]), {"gender": "male"}, "N2312"),
    ],
)
def test_rows_that_cannot_be_made(
    definition: dict[str, Any], patient: dict[str, Any], code: str
) -> None:
    with pytest.raises(Problem) as failed:
        View.parse(definition).rows({"resourceType": "Patient", **patient})
    assert failed.value.issues[0].code == code


def test_other_types_have_no_rows() -> None:
    assert View.parse(view(column("id"))).rows({"resourceType": "Observation"}) == []


def test_items_of_several_types_keep_their_types() -> None:
    select = {
        "forEach": "extension.value",
        "column": [column("ofType(Quantity).value", "decimal"), column("ofType(string)", name="b")],
    }
    found = View.parse({"resource": "Patient", "select": [select]})
    values = [{"url": "a", "valueQuantity": {"value": 1}}, {"url": "b", "valueString": "x"}]
    assert found.rows({"resourceType": "Patient", "extension": values}) == [
        (Decimal(1), None),
        (None, "x"),
    ]


def test_extensions_of_primitives_are_read() -> None:
    path = "birthDate.extension('http://x').value.ofType(string)"
    patient = {"_birthDate": {"extension": [{"url": "http://x", "valueString": "y"}]}}
    assert View.parse(view(column(path))).rows({"resourceType": "Patient", **patient}) == [("y",)]
