"""Laws of views: how rows of a selection follow from the rows of its parts."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.fhir.fhirpath import compile  # noqa: A004
from nabd.fhir.view import View

quick = settings(max_examples=100, deadline=None)

words = st.sampled_from(["a", "b", "c"])
names = st.fixed_dictionaries(
    {}, optional={"family": words, "given": st.lists(words, min_size=1, max_size=3), "use": words}
)
telecoms = st.fixed_dictionaries({}, optional={"system": words, "value": words})
contacts = st.fixed_dictionaries({}, optional={"name": names, "gender": words})
patients = st.fixed_dictionaries(
    {"resourceType": st.just("Patient")},
    optional={
        "id": words,
        "active": st.booleans(),
        "name": st.lists(names, min_size=1, max_size=3),
        "telecom": st.lists(telecoms, min_size=1, max_size=3),
        "contact": st.lists(contacts, min_size=1, max_size=3),
    },
)

NAME = {"forEach": "name", "column": [{"name": "family", "path": "family", "type": "string"}]}
GIVEN = {"forEach": "name.given", "column": [{"name": "given", "path": "$this", "type": "string"}]}
TELECOM = {"forEach": "telecom", "column": [{"name": "system", "path": "system", "type": "code"}]}


def rows(patient: dict[str, Any], *selects: dict[str, Any], **more: Any) -> list[tuple[Any, ...]]:
    return View.parse({"resource": "Patient", "select": list(selects), **more}).rows(patient)


def renamed(select: dict[str, Any], name: str) -> dict[str, Any]:
    return {**select, "column": [{**select["column"][0], "name": name, "type": "string"}]}


@quick
@given(patients)
def test_siblings_are_a_product(patient: dict[str, Any]) -> None:
    expected = [a + b for a, b in product(rows(patient, NAME), rows(patient, TELECOM))]
    assert rows(patient, NAME, TELECOM) == expected


@quick
@given(patients)
def test_a_union_is_a_concatenation(patient: dict[str, Any]) -> None:
    parts = [renamed(one, "x") for one in (NAME, GIVEN, TELECOM)]
    expected = [row for part in parts for row in rows(patient, part)]
    assert rows(patient, {"unionAll": parts}) == expected


@quick
@given(patients)
def test_nested_loops_are_one_path(patient: dict[str, Any]) -> None:
    inner = {"forEach": "given", "column": GIVEN["column"]}
    assert rows(patient, {"forEach": "name", "select": [inner]}) == rows(patient, GIVEN)


@quick
@given(patients)
def test_or_null_adds_a_row_only_where_there_is_none(patient: dict[str, Any]) -> None:
    found = rows(patient, {"forEachOrNull": "name", "column": NAME["column"]})
    assert found == (rows(patient, NAME) or [(None,)])
    found = rows(patient, {"forEachOrNull": "name.given", "column": GIVEN["column"]})
    assert found == (rows(patient, GIVEN) or [(None,)])


@quick
@given(patients)
def test_where_keeps_all_rows_or_none(patient: dict[str, Any]) -> None:
    found = rows(patient, NAME, where=[{"path": "active"}])
    assert found == (rows(patient, NAME) if patient.get("active") else [])


@quick
@given(patients)
def test_row_index_counts_the_items(patient: dict[str, Any]) -> None:
    index = {"name": "i", "path": "%rowIndex", "type": "integer"}
    found = rows(patient, {"forEach": "name", "column": [index]})
    assert found == [(i,) for i in range(len(patient.get("name", [])))]


PATHS = [
    "name.family",
    "name.given.first()",
    "name.where(use = 'a').family",
    "name.where(use != 'a' and family.exists()).given",
    "name.where((use = 'a').not() or given.empty()).family",
    "name.exists(use = 'b')",
    "name.given.count()",
    "name[1].family",
    "contact.name.where(use = 'c').given",
    "telecom.where(system = 'a' xor value = 'b').value",
    "active = true implies name.exists()",
    "name.select(given.first())",
    "name.family | contact.name.family",
]


@quick
@given(patients, st.sampled_from(PATHS))
def test_columns_are_what_the_path_finds(patient: dict[str, Any], path: str) -> None:
    column = {"name": "x", "path": path, "type": "string", "collection": True}
    view = View.parse({"resource": "Patient", "select": [{"column": [column]}]})
    nodes = compile(path).nodes(patient)
    plain = [getattr(node, "value", node) for node in nodes]
    assert view.values(patient) == [(plain,)]
