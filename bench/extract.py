"""Measure the extraction of all search parameters, beside fhirpathpy on the same resources.

    python bench/extract.py [FOLDER] [--sample N]

fhirpathpy compiles each expression once too; it only finds the values, and hashes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import time
from collections import Counter
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

from nabd.fhir.definitions import search_parameters
from nabd.fhir.json import decode
from nabd.fhir.search import index

SYNTHEA = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[2] / "shared")) / "data/synthea"
EVERY = 6  # one file in so many: enough for a stable figure
GOAL = 20


def resources(folder: Path) -> list[dict[str, Any]]:
    """Read a part of the Bundles."""
    files = sorted(folder.rglob("*.json.gz"))[::EVERY]
    bundles = (decode(gzip.decompress(path.read_bytes())) for path in files)
    return [entry["resource"] for bundle in bundles for entry in bundle["entry"]]


def ours(found: list[dict[str, Any]]) -> float:
    """Measure resources per second, after the caches are warm, as in a long load."""
    for resource in found:
        index(resource)
    start = time.perf_counter()
    for resource in found:
        index(resource)
    return len(found) / (time.perf_counter() - start)


def theirs(found: list[dict[str, Any]]) -> float:
    """Measure the same with fhirpathpy; what it cannot evaluate costs it nothing."""
    compiled = {t: _compiled(t) for t in {resource["resourceType"] for resource in found}}
    start = time.perf_counter()
    for resource in found:
        for expression in compiled[resource["resourceType"]]:
            with suppress(ValueError):  # "as" on several items
                expression(resource)
    return len(found) / (time.perf_counter() - start)


def _compiled(resource_type: str) -> list[Any]:
    expressions = []
    for parameter in search_parameters(resource_type).values():
        plain = parameter.type not in ("composite", "special") and parameter.expression
        if plain and "resolve()" not in parameter.expression:
            path = fhirpathpy.compile(parameter.expression, models["r4"])
            if _works(path, resource_type):
                expressions.append(path)
    return expressions


def _works(path: Any, resource_type: str) -> bool:
    try:
        path({"resourceType": resource_type})
    except Exception:  # whatever a foreign library raises, its expression is left out
        return False
    return True


def counts(found: list[dict[str, Any]]) -> Counter[str]:
    """Count what is indexed."""
    total: Counter[str] = Counter()
    for resource in found:
        one = index(resource)
        for name in ("terms", "dates", "numbers", "strings"):
            total[name] += len(getattr(one, name))
    return total


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SYNTHEA)
    parser.add_argument("--sample", type=int, default=1_500, help="resources for fhirpathpy")
    options = parser.parse_args()
    found = resources(options.folder)
    mine = ours(found)
    other = theirs(found[:: max(1, len(found) // options.sample)])
    print(f"{platform.machine()}, Python {platform.python_version()}, one core")
    print(f"{'extract all search parameters':40}{'resources/s':>12}")
    print(f"{f'nabd ({len(found):,} resources)':40}{mine:12,.0f}")
    print(f"{'fhirpathpy ' + version('fhirpathpy'):40}{other:12,.0f}")
    print(f"{f'times (goal {GOAL})':40}{mine / other:12,.1f}")
    for name, total in counts(found).items():
        print(f"{name + ' per resource':40}{total / len(found):12,.2f}")


if __name__ == "__main__":
    main()
