"""The page of conformance says what the suites' tests prove."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_conformance_is_current(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location("suites", ROOT / "tools/suites.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = module.PAGE.read_text("utf-8")
    assert written == module.page(shared), "docs/reference/conformance.md is not current: make docs"


def test_validation_cases_out_of_scope_are_those_of_the_suite(shared: Path) -> None:
    from conformance import test_validation

    named = {case["name"] for case in test_validation.suite(shared)}
    assert named >= test_validation.OUT_OF_SCOPE.keys()
