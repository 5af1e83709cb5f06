"""Learn the transducer of names from public pairs and from the tables of Moroccan names.

    python tools/names.py FOLDER

Writes ``src/nabd/identity/names/data/transducer.zst``. Same input, same bytes; three minutes. The
folder holds ``google-ar2en.txt`` (google/transliteration, Apache-2.0) and ``coling2018-ar-en.tsv``
(NETransliteration-COLING2018, MIT-0 style): pairs that may be shipped.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
import zstandard

from nabd.identity.names.learning import Pair, learn
from nabd.identity.names.lexicon import pairs as moroccan_pairs
from nabd.identity.names.script import arabic_form, latin_form
from nabd.identity.names.transducer import DATA

MOROCCAN = 2  # times that a pair of our tables counts


def public_pairs(folder: Path) -> dict[Pair, int]:
    """Read the public pairs (Arabic, Latin), each once."""
    google = (folder / "google-ar2en.txt").read_text("utf-8").splitlines()
    coling = (folder / "coling2018-ar-en.tsv").read_text("utf-8").splitlines()
    written = [tuple(line.split("\t")[:2]) for line in google]
    for latin, spaced, _ in (line.split("\t") for line in coling):
        written.append((spaced.replace(" ", ""), latin))
    forms = {(arabic_form(arabic), latin_form(latin)) for arabic, latin in written}
    return {pair: 1 for pair in sorted(forms) if all(pair)}


def main() -> None:
    """Learn, and write what was learned."""
    pairs = Counter(public_pairs(Path(sys.argv[1])))
    pairs.update(dict.fromkeys(moroccan_pairs(), MOROCCAN))
    raw = msgspec.json.encode(learn(pairs))
    packed = zstandard.ZstdCompressor(level=19).compress(raw)
    DATA.write_bytes(packed)
    print(f"{len(pairs)} pairs, {len(raw)} bytes, {len(packed)} packed")


if __name__ == "__main__":
    main()
