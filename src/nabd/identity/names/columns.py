"""A name as plain columns, which SQL can compare.

It imports no library of linkage: parallel processes that do this work start quickly.
"""

from __future__ import annotations

from collections.abc import Sequence

from nabd.identity.names.parsing import parse
from nabd.identity.names.person import Token

PARTS = ("given", "family")
# The whole name, its first and last word, the consonants of the first, the Latin letters.
FORMS = ("", "_first", "_last", "_key", "_latin")
Form = tuple[str | None, ...]


def forms(part: str, text: str) -> Form:
    """Return what of a given or family name is compared; nothing of a placeholder.

    >>> forms("given", "Nouveau-né de Fatima")
    (None, None, None, None, None)
    """
    name = parse(text, "") if part == "given" else parse("", text)
    tokens: Sequence[Token] = name.given or name.family
    if name.placeholder or not tokens:
        return (None,) * len(FORMS)
    initial = len(tokens) == 1 and len(tokens[0].form) == 1 and tokens[0].latin
    return (
        " ".join(token.canonical for token in tokens),
        tokens[0].canonical,
        tokens[-1].canonical,
        tokens[0].skeleton,
        tokens[0].latin[0] if initial else " ".join(token.latin for token in tokens),
    )


def forms_of(chunk: tuple[str, list[str]]) -> list[Form]:
    """Return the forms of many texts, all given or all family names."""
    part, texts = chunk
    return [forms(part, text) for text in texts]
