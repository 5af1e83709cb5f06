"""Write ``demo/data/facilities.csv``: how many facilities of each category each province has.

Run ``python tools/facilities.py primary-care-2024.xlsx hospitals-2024.csv`` with the ministry's two
lists (Ministry of Health, open data, 2024). Only the numbers are kept: the demo's names are
synthetic.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from nabd import intake, registry

TARGET = Path(__file__).parent.parent / "src/nabd/demo/data/facilities.csv"
MAPPINGS = ("morocco-primary-care-2024", "morocco-hospitals-2024")


def main() -> None:
    """Write the file and say what it adds up to."""
    counts: Counter[tuple[str, str]] = Counter()
    for path, mapping in zip(sys.argv[1:], MAPPINGS, strict=True):
        for record in intake.preview([path], registry.mapping(mapping)):
            counts[_place(json.loads(record.raw)["entry"])] += 1
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("province", "category", "facilities"))
        writer.writerows((*key, number) for key, number in sorted(counts.items()))
    print(f"{counts.total()} facilities of {len({p for p, _ in counts})} provinces")


def _place(entries: list[dict[str, Any]]) -> tuple[str, str]:
    organization, site = (entry["resource"] for entry in entries)
    parts = site["extension"][0]["extension"]
    province = next(part["valueCode"] for part in parts if part["url"] == "province")
    return province, organization["type"][0]["coding"][0]["code"]


if __name__ == "__main__":
    main()
