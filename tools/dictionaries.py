"""Train the zstd dictionaries of a release from sample Bundles or NDJSON.

    python tools/dictionaries.py FOLDER

Writes ``src/nabd/store/dictionaries/<Type>.zst``. Same input, same bytes. The folder holds
``*.json.gz`` Bundles; samples must be free of real patients: fragments of them stand in the result.
"""

from __future__ import annotations

import gzip
import sys
from collections import defaultdict
from pathlib import Path

import zstandard

from nabd.fhir.json import decode, encode
from nabd.store.body import FOLDER, pack, train
from nabd.store.bulk.bundle import units
from nabd.store.bulk.record import Record
from nabd.store.row import content_of, stamped

INSTANT = "2026-01-01T00:00:00.000Z"


def samples(folder: Path) -> dict[str, list[bytes]]:
    """Read every resource in the form in which it is kept."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for path in sorted(folder.glob("*.json.gz")):
        (unit,), _ = units(Record(gzip.decompress(path.read_bytes()), path.name, 1))
        for part in unit.parts:
            content = content_of(decode(part.raw), part.id)
            found[content["resourceType"]].append(encode(stamped(content, 1, INSTANT)))
    return found


def main() -> None:
    """Train and write one dictionary per type that has enough samples."""
    FOLDER.mkdir(exist_ok=True)
    for name, bodies in sorted(samples(Path(sys.argv[1])).items()):
        data = train(bodies)
        if not data:
            continue
        packed = pack(data)
        (FOLDER / f"{name}.zst").write_bytes(packed)
        shut = zstandard.ZstdCompressor(
            level=3, dict_data=zstandard.ZstdCompressionDict(data), write_dict_id=False
        ).compress
        before, after = sum(map(len, bodies)), sum(len(shut(body)) for body in bodies)
        print(
            f"{name:28} {len(bodies):6} samples, {len(packed):6} bytes, "
            f"{before // len(bodies):5} -> {after // len(bodies):4} bytes"
        )


if __name__ == "__main__":
    main()
