"""The texts of the command line in three languages; they are data, in TOML files beside this."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nabd.errors import LANGUAGES


@cache
def texts() -> dict[str, dict[str, str]]:
    """Read every text by key and language."""
    return tomllib.loads((Path(__file__).parent / "texts.toml").read_text("utf-8"))


@cache
def headings() -> dict[str, dict[str, str]]:
    """Read the headings of what commands tell, by their names in JSON and language."""
    return tomllib.loads((Path(__file__).parent / "headings.toml").read_text("utf-8"))


def text(key: str, language: str, **params: Any) -> str:
    """Say ``key`` in ``language``."""
    return texts()[key][language].format(**params)


def language_of(environment: Mapping[str, str]) -> str:
    """Choose the language of the command line: NABD_LANG, else the locale, else English."""
    for name in ("NABD_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        primary = environment.get(name, "").partition("_")[0].partition(".")[0].lower()
        if primary in LANGUAGES:
            return primary
        if primary:
            return "en"
    return "en"
