"""The SQL on FHIR v2 suite (FHIR/sql-on-fhir-v2, tests): the cases given, all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nabd.errors import Problem
from nabd.fhir import json
from nabd.fhir.view import View


def suites(shared: Path) -> list[tuple[str, dict[str, Any]]]:
    folder = shared / "conformance/sql-on-fhir"
    return [(path.stem, json.decode(path.read_bytes())) for path in sorted(folder.glob("*.json"))]


def table(view: View, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [name for name, _ in view.columns]
    for resource in resources:
        view.rows(resource)  # what the store gets must not fail either
    return [dict(zip(names, row, strict=True)) for one in resources for row in view.values(one)]


def unordered(rows: list[dict[str, Any]]) -> list[bytes]:
    return sorted(json.encode_sorted(row) for row in rows)


def failure(case: dict[str, Any], resources: list[dict[str, Any]]) -> str:
    """Say why a case fails; "" when it passes."""
    try:
        view = View.parse(case["view"])
        rows = table(view, resources)
    except Problem as problem:
        return "" if case.get("expectError") else f"raised {problem}"
    if case.get("expectError"):
        return "expected an error"
    if "expectColumns" in case and [name for name, _ in view.columns] != case["expectColumns"]:
        return f"columns {view.columns}"
    return "" if unordered(rows) == unordered(case["expect"]) else f"got {rows}"


def test_suite(shared: Path) -> None:
    """Every case of every file passes."""
    failures = {
        f"{name}: {case['title']}": why
        for name, suite in suites(shared)
        for case in suite["tests"]
        if (why := failure(case, suite["resources"]))
    }
    assert failures == {}
