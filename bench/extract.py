"""Measure the extraction of all search parameters, beside fhirpathpy on the same resources.

    python -m bench.extract [FOLDER] [--sample N]

fhirpathpy compiles each expression once too; it only finds the values, and hashes nothing.
"""

from __future__ import annotations

import argparse
import gzip
import os
import time
from collections import Counter
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

from bench.figures import Figure, show
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
    beside = f"fhirpathpy {version('fhirpathpy')} {other:,.0f}/s; ours {mine:,.0f}/s"
    each = ", ".join(f"{n / len(found):.1f} {name}" for name, n in counts(found).items())
    show(
        [
            Figure(
                "extracting all search parameters, per core",
                f"{mine / other:.0f} times",
                f"≥ {GOAL} times",
                beside,
            ),
            Figure("index of one resource", each, ""),
        ]
    )


if __name__ == "__main__":
    main()
