"""Fold text for comparison: what a person who searches a name does not want to think about.

http://hl7.org/fhir/R4/search.html#string: case and accents do not matter.  For Arabic, neither do
vowel signs, hamza on its seats, tatweel, the two forms of final ya and of ta marbuta.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {
        "\u0640": None,  # tatweel
        "\u0621": None,  # hamza alone
        "\u0671": "\u0627",  # alef wasla → alef
        "\u0629": "\u0647",  # ta marbuta → ha
        "\u0649": "\u064a",  # alef maksura → ya
        "\u06cc": "\u064a",  # Farsi ya
        "\u06a9": "\u0643",  # keheh → kaf
        "\u200c": None,
        "\u200d": None,
        "\u200e": None,
        "\u200f": None,
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
    }
    | {chr(0x0660 + n): str(n) for n in range(10)}
    | {chr(0x06F0 + n): str(n) for n in range(10)}
)


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Strip case, accents, diacritics and superfluous spaces; folding twice changes nothing."""
    if not text.isascii():
        text = _bare(_bare(text).casefold()).translate(_LETTERS)
    return " ".join(text.replace("\0", " ").lower().split())
