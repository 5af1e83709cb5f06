"""The reference is what the code says; links lead somewhere; commands in documents exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from nabd import cli

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]*)(#[^)\s]*)?\)")
COMMAND = re.compile(r"^ {4,}(?:NABD_\w+=\S+ )?(?:\.venv/bin/)?nabd (.+?)(?: *#.*)?$", re.MULTILINE)


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "text"), reference().pages().items())
def test_the_reference_is_current(name: str, text: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text("utf-8")
    assert written == text, f"docs/reference/{name} is not current: make docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    targets = [link for link, _ in LINK.findall(path.read_text("utf-8")) if "://" not in link]
    assert [one for one in targets if one and not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_in_documents_are_understood(path: Path) -> None:
    for line in COMMAND.findall(path.read_text("utf-8")):
        words = shlex.split(line)
        cli.parser("en", words[0]).parse_args(words)


def test_the_makefile_names_what_it_makes() -> None:
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert set(re.findall(r"^([a-z-]+):.*##", text, re.MULTILINE)) == set(phony.split())


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.name)
def test_a_lock_has_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    pinned = re.findall(r"^([a-z0-9.-]+)==[^ ]+ \\$", text, re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), (
        "each is pinned and hashed"
    )


def test_every_dependency_has_a_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    names = re.findall(r'^  "([A-Za-z0-9.-]+)>=', project, re.MULTILINE)
    reasons = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    assert [name for name in names if name not in reasons] == []
