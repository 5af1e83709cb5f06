"""The style of the house, checked by machine: types, lint, imports, texts, sizes."""

from __future__ import annotations

import ast
import re
import statistics
import string
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from nabd.errors import LANGUAGES, Entry, catalogue
from nabd.fhir.definitions import value_set

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "nabd"
LONGEST_FILE = 350  # lines
MEDIAN_FUNCTION = 10  # lines
CODE = re.compile(r'"(N\d{4})"')
ISSUE_TYPES = "http://hl7.org/fhir/ValueSet/issue-type"


@cache
def sources() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "src/nabd"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ],
    ids=["types", "lint", "format"],
)
def test_a_checker_has_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_one_way() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("code", catalogue())
def test_a_problem_is_said_in_three_languages(code: str) -> None:
    entry = catalogue()[code]
    for prefix in ("", "hint_"):
        texts = [getattr(entry, prefix + language) for language in LANGUAGES]
        assert len({bool(text) for text in texts}) == 1, f"{code} misses a language"
        assert len({frozenset(placeholders(text)) for text in texts}) == 1, code
    assert entry.en.strip() == entry.en
    assert entry.en.endswith((".", "?", "}")), code
    assert re.search("[\u0600-\u06ff]", entry.ar), f"{code} has no Arabic"
    assert 200 <= entry.status <= 599
    known = value_set(ISSUE_TYPES)
    assert known
    assert entry.issue in known.codes, f"{code}: {entry.issue} is no FHIR issue type"


@pytest.mark.parametrize("code", catalogue())
def test_no_placeholder_has_the_name_of_an_argument(code: str) -> None:
    entry: Entry = catalogue()[code]
    assert not {"code", "path", "severity"} & placeholders(entry.en)


def test_every_code_in_use_is_in_the_catalogue_and_every_entry_is_in_use() -> None:
    used = {code for text in sources().values() for code in CODE.findall(text)}
    assert sorted(used - catalogue().keys()) == []
    assert sorted(catalogue().keys() - used) == []


def test_files_are_short() -> None:
    lengths = {path: text.count("\n") for path, text in sources().items()}
    assert {str(p): n for p, n in lengths.items() if n > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for text in sources().values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert statistics.median(lengths) < MEDIAN_FUNCTION


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path) for path, text in sources().items() if not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_nothing_is_left_undone_or_switched_off() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [str(path) for path, text in sources().items() if marks.search(text)] == []


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
