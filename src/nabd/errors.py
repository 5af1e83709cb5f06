"""The one catalogue of problems: stable codes, three languages, expected before actual.

The texts are data, in ``problems/*.toml``; one file per room of the house.  Each entry is::

    [N1004]
    status = 404                 # the HTTP status when it ends a request
    issue = "not-found"          # FHIR IssueType, http://hl7.org/fhir/issue-type
    en = "Expected a resource at {where}, but none was found."
    fr = "…"
    ar = "…"
    hint_en = "Check the id, or search for it."   # what to do next; hint_fr, hint_ar too

Parameters never carry a patient's data: a text may be logged.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

LANGUAGES = ("en", "fr", "ar")


class Entry(msgspec.Struct, frozen=True):
    """One row of the catalogue."""

    status: int
    issue: str
    en: str
    fr: str
    ar: str
    hint_en: str = ""
    hint_fr: str = ""
    hint_ar: str = ""


@cache
def catalogue() -> dict[str, Entry]:
    """Read every ``problems/*.toml``; a code may stand in one file only."""
    entries: dict[str, Entry] = {}
    for path in sorted((Path(__file__).parent / "problems").glob("*.toml")):
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, Entry])
        twice = entries.keys() & found.keys()
        if twice:
            raise ValueError(f"{path.name} repeats the codes {sorted(twice)}.")
        entries |= found
    return entries


class Issue(msgspec.Struct, frozen=True):
    """One problem of one record: a code, where it is, and the values of its text."""

    code: str
    path: str = ""
    params: dict[str, Any] = {}
    severity: str = "error"

    def text(self, language: str = "en") -> str:
        """Say the problem in ``language`` ("en", "fr" or "ar")."""
        template: str = getattr(catalogue()[self.code], language)
        return template.format(**self.params)

    def hint(self, language: str = "en") -> str:
        """Say what to do next; empty where the text says it all."""
        template: str = getattr(catalogue()[self.code], f"hint_{language}")
        return template.format(**self.params)

    @property
    def status(self) -> int:
        """The HTTP status of a request that this problem ends."""
        return catalogue()[self.code].status


class Problem(Exception):
    """A request or a record that cannot be accepted, with *all* its issues."""

    def __init__(self, issues: list[Issue]) -> None:
        super().__init__(issues)
        self.issues = issues

    @property
    def status(self) -> int:
        """The HTTP status of the first error."""
        return next((i.status for i in self.issues if i.severity != "warning"), 400)

    def __str__(self) -> str:
        return "\n".join(f"{i.code} {i.path}: {i.text()}" for i in self.issues)


def issue(code: str, path: str = "", severity: str = "error", **params: Any) -> Issue:
    """Make an issue from the catalogue; ``path`` is FHIRPath, a row, or a parameter name."""
    return Issue(code, path, params, severity)


def problem(code: str, path: str = "", **params: Any) -> Problem:
    """Make a problem of a single issue, to be raised."""
    return Problem([issue(code, path, **params)])


def operation_outcome(issues: list[Issue], language: str = "en") -> dict[str, Any]:
    """Render issues as a FHIR OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": [_outcome(i, language) for i in issues]}


def _outcome(one: Issue, language: str) -> dict[str, Any]:
    hint = one.hint(language)
    text = f"{one.text(language)} {hint}".strip()
    coding = {"system": "https://nabd.health/problems", "code": one.code}
    out: dict[str, Any] = {
        "severity": one.severity,
        "code": catalogue()[one.code].issue,
        "details": {"coding": [coding], "text": text},
    }
    if one.path:
        out["expression"] = [one.path]
    return out
