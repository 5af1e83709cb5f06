"""Extraction against FHIRPath, on the official examples of every resource type."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nabd.fhir.definitions import RESOURCE_TYPES, compartment, search_parameters
from nabd.fhir.fhirpath import compile as compile_path
from nabd.fhir.json import Json, decode
from nabd.fhir.search import index, parameters, term
from nabd.fhir.search.compartments import COMPARTMENTS, member_of
from nabd.fhir.search.hashing import branch_mask, key


@pytest.fixture(scope="module")
def examples(shared: Path) -> list[Json]:
    packed = gzip.decompress((shared / "conformance/r4-examples.ndjson.gz").read_bytes())
    return [decode(line) for line in packed.splitlines()]


#: Choices of which one type cannot be what the parameter is: a text that is no date, a document
#: that is no reference.  There the parameter is missing, although the element is not.
OTHER_TYPES = {
    ("CarePlan", "activity-date"),
    ("Consent", "source-reference"),
    ("Immunization", "date"),
}


def test_every_parameter_of_r4_can_be_searched() -> None:
    for resource_type in RESOURCE_TYPES:
        declared = search_parameters(resource_type)
        without = {code for code, p in declared.items() if not p.expression}
        assert set(declared) - set(parameters(resource_type)) == without
        for code, parameter in parameters(resource_type).items():
            assert parameter.branches or parameter.pairings or code in ("_id", "_lastUpdated")


def test_presence_is_what_fhirpath_finds(examples: list[Json]) -> None:
    """``:missing`` answers as the official expression does, for each parameter and example."""
    different = []
    for resource in examples:
        bits = index(resource).terms[0]
        for code, parameter in parameters(resource["resourceType"]).items():
            expression = search_parameters(resource["resourceType"])[code].expression
            known = (resource["resourceType"], code) in OTHER_TYPES
            if not parameter.bit or known or "resolve()" in expression:
                continue
            found = compile_path(expression, resource["resourceType"])(resource)
            if bool(bits & parameter.bit) != bool(found):
                different.append((resource["resourceType"], resource["id"], code))
    assert different == []


def test_a_reference_gives_its_key_back(examples: list[Json]) -> None:
    for resource in examples:
        if resource["resourceType"] == "Observation" and "subject" in resource:
            kind, _, id_ = resource["subject"].get("reference", "").partition("/")
            mask = branch_mask("Observation.subject")
            if id_ and not kind.startswith("#"):
                assert key(kind, id_) in {one ^ mask for one in index(resource).terms}


def test_terms_are_64_bits_and_the_first_are_presence(examples: list[Json]) -> None:
    for resource in examples:
        terms = index(resource).terms
        assert all(-(1 << 63) <= one < 1 << 63 for one in terms)
        assert 0 <= terms[0] < 1 << 62
        assert len(set(terms[1:])) == len(terms) - 1


def test_no_type_has_more_parameters_than_presence_has_bits() -> None:
    for resource_type in RESOURCE_TYPES:
        assert sum(p.bit for p in parameters(resource_type).values()) < 1 << 62


def test_what_all_types_share_has_the_same_bits() -> None:
    for code in ("_tag", "_profile", "_security", "_source"):
        assert len({parameters(t)[code].bit for t in RESOURCE_TYPES}) == 1


def test_compartments_are_asked_by_references() -> None:
    for name in COMPARTMENTS:
        for resource_type in compartment(name):
            assert member_of(name, "1", (resource_type,))


def test_hashes_are_stable() -> None:
    """What is written today must be found by every later release."""
    assert term("Patient/1") == key("Patient", "1") == -3_877_984_980_618_929_415
