"""Turn a page into HTML in the reader's language: one Jinja environment for each language.

An environment holds its catalogue and its number marks, so that a template pays for no choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nabd import __version__
from nabd.access.figure import Name
from nabd.access.passwords import LEAST
from nabd.registry import codes
from nabd.slices import SLICES
from nabd.web.console import words
from nabd.web.console.language import LANGUAGES, NAMES, Tongue, tongue
from nabd.web.console.plot.bars import bars
from nabd.web.console.plot.choropleth import drawn
from nabd.web.console.plot.dots import dots, strips
from nabd.web.console.plot.spark import polylines
from nabd.web.console.plot.waterfall import waterfall
from nabd.web.console.problems import hinted, told
from nabd.web.console.static import static_url

TEMPLATES = Path(__file__).parents[1] / "templates"


def render(language: str, template: str, context: Mapping[str, Any]) -> str:
    """Render a template in a language."""
    return environment(language).get_template(template).render(context)


@cache
def environment(language: str) -> jinja2.Environment:
    """Build the environment of a language."""
    spoken = tongue(language)
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders()),
        autoescape=True,
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    said = spoken.translations
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        said.gettext, said.ngettext, newstyle=True, pgettext=said.pgettext
    )
    made.filters.update(_filters(spoken))
    made.globals.update(
        tongue=spoken,
        languages=[(one, NAMES[one]) for one in LANGUAGES],
        static=static_url,
        version=__version__,
        drawn=drawn,
        dots=dots,
        strips=strips,
        bars=bars,
        spark=polylines,
        falls=waterfall,
        least_password=LEAST,
        role_name=words.role_name,
        role_tasks=words.ROLE_TASKS,
        kind_name=words.kind_name,
        purposes=words.PURPOSES,
        purpose_name=words.purpose_name,
        code_name=words.code_name,
        type_name=words.type_name,
        outcome_name=words.outcome_name,
    )
    return made


def folders() -> list[Path]:
    """List where templates lie: the console's own, then those of each slice."""
    return [TEMPLATES, *(one.templates for one in SLICES if one.templates)]


def _filters(spoken: Tongue) -> dict[str, Any]:
    language = spoken.language

    def name(value: Name | str | None) -> str:
        return value.said(language) if isinstance(value, Name) else (value or "–")

    def label(code: str | None, system: str) -> str:
        return codes.label(system, code, language) if code else "–"

    def isolate(value: object) -> Markup:
        return Markup("<bdi>{}</bdi>").format(value)

    def broken(name: str) -> Markup:
        """Let a long name of FHIR break before its capitals."""
        return Markup("<wbr>").join(re.findall("[A-Z]?[^A-Z]+", name))

    return {
        "told": lambda issue: told(issue, language),
        "hinted": lambda issue: hinted(issue, language),
        "number": spoken.number,
        "share": spoken.share,
        "signed": spoken.signed,
        "span": spoken.span,
        "date": spoken.date,
        "month": spoken.month,
        "short_month": lambda value: spoken.month(value, short=True),
        "moment": spoken.moment,
        "written": spoken.written,
        "said": name,
        "label": label,
        "diagnosis": lambda code, system: codes.diagnosis(system, code, language),
        "bdi": isolate,
        "broken": broken,
    }
