"""Names for the synthetic register: Moroccan ones written by hand, and a tail of attested pairs."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
NAMES = Path(os.environ.get("NABD_SHARED", HERE.parents[1] / "shared")) / "data" / "names"
SOUND = {
    "b": "ب", "t": "تطث", "j": "ج", "h": "حه", "k": "كقخ", "d": "دضذظ", "r": "رغ", "z": "زذظض",
    "s": "سصشث", "c": "كقشس", "q": "ق", "f": "ف", "l": "لا", "m": "م", "n": "ن", "w": "و",
    "y": "ي", "g": "غجق", "a": "اأعإآ", "e": "اإأعي", "i": "إايعأ", "o": "أاعو", "u": "أاعو",
}  # fmt: skip


class Name(NamedTuple):
    """A name and its Latin spellings, the commonest first."""

    arabic: str
    latin: tuple[str, ...]


class Pools(NamedTuple):
    """Names to draw from, with cumulative weights."""

    men: list[Name]
    women: list[Name]
    families: list[Name]
    tail: list[Name]


@cache
def pools() -> Pools:
    """Read the names: Moroccan ones written by hand, and a tail of attested pairs."""
    kinds: dict[str, list[Name]] = {"m": [], "f": [], "s": []}
    for line in (HERE / "moroccan_names.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, *words = line.split()
            latin = tuple(w for w in words if w.isascii() or w[0].isascii())
            kinds[kind].append(Name(" ".join(w for w in words if w not in latin), latin))
    return Pools(kinds["m"], kinds["f"], kinds["s"], _tail())


def _tail() -> list[Name]:
    spellings: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for arabic, latin, count in _pairs():
        if len(arabic) >= 3 and latin.isalpha() and latin.isascii() and _sounds(arabic, latin):
            spellings[arabic][latin] = spellings[arabic].get(latin, 0) + count
    names = [
        Name(arabic, tuple(sorted(seen, key=lambda s: (-seen[s], s))[:5]))
        for arabic, seen in spellings.items()
        if set(arabic) & set("حخذضظعقصط")  # letters that foreign names rarely have
    ]
    random.Random("tail").shuffle(names)  # nothing is known of how frequent they are
    return names


def _pairs() -> Iterator[tuple[str, str, int]]:
    for line in (NAMES / "google-ar2en.txt").read_text("utf-8").splitlines():
        arabic, latin = line.split("\t")
        yield arabic, latin.lower(), 1
    for line in (NAMES / "coling2018-ar-en.tsv").read_text("utf-8").splitlines():
        latin, arabic, count = line.split("\t")
        yield arabic.replace(" ", ""), latin.lower(), int(count)


def _sounds(arabic: str, latin: str) -> bool:
    first = arabic[2] if arabic.startswith("ال") and not latin.startswith(("a", "e")) else arabic[0]
    return first in SOUND.get(latin[0], "") and 0.6 <= len(latin) / len(arabic) <= 2.6
