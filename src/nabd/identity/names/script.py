"""Bring written text to one form per script: Unicode forms, case, marks, borrowed letters."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

LETTERS = frozenset("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچڤڭ")
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")
# letters of Persian and Urdu keyboards, and the ways to write the Moroccan g
_ARABIC_LETTERS = str.maketrans({"ی": "ي", "ے": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه"})
_ARABIC_LETTERS |= str.maketrans({"گ": "ڭ", "ڨ": "ڭ", "ݣ": "ڭ", "ٱ": "ا", "ۃ": "ة"})
_LATIN_LETTERS = str.maketrans(
    {"š": "sh", "ş": "sh", "ș": "sh", "č": "ch", "ž": "zh", "ǧ": "j", "ç": "s", "ı": "i"}
)
_FOLDED = str.maketrans("أإآىةؤئ", "ااايهوي", "ء")


def is_arabic(text: str) -> bool:
    """Say whether a text has Arabic letters.

    >>> is_arabic("أمين"), is_arabic("Amine"), is_arabic("١٢")
    (True, False, False)
    """
    return not text.isascii() and _ARABIC.search(text) is not None


def arabic_form(text: str) -> str:
    """Keep the Arabic letters of a word, each in one form, without vowel marks and tatweel.

    >>> arabic_form("مُحَمَّـــد"), arabic_form("علی")
    ('محمد', 'علي')
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text))
    return "".join(filter(LETTERS.__contains__, text.translate(_ARABIC_LETTERS)))


def folded(arabic: str) -> str:
    """Drop what people leave out when they type: hamzas, the dots of ة and ى.

    >>> folded("أمينة"), folded("مصطفى"), folded("وفاء")
    ('امينه', 'مصطفي', 'وفا')
    """
    return arabic if arabic.isascii() else arabic.translate(_FOLDED)


def latin_form(text: str) -> str:
    """Write a word of any script but Arabic in the letters a to z.

    >>> latin_form("Aït"), latin_form("M'hamed"), latin_form("Faïçal"), latin_form("Тихон")
    ('ait', 'mhamed', 'faisal', 'tikhon')
    """
    text = text.lower()
    if text.isascii() and text.isalpha():
        return text
    text = unicodedata.normalize("NFC", text).translate(_LATIN_LETTERS)
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKD", text)).lower()
    return "".join(c for c in text if "a" <= c <= "z")
