"""What is wrong with a form, tied to its fields, so that a summary can lead to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nabd.errors import Issue, Problem, issue
from nabd.web.console.problems import hinted, told

Wrong = list[dict[str, str]]


def said(issues: Iterable[Issue], language: str, otherwise: str) -> Wrong:
    """Write issues for a form; one without a path belongs to the field ``otherwise``."""
    return [{"field": one.path or otherwise, "text": _text(one, language)} for one in issues]


def _text(one: Issue, language: str) -> str:
    return f"{told(one, language)} {hinted(one, language)}".strip()


def require(posted: Mapping[str, str], *names: str) -> None:
    """Raise Problem N7504 with every field that is empty."""
    empty = [issue("N7504", name) for name in names if not posted.get(name, "").strip()]
    if empty:
        raise Problem(empty)
