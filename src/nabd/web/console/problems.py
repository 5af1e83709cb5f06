"""The catalogue's texts on a page: each value stands apart from the direction of the text.

In an Arabic sentence ``2026-06-30`` would otherwise be shown with its parts turned around
(https://www.w3.org/International/questions/qa-bidi-unicode-controls).
"""

from __future__ import annotations

from typing import Any

from nabd.errors import Issue, catalogue
from nabd.web.console.language import translations
from nabd.web.console.words import permission_name, role_name

IN_WORDS = {"role": role_name, "permission": permission_name}
"""Values that are codes of access: a reader is told their names."""
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def told(issue: Issue, language: str) -> str:
    """Say the problem in a language."""
    return _filled(issue, language)


def hinted(issue: Issue, language: str) -> str:
    """Say what to do next; empty where the text says it all."""
    return _filled(issue, f"hint_{language}")


def _filled(issue: Issue, field: str) -> str:
    known = catalogue().get(issue.code)
    if known is None:  # of a release that knew another code
        return issue.code if not field.startswith("hint") else ""
    template: str = getattr(known, field)
    language = field.removeprefix("hint_")
    said = {name: _said(name, value, language) for name, value in issue.params.items()}
    apart = {name: f"{FIRST_STRONG_ISOLATE}{value}{POP_ISOLATE}" for name, value in said.items()}
    return template.format(**apart)


def _said(name: str, value: Any, language: str) -> Any:
    named = IN_WORDS.get(name)
    return translations(language).gettext(named(value)) if named else value
