"""Rows of ViewDefinitions: microseconds per resource on Synthea's Patients and Encounters.

python bench/view.py [FOLDER WITH SYNTHEA]
"""

from __future__ import annotations

import gzip
import platform
import sys
import time
from pathlib import Path
from typing import Any

from nabd.fhir import json
from nabd.fhir.view import View

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "synthea"

PATIENT = {
    "name": "patient_demography",
    "resource": "Patient",
    "select": [
        {
            "column": [
                {"name": "id", "path": "getResourceKey()", "type": "id"},
                {"name": "gender", "path": "gender", "type": "code"},
                {"name": "birth_date", "path": "birthDate", "type": "date"},
                {"name": "deceased", "path": "deceased.ofType(dateTime)", "type": "dateTime"},
                {
                    "name": "family",
                    "path": "name.where(use = 'official').family.first()",
                    "type": "string",
                },
                {"name": "city", "path": "address.first().city", "type": "string"},
                {
                    "name": "ssn",
                    "path": "identifier.where(type.coding.where(code = 'SS').exists())"
                    ".value.first()",
                    "type": "string",
                },
            ]
        }
    ],
}
ENCOUNTER = {
    "name": "encounter",
    "resource": "Encounter",
    "where": [{"path": "status = 'finished'"}],
    "select": [
        {
            "column": [
                {"name": "id", "path": "getResourceKey()", "type": "id"},
                {"name": "patient", "path": "subject.getReferenceKey(Patient)", "type": "id"},
                {"name": "class", "path": "class.code", "type": "code"},
                {"name": "start", "path": "period.start", "type": "dateTime"},
                {"name": "end", "path": "period.end", "type": "dateTime"},
            ]
        },
        {
            "forEachOrNull": "type.coding",
            "column": [{"name": "code", "path": "code", "type": "code"}],
        },
    ],
}


def resources(folder: Path, kinds: set[str], limit: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for path in sorted(folder.glob("*.json.gz")):
        for entry in json.decode(gzip.decompress(path.read_bytes()))["entry"]:
            kind = entry["resource"]["resourceType"]
            if kind in found and len(found[kind]) < limit:
                found[kind].append(entry["resource"])
        if all(len(some) >= limit for some in found.values()):
            break
    return found


def microseconds(view: View, some: list[Any]) -> float:
    """Take the best of five runs over all resources."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for resource in some:
            view.rows(resource)
        best = min(best, time.perf_counter() - start)
    return best / len(some) * 1e6


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    some = resources(folder, {"Patient", "Encounter"}, 1000)
    print(f"{platform.machine()}, Python {platform.python_version()}, one core")
    print(f"{'view':20} {'resources':>10} {'columns':>8} {'µs/resource':>12}")
    for definition in (PATIENT, ENCOUNTER):
        view = View.parse(definition)
        rows = some[view.resource]
        print(
            f"{view.name:20} {len(rows):10} {len(view.columns):8} {microseconds(view, rows):12.2f}"
        )


if __name__ == "__main__":
    main()
