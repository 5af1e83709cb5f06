"""The table of roles and the custodians: pure, so they can be tried exhaustively."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd.access import rules
from nabd.access.custody import (
    CUSTODIAN,
    CUSTODIAN_EXTENSION,
    JOINT_EXTENSION,
    PAYER,
    custodians_of,
    scope_of_resource,
    scope_terms,
)
from nabd.access.queries import parse_queries
from nabd.access.rules import OPEN_TYPES, ROLES, Place
from nabd.errors import Problem
from nabd.fhir.definitions import RESOURCE_TYPES, elements
from nabd.fhir.json import Json

CODES = st.text("abc012.", min_size=1, max_size=5)
PLACES = st.builds(Place, st.sampled_from(rules.KINDS[1:]), CODES)


@pytest.mark.parametrize("name", ROLES)
def test_a_role_reads_and_writes_types_of_r4(name: str) -> None:
    role = ROLES[name]
    assert role.reads <= set(RESOURCE_TYPES)
    assert role.writes <= role.reads
    assert role.purpose in rules.PURPOSES
    assert set(OPEN_TYPES) <= role.reads


@pytest.mark.parametrize("name", ["planner", "auditor"])
def test_who_plans_or_audits_reads_nobodys_record(name: str) -> None:
    clinical = {"Patient", "Encounter", "Observation", "Condition", "Claim", "Coverage"}
    assert not clinical & ROLES[name].reads


def test_an_open_type_has_no_element_that_leads_to_a_patient() -> None:
    for type_name in OPEN_TYPES:
        targets = {t for element in elements(type_name).values() for t in element.targets or ()}
        assert "Patient" not in {str(t).rsplit("/", 1)[-1] for t in targets}, type_name


@pytest.mark.parametrize("type_name", [*CUSTODIAN, *PAYER])
def test_a_custodian_is_named_by_an_element_that_may_refer_to_an_organization(
    type_name: str,
) -> None:
    for path in (*CUSTODIAN.get(type_name, ()), *PAYER.get(type_name, ())):
        here = type_name
        *backbones, last = path.split(".")
        for step in backbones:
            here = f"{here}.{step}"
        found = elements(here)[last]
        assert found.type == "Reference", path
        names = {str(t).rsplit("/", 1)[-1] for t in found.targets or ()}
        assert names & {"Organization", "Resource", "Any"} or not names, path


def reference(id_: str) -> dict[str, str]:
    return {"reference": f"Organization/{id_}"}


@pytest.mark.parametrize(
    ("resource", "writer", "source", "expected"),
    [
        ({"resourceType": "Patient", "managingOrganization": reference("a")}, "w", "s", ("a",)),
        ({"resourceType": "Patient"}, "w", "s", ("w",)),
        ({"resourceType": "Patient"}, "", "s", ("s",)),
        ({"resourceType": "Patient"}, "", "", ()),
        ({"resourceType": "Organization", "id": "o"}, "w", "", ("o",)),
        ({"resourceType": "Organization", "id": "o", "partOf": reference("p")}, "", "", ("o", "p")),
        (
            {"resourceType": "Observation", "performer": [{"reference": "Practitioner/1"}]},
            "w",
            "",
            ("w",),
        ),
        (
            {
                "resourceType": "Claim",
                "provider": reference("hospital"),
                "insurer": reference("fund"),
            },
            "",
            "",
            ("hospital", "fund"),
        ),
        (
            {"resourceType": "Procedure", "performer": [{"actor": reference("a")}]},
            "",
            "",
            ("a",),
        ),
        (
            {
                "resourceType": "Encounter",
                "serviceProvider": {"reference": "Organization/a/_history/2"},
            },
            "",
            "",
            ("a",),
        ),
    ],
)
def test_the_custodian_is_named_or_it_is_the_writer_or_the_source(
    resource: dict[str, object], writer: str, source: str, expected: tuple[str, ...]
) -> None:
    assert custodians_of(resource, writer, source) == expected


@settings(max_examples=200, deadline=None)
@given(PLACES, st.lists(CODES, max_size=3), st.dictionaries(CODES, st.tuples(CODES, CODES)))
def test_a_scope_sees_exactly_what_its_place_answers_for(
    place: Place, custodians: list[str], where: dict[str, tuple[str, str]]
) -> None:
    terms = scope_terms(custodians, where)
    inside = (
        place.code in custodians
        if place.kind == "facility"
        else any(place.code in where.get(one, ()) for one in custodians)
    )
    assert rules.may_see(rules.scope_of(place), terms, "Patient") == inside
    assert rules.may_see(rules.scope_of(place), terms, "Organization")
    assert rules.may_write(rules.scope_of(place), terms) == inside
    assert rules.may_see(rules.scope_of(Place()), terms, "Patient")


@settings(max_examples=200, deadline=None)
@given(
    PLACES,
    st.lists(CODES, min_size=1, max_size=3),
    st.lists(CODES, max_size=1),
    st.dictionaries(CODES, st.tuples(CODES, CODES)),
)
def test_what_compares_records_is_seen_by_who_sees_each_of_them(
    place: Place, keepers: list[str], own: list[str], where: dict[str, tuple[str, str]]
) -> None:
    named = [(JOINT_EXTENSION, one) for one in keepers] + [(CUSTODIAN_EXTENSION, o) for o in own]
    task: Json = {
        "resourceType": "Task",
        "extension": [{"url": url, "valueReference": reference(one)} for url, one in named],
        "requester": reference(*own) if own else None,
    }
    terms = scope_of_resource(task, where, writer="w", source="s")
    scope = rules.scope_of(place)
    each = [rules.may_see(scope, scope_terms([one], where), "Patient") for one in keepers]
    assert rules.may_see(scope, terms, "Task") == all(each)
    assert rules.may_write(scope, terms) == all(each)


def test_a_named_query_keeps_casts_texts_and_comments_apart_from_values() -> None:
    found = parse_queries(
        """
-- name: one
-- What it answers.
-- permission: quality
select ':no', x::text, :a::int -- :neither
from t where b = :b and c = :a;

-- name: two
select 1
"""
    )
    one = found["one"]
    assert (one.summary, one.permission, one.parameters) == (
        "What it answers.",
        "quality",
        ("a", "b"),
    )
    assert re.sub(r"\s+", " ", one.sql) == (
        "select ':no', x::text, $1::int from t where b = $2 and c = $1"
    )
    assert one.arrange({"b": 2, "a": 1}) == [1, 2]
    assert (found["two"].permission, found["two"].parameters) == ("aggregates", ())
    with pytest.raises(Problem):
        one.arrange({"a": 1})
