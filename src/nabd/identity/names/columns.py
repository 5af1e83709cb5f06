"""A name as plain columns, which SQL can compare.

As a program (``python -m nabd.identity.names.columns``) it takes names as JSON from
standard input and writes their forms to standard output: work for another processor, which
needs no library of linkage and starts quickly.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable

import msgspec

from nabd.identity.names.parsing import part_of

PARTS = ("given", "family")
# The whole name, its first and last word, the consonants of the first, the Latin letters, and the
# first word in its own script.
FORMS = ("", "_first", "_last", "_key", "_latin", "_written")
Form = tuple[str | None, ...]
NOTHING: Form = (None,) * len(FORMS)
Name = tuple[str, str]  # given or family, and its text


def forms(part: str, text: str) -> Form:
    """Return what of a given or family name is compared; nothing of a placeholder.

    >>> forms("given", "Nouveau-né de Fatima")
    (None, None, None, None, None, None)
    """
    tokens = part_of(text, family=part == "family").tokens
    if not tokens:
        return NOTHING
    first = tokens[0]
    initial = len(tokens) == 1 and len(first.form) == 1
    return (
        " ".join([token.canonical for token in tokens]),
        first.canonical,
        tokens[-1].canonical,
        first.skeleton,
        first.latin[:1] if initial else " ".join([token.latin for token in tokens]),
        first.form,
    )


def forms_of(names: Iterable[Name]) -> list[Form]:
    """Return the forms of many names."""
    return [forms(part, text) for part, text in names]


if __name__ == "__main__":
    # looking for garbage among a hundred thousand names takes two fifths of the time; there is none
    gc.disable()
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Name])
    sys.stdout.buffer.write(msgspec.json.encode(forms_of(asked)))
