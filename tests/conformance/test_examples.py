"""The examples of the R4 specification, and Synthea's hospitals: real resources are accepted."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from nabd.errors import Problem
from nabd.fhir import json
from nabd.fhir.check import check, check_value

_BLANK = "The narrative is blank, which txt-2 forbids."
_TARGET = "A reference names a type that its element does not allow."
_URN = "A urn:oid: or urn:uuid: is none (X.Y.Z, upper case)."
_URL = "The fullUrl of an entry ends with another id than the resource's."

#: Examples that break the specification they come from, each with the code and the reason.
EXCEPTIONS = {
    "ActivityDefinition/blood-tubes-supply": ("N2114", _BLANK),
    "ActivityDefinition/heart-valve-replacement": ("N2114", _BLANK),
    "EventDefinition/example": ("N2114", _BLANK),
    "Questionnaire/zika-virus-exposure-assessment": ("N2114", _BLANK),
    "Questionnaire/qs1": ("N2011", "Groups have no linkId, which is 1..1."),
    "Bundle/10bb101f-a121-4264-a920-67be9cb82c74": ("N2123", _URL),
    "Bundle/3a0707d3-549e-4467-b8b8-5a2ab3800efe": ("N2123", _URL),
    "Bundle/lri-example": ("N2123", _URL),
    "DeviceMetric/example": ("N2126", _TARGET),
    "DeviceUseStatement/example": ("N2126", _TARGET),
    "MedicationRequest/medrx0301": ("N2126", _TARGET),
    "Observation/clinical-gender": ("N2126", _TARGET),
    "Observation/f202": ("N2137", "A body temperature has no time, which vital signs need."),
    "Library/zika-virus-intervention-logic": ("N2016", _URN),
    "TerminologyCapabilities/example": ("N2016", _URN),
}


def examples(shared: Path) -> Iterator[tuple[str, bytes]]:
    with gzip.open(shared / "conformance/r4-examples.ndjson.gz") as lines:
        for line in lines:
            value = json.decode(line)
            yield f"{value['resourceType']}/{value['id']}", line


def codes(raw: bytes) -> set[str]:
    try:
        check(raw)
    except Problem as problem:
        return {i.code for i in problem.issues}
    return set()


def test_examples_of_the_specification_are_accepted(shared: Path) -> None:
    refused = {name: codes(raw) for name, raw in examples(shared) if codes(raw)}
    assert refused == {name: {code} for name, (code, _) in EXCEPTIONS.items()}


def test_values_in_memory_are_judged_like_their_bytes(shared: Path) -> None:
    for name, raw in examples(shared):
        if name in EXCEPTIONS:
            with pytest.raises(Problem):
                check_value(json.decode(raw))
        else:
            check_value(json.decode(raw))


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def synthea(shared: Path) -> list[Path]:
    return sorted((shared / "data/synthea").glob("*.json.gz"))[::5]


def test_synthea_is_accepted(shared: Path) -> None:
    """Every fifth file, as the Bundle it is and as its resources; `bench/check.py` reads all."""
    for path in synthea(shared):
        raw = gzip.decompress(path.read_bytes())
        assert check(raw)["resourceType"] == "Bundle"
        for entry in msgspec.json.decode(raw, type=_Bundle).entry:
            check(bytes(entry.resource))
