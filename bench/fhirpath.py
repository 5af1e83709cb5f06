"""The expressions of R4's search parameters, against fhirpathpy on the same resources.

python bench/fhirpath.py [FOLDER WITH SYNTHEA]
"""

from __future__ import annotations

import gzip
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fhirpathpy
from fhirpathpy.models import models

from nabd.fhir import definitions, json
from nabd.fhir.fhirpath import compile  # noqa: A004

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "synthea"
TYPES = ("Patient", "Encounter", "Observation", "Condition")


def resources(folder: Path, limit: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {kind: [] for kind in TYPES}
    for path in sorted(folder.glob("*.json.gz")):
        for entry in json.decode(gzip.decompress(path.read_bytes()))["entry"]:
            kind = entry["resource"]["resourceType"]
            if kind in found and len(found[kind]) < limit:
                found[kind].append(entry["resource"])
        if all(len(some) >= limit for some in found.values()):
            break
    return found


def expressions(kind: str) -> list[str]:
    """List the expressions that both can run: the peer refuses ``as`` on several items."""
    found = {p.expression for p in definitions.search_parameters(kind).values() if p.expression}
    return sorted(one for one in found if "resolve()" not in one and " as " not in one)


def seconds(run: Any, some: list[Any]) -> float:
    start = time.perf_counter()
    for resource in some:
        run(resource)
    return (time.perf_counter() - start) / len(some)


def nabd(kind: str) -> Any:
    paths = [compile(one, kind) for one in expressions(kind)]
    return lambda resource: [path(resource) for path in paths]


def general(kind: str) -> Any:
    paths = [compile(one, kind) for one in expressions(kind)]
    return lambda resource: [path.nodes(resource) for path in paths]


def peer(kind: str) -> Any:
    paths = [fhirpathpy.compile(one, models["r4"]) for one in expressions(kind)]
    return lambda resource: [path(resource) for path in paths]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    some = resources(folder, 200)
    python = platform.python_version()
    print(f"{platform.machine()}, Python {python}, fhirpathpy {version('fhirpathpy')}, one core")
    print(
        f"{'type':12} {'paths':>6} {'µs':>8} {'closures µs':>12} {'fhirpathpy µs':>14} {'ratio':>6}"
    )
    for kind in TYPES:
        own = min(seconds(nabd(kind), some[kind]) for _ in range(3))
        closures = min(seconds(general(kind), some[kind]) for _ in range(3))
        other = seconds(peer(kind), some[kind][:10])
        figures = (own * 1e6, closures * 1e6, other * 1e6, other / own)
        count = f"{kind:12} {len(expressions(kind)):6}"
        print(count + " {:8.1f} {:12.1f} {:14.1f} {:6.0f}".format(*figures))


if __name__ == "__main__":
    main()
