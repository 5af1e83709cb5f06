"""The data files: read once, decoded line by line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec


@cache
def lines(name: str) -> dict[str, msgspec.Raw]:
    """Read a data file; each definition stays undecoded until it is needed."""
    path = Path(__file__).parent / f"{name}.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
