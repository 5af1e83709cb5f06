"""One table for all benchmarks: figure, value, goal, and the limit or peer of the same run."""

from __future__ import annotations

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
    """Print the table in Markdown, so that it can stand in the docs as it is."""
    day = datetime.now(UTC).date()
    console = Console(width=200)
    console.print(f"{day}, {revision()}, {machine()}", highlight=False)
    table = Table("figure", "measured", "goal", "limit or peer in the same run", box=None)
    for one in figures:
        table.add_row(*one)
    console.print(table)
