r"""Split and unescape what stands behind the ``=`` of a search.

http://hl7.org/fhir/R4/search.html#escaping: ``\,``, ``\$``, ``\|`` and ``\\`` mean themselves.
"""

from __future__ import annotations

import re

from nabd.errors import problem

#: How many values one parameter may list: what follows is abuse.
MOST_VALUES = 1_000

_ESCAPED = re.compile(r"\\([,$|\\])")
_SURROGATE = re.compile("[\ud800-\udfff]")


def split(text: str, separator: str, most: int = -1) -> list[str]:
    """Split at every separator that no backslash precedes; the parts stay escaped."""
    if "\\" not in text:
        return text.split(separator, most)
    parts: list[str] = []
    begin = place = 0
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] == separator and len(parts) != most:
            parts.append(text[begin:place])
            begin = place + 1
        place += 1
    return [*parts, text[begin:]]


def alternatives(parameter: str, value: str) -> list[str]:
    """Split the values of a parameter at their commas; N2507 for an empty one, N2520 for many."""
    texts = split(value, ",")
    if len(texts) > MOST_VALUES:
        raise problem("N2520", parameter)
    if not all(texts):
        raise problem("N2507", parameter)
    return texts


def is_text(text: str) -> bool:
    """Tell whether a database can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not _SURROGATE.search(text))


def unescape(text: str) -> str:
    """Remove the backslashes of escapes."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text
