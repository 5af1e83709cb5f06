"""One table for all benchmarks: figure, value, goal, and the limit or peer of the same run.

Each benchmark ends with ``show``. Run alone it prints its own table; run by ``python -m bench``,
which sets ``BENCH_JSON``, it hands its figures on as one line of JSON.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from nabd import __version__


class Figure(NamedTuple):
    """One line of the table; ``beside`` is its limit or peer, measured in the same run."""

    name: str
    value: str
    goal: str
    beside: str = ""


def machine() -> str:
    """Say on what the figures were measured."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, {python}"


def revision() -> str:
    """Return the version of Nabd and the commit it was built from."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return f"Nabd {__version__} {done.stdout.strip()}"


def show(figures: list[Figure]) -> None:
    """Print the table, or hand the figures on."""
    if os.environ.get("BENCH_JSON"):
        print(json.dumps(figures), flush=True)
    else:
        table_of(figures)


def table_of(figures: list[Figure]) -> None:
    """Print the machine, the versions and the table."""
    day = datetime.now(UTC).date()
    console = Console(width=200)
    console.print(f"{day}, {revision()}, {machine()}", highlight=False)
    table = Table("figure", "measured", "goal", "limit or peer in the same run", box=None)
    for one in figures:
        table.add_row(*one)
    console.print(table)
