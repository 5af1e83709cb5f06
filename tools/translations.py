"""Bring ``web/locales/*.po`` up to date with the messages of templates and code.

Run ``python tools/translations.py``.  Message ids are the English texts; a new message comes in
without a translation, one that is no longer said goes.  ``--check`` changes nothing and fails
when a catalogue is not up to date.

Arabic's plural header is written here, because the one that Babel 2.18 would write has its fifth
and sixth forms swapped (CLDR: few 3–10, many 11–99, other 100–102 …;
https://www.gnu.org/software/gettext/manual/html_node/Plural-forms.html).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src/nabd"
LOCALES = SOURCE / "web/locales"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {**DEFAULT_KEYWORDS, "msgid": None}
OPTIONS = {"jinja2": {"trimmed": "true"}}
PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
    "n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}


def main() -> None:
    """Write the catalogues, or check them."""
    said = list(messages())
    stale = []
    for language in PLURALS:
        path = LOCALES / f"{language}.po"
        text = updated(language, path, said)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
    print(f"{len(said)} messages; changed: {', '.join(stale) or 'nothing'}")
    if stale and "--check" in sys.argv:
        raise SystemExit(1)


def messages() -> Iterator[Message]:
    """Yield every message of the console and the slices, in the order of its text."""
    found: dict[str, Message] = {}
    for _, _, message, _, context in extract_from_dir(SOURCE, METHODS, OPTIONS, KEYWORDS):
        one = Message(message, context=context)
        key = message[0] if isinstance(message, tuple) else message
        if key not in found or isinstance(message, tuple):
            found[key] = one
    for key in sorted(found):
        yield found[key]


def updated(language: str, path: Path, said: list[Message]) -> str:
    """Return the text of a catalogue with the messages of now and the translations of before."""
    before = Catalog(language)
    if path.exists():
        with path.open("rb") as file:
            before = read_po(file, locale=language)
    after = Catalog(
        language, project="Nabd", copyright_holder="The Nabd authors", charset="utf-8", fuzzy=False
    )
    for one in said:
        old = before.get(one.id)
        same = old is not None and isinstance(old.id, tuple) == isinstance(one.id, tuple)
        after.add(one.id, old.string if old is not None and same else "")
    body = io.BytesIO()
    write_po(body, after, width=96, omit_header=True, no_location=True)
    return header(language) + body.getvalue().decode("utf-8")


def header(language: str) -> str:
    """Write a header that changes only when the language's rules do."""
    return (
        'msgid ""\nmsgstr ""\n"Project-Id-Version: Nabd\\n"\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )


if __name__ == "__main__":
    main()
