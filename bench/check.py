"""Measure how fast resources are checked: ``python -m bench.check FOLDER_OF_BUNDLES [FILES]``.

Prints resources a second on one core for the check of Nabd (structure, formats, bindings,
invariants, repeated keys), beside a generic decode that checks nothing and, if it is installed,
``fhir.resources`` (structure only) on the same resources, in the same order: what a check
remembers depends on what comes one after the other.
"""

from __future__ import annotations

import gzip
import importlib
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from bench.figures import Figure, show
from nabd.fhir import json
from nabd.fhir.check import check


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


def resources(folder: Path, files: int) -> list[bytes]:
    """Read the resources of Bundles, minified, as an NDJSON export has them."""
    bundle = msgspec.json.Decoder(_Bundle)
    texts = (gzip.decompress(p.read_bytes()) for p in sorted(folder.glob("*.json.gz"))[:files])
    return [
        bytes(entry.resource)
        for text in texts
        for entry in bundle.decode(msgspec.json.format(text, indent=-1)).entry
    ]


def rates(raws: list[bytes], *works: Callable[[bytes], Any], rounds: int = 3) -> list[float]:
    """Return resources per second of processor time for each work, the best of some rounds.

    The works take turns, so that a busy machine is busy for all of them.
    """
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        best = [min(b, _seconds(w, raws)) for b, w in zip(best, works, strict=True)]
    return [len(raws) / seconds for seconds in best]


def _seconds(work: Callable[[bytes], Any], raws: list[bytes]) -> float:
    start = time.process_time()
    for raw in raws:
        work(raw)
    return time.process_time() - start


def peer() -> Callable[[bytes], Any] | None:
    """Return a check by ``fhir.resources`` for R4B, its nearest version; None if not there."""
    try:
        construct = importlib.import_module("fhir.resources.R4B").get_fhir_model_class
    except ImportError:
        return None

    def work(raw: bytes) -> None:
        value = msgspec.json.decode(raw)
        construct(value["resourceType"]).model_validate(value)

    return work


def accepted(work: Callable[[bytes], Any], raws: Iterable[bytes]) -> list[bytes]:
    """Keep what the peer accepts: R4B has renamed a few elements."""
    found = []
    for raw in raws:
        try:
            work(raw)
        except ValueError:
            continue
        found.append(raw)
    return found


def main(folder: str, files: str = "300") -> None:
    """Measure, and show what was measured."""
    raws = resources(Path(folder), int(files))
    mine, plain = rates(raws, check, json.decode)
    beside = f"generic decode, no check {plain:,.0f}/s"
    name = f"checking alone, {len(raws):,} resources, per core"
    figures = [Figure(name, f"{mine:,.0f}/s", "", beside)]
    other = peer()
    if other:
        common = accepted(other, raws)
        theirs, ours = rates(common, other, check)
        of = f"{len(common):,} resources"
        beside = f"fhir.resources {version('fhir.resources')} {theirs:,.0f}/s, on {of}"
        value = f"{ours / theirs:.1f} times"
        figures.append(Figure("checking alone, beside its peer", value, "≥ 15 times", beside))
    show(figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
