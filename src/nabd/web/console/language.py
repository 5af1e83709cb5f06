"""The three languages of the console: which one a request speaks, and how it says things.

Message ids are the English texts; ``locales/*.po`` hold the others and are compiled when the
server starts, so that no compiled file can be older than its source.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from nabd.web.fhir.negotiation import language as negotiated

LANGUAGES = ("ar", "fr", "en")
LOCALES = {"ar": "ar_MA", "fr": "fr_MA", "en": "en"}
# CLDR shortens June to "jui." for fr_MA, which reads as July; the months of fr are plain.
DATES = {**LOCALES, "fr": "fr"}
NAMES = {"ar": "العربية", "fr": "Français", "en": "English"}
COOKIE = "language"
DATE_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<clock>\d\d:\d\d):\d\d(?:\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d))?"
)
FOLDER = Path(__file__).parents[1] / "locales"


def choose(query: Mapping[str, str], cookies: Mapping[str, str], accept: str) -> str:
    """Choose a language: the address first, then the reader's last choice, then the browser's."""
    for wanted in (query.get("lang"), cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return str(wanted)
    return negotiated(accept)


@cache
def translations(language: str) -> NullTranslations:
    """Compile a catalogue."""
    path = FOLDER / f"{language}.po"
    if not path.exists():  # English says its message ids
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


class Tongue:
    """One language at work: its numbers, dates and names. One object for each, kept."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self.dates = Locale.parse(DATES[language])
        self.direction = "rtl" if language == "ar" else "ltr"
        self.translations = translations(language)
        self.comma = "، " if language == "ar" else ", "
        symbols = self.locale.number_symbols["latn"]
        self._marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"]})

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Write a number with the language's separators; an en dash where there is none."""
        if value is None:
            return "–"
        return f"{value:,.{decimals}f}".translate(self._marks)

    def signed(self, value: float, decimals: int = 1) -> str:
        """Write a number with its sign, apart from the direction of the text around it."""
        mark = "−" if value < 0 else "+"
        return f"\u2066{mark}{self.number(abs(value), decimals)}\u2069"

    def span(self, seconds: float) -> str:
        """Write how long something lasts, in its largest unit, minutes at least."""
        lasting = timedelta(seconds=seconds)
        return format_timedelta(lasting, "minute", threshold=1, locale=self.locale)

    def share(self, part: float | None) -> str:
        """Write a share of one as a percentage, rounded down so that only all is 100 %."""
        if part is None:
            return "–"
        return f"{int(part * 100)} %" if self.language == "fr" else f"{int(part * 100)}%"

    def month(self, value: date, short: bool = False) -> str:
        """Write a month with its year; its name alone, shortened, for an axis."""
        return format_date(value, "MMM" if short else "MMMM y", locale=self.dates)

    def date(self, value: date | str | None) -> str:
        """Write a date; FHIR's partial dates stay as they are."""
        if not value:
            return "–"
        if isinstance(value, str):
            if len(value) < len("2024-09-01"):
                return value
            value = date.fromisoformat(value[:10])
        return self._first(format_date(value, "d MMM y", locale=self.dates))

    def moment(self, value: datetime | str | None) -> str:
        """Write an instant in UTC, to the minute."""
        if not value:
            return "–"
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
        pattern = f"d MMM y'{self.comma}'HH:mm"
        return self._first(format_datetime(when.astimezone(UTC), pattern, locale=self.dates))

    def _first(self, said: str) -> str:
        """Write the first of a month as French does."""
        first = self.language == "fr" and said.startswith("1 ")
        return f"1er{said[1:]}" if first else said

    def written(self, value: str) -> str:
        """Write a FHIR date or dateTime, its clock and offset as they stand; others unchanged.

        http://hl7.org/fhir/R4/datatypes.html#dateTime
        """
        found = DATE_TIME.fullmatch(value)
        if found is None:
            return value
        try:
            day = self.date(found["day"])
        except ValueError:  # looks like a date, is none
            return value
        if not found["clock"]:
            return day
        offset = "UTC" if found["offset"] == "Z" else found["offset"]
        return f"{day}{self.comma}\u2066{found['clock']} {offset}\u2069"

    def __repr__(self) -> str:
        return f"Tongue({self.language!r})"


@cache
def tongue(language: str) -> Tongue:
    """Return the one Tongue of a language."""
    return Tongue(language)
