"""Learn the transducer of names from public pairs and from the tables of Moroccan names.

    python tools/names.py FOLDER

Writes ``src/nabd/identity/names/data/transducer.zst``. Same input, same bytes; a minute and a half.
``nabd.identity.names.sources`` says which files the folder holds.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec
import zstandard

from nabd.identity.names.learning import learn
from nabd.identity.names.lexicon import pairs as moroccan_pairs
from nabd.identity.names.sources import public_pairs
from nabd.identity.names.transducer import DATA

MOROCCAN = 3  # times that a pair of our tables counts


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
