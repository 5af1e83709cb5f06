"""Write ``docs/reference/conformance.md`` from the public suites and the tables of their tests.

    python tools/suites.py

The tests prove that the tables are exact: what is listed differs, and everything else passes.
``tests/docs/test_conformance.py`` proves that the page is current.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "conformance.md"
sys.path.insert(0, str(ROOT / "tests"))

from conformance import (  # noqa: E402
    test_examples,
    test_fhirpath,
    test_sql_on_fhir,
    test_validation,
)

NOTE = "<!-- Written by tools/suites.py: change the tests, then `make docs`. -->\n"
INTRODUCTION = """\
The public suites that `make test` runs. A case counts as differing when its verdict is another
than the suite's; each one is listed below with the reason, and a test fails when one that is listed
passes, or one that is not listed fails. A part of each suite is kept for acceptance and is not in
these counts.
"""


def page(shared: Path) -> str:
    """Return the page; ``shared`` is the folder with the suites and the data."""
    return NOTE + "\n".join(_lines(shared)).rstrip() + "\n"


def _lines(shared: Path) -> Iterator[str]:
    paths = test_fhirpath.cases(shared)
    sql = [case for _, suite in test_sql_on_fhir.suites(shared) for case in suite["tests"]]
    judged = test_validation.cases(shared)
    examples = sum(1 for _ in test_examples.examples(shared))
    files, resources = _synthea(shared)
    yield "# Conformance\n"
    yield INTRODUCTION
    yield "| suite | cases | as the suite says | differing | out of scope | agreement |"
    yield "|---|--:|--:|--:|--:|--:|"
    yield _row("FHIRPath R4 (FHIR/fhir-test-cases)", len(paths), len(test_fhirpath.DEVIATIONS))
    yield _row("SQL on FHIR v2 (FHIR/sql-on-fhir-v2)", len(sql), 0)
    out = len(test_validation.OUT_OF_SCOPE)
    yield _row("validation (FHIR/fhir-test-cases, validator)", len(judged), 0, out)
    yield _row("examples of FHIR R4, accepted", examples, len(test_examples.EXCEPTIONS))
    yield _row(f"Synthea, accepted ({files} files)", resources, 0)
    yield "\nOf Synthea every fifth file is checked here; `make bench` checks and loads all."
    yield "\n## FHIRPath: answered otherwise\n"
    yield from _reasons("case", test_fhirpath.DEVIATIONS)
    yield "\n## Validation: out of scope\n"
    yield "Verdicts that need a terminology server or a package from elsewhere, and verdicts that"
    yield "options of the reference validator reverse: rules that it does not apply by default, as"
    yield "FHIR R4 does not have them.\n"
    yield from _reasons("case", test_validation.OUT_OF_SCOPE)
    yield "\n## Examples of FHIR R4: refused\n"
    refused = {name: f"{code}: {why}" for name, (code, why) in test_examples.EXCEPTIONS.items()}
    yield from _reasons("example", refused)


def _row(suite: str, cases: int, differing: int, out: int = 0) -> str:
    good = cases - differing
    share = f"{100 * good / cases:.1f} %"
    cells = (suite, f"{cases + out:,}", f"{good:,}", str(differing), str(out), share)
    return "| " + " | ".join(cells) + " |"


def _reasons(head: str, reasons: Mapping[str, str]) -> Iterator[str]:
    yield f"| {head} | reason |"
    yield "|---|---|"
    yield from (f"| `{name}` | {why} |" for name, why in _sorted(reasons.items()))


def _sorted(items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(items, key=lambda item: (item[1], item[0]))


def _synthea(shared: Path) -> tuple[int, int]:
    paths = test_examples.synthea(shared)
    bundles = (gzip.decompress(path.read_bytes()) for path in paths)
    return len(paths), sum(len(msgspec.json.decode(raw)["entry"]) for raw in bundles)


def main() -> None:
    """Write the page."""
    shared = Path(os.environ.get("NABD_SHARED", ROOT.parent / "shared"))
    PAGE.write_text(page(shared), "utf-8")


if __name__ == "__main__":
    main()
