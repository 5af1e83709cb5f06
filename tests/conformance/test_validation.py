"""The reference validator's verdicts (FHIR/fhir-test-cases, validator): a part of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nabd.errors import Problem
from nabd.fhir import json
from nabd.fhir.check import check

_EXTENSION = "The verdict needs the package that defines the extension."
_DISPLAY = "The verdict needs a terminology server: a display of LOINC, ICD-10 or CVX."
_OPTION = "The verdict comes from an option of the validator, not from the standard: "

#: Cases whose verdict is not a matter of the standard alone, each with the reason.
OUT_OF_SCOPE = {
    "dr-example-org": _OPTION + "it forbids example.org.",
    "pat-security-bad-string": _OPTION + "it forbids texts that look like HTML.",
    "pat-example-extensions": _OPTION + "it forbids example.org.",
    "bad-markdown-no-html": _OPTION + "it forbids what looks like HTML in markdown.",
    "contained-resource-bad-id-ignore": (
        _OPTION + "it ignores the format of an id (refused as contained-resource-bad-id)."
    ),
    "cs-narrative-status-pub": _OPTION
    + "it asks for what HL7 publishes (accepted as cs-narrative-status).",
    "pat-dob-ext": _EXTENSION,
    "target-ref-profile-empty": _EXTENSION,
    "nested-questionnaire-nested-valueset": _EXTENSION,
    "patient-with-turvakielto": _EXTENSION,
    "cvx": _DISPLAY,
    "bundle-id-5": _DISPLAY,
    "ips-nz-pj": _DISPLAY,
    "vs-bad-ecl": "The verdict needs a terminology server: SNOMED CT's expressions.",
    "vs-bad-ecl-us": "The verdict needs a terminology server: SNOMED CT's expressions.",
}


def suite(shared: Path) -> list[dict[str, Any]]:
    found = json.decode((shared / "conformance/validation/cases.json").read_bytes())
    given: list[dict[str, Any]] = found["cases"]
    return given


def cases(shared: Path) -> list[dict[str, Any]]:
    return [c for c in suite(shared) if c["name"] not in OUT_OF_SCOPE]


def places(shared: Path, case: dict[str, Any]) -> list[str]:
    """Where Nabd finds problems; empty when it accepts."""
    try:
        check((shared / "conformance/validation/cases" / case["file"]).read_bytes())
    except Problem as problem:
        return [i.path for i in problem.issues]
    return []


def reference_places(case: dict[str, Any]) -> list[str]:
    errors = case["reference_errors"]
    expressions = [place for error in errors for place in error["expression"] or [""]]
    return [re.sub(r"/\*.*?\*/", "", place) for place in expressions]


def test_the_suite_is_here(shared: Path) -> None:
    assert len(cases(shared)) >= 70


def test_verdicts_are_those_of_the_reference_validator(shared: Path) -> None:
    wrong = [c["name"] for c in cases(shared) if bool(places(shared, c)) != _rejected(c)]
    assert wrong == []


def _rejected(case: dict[str, Any]) -> bool:
    return bool(case["reference_errors"])


def test_problems_are_found_where_the_reference_validator_finds_them(shared: Path) -> None:
    """At the same place, or at the very child that the reference names by its parent."""
    elsewhere = {
        case["name"]: (places(shared, case), reference_places(case))
        for case in cases(shared)
        if _rejected(case) and not _meet(places(shared, case), reference_places(case))
    }
    assert elsewhere == {}


def _meet(found: list[str], expected: list[str]) -> bool:
    return any(f == e or f.rpartition(".")[0] == e for f in found for e in expected)
