"""The tour's commands are run in its order, in an empty folder: what it says is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TOUR = Path(__file__).parents[2] / "docs/tour.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands() -> str:
    """Join the console blocks: a line that begins with ``$`` begins a command."""
    lines = "".join(BLOCK.findall(TOUR.read_text("utf-8"))).splitlines()
    return "\n".join(line.removeprefix("$ ") for line in lines)


def test_every_command_of_the_tour_runs(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NABD_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-e"],
        input=commands(),
        cwd=tmp_path,
        env={**environment, "NABD_LANG": "en"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Patient.nickname" in done.stdout
    assert re.search(r"received +2\nstored +1\nunchanged +0\nquarantined +1", done.stdout)
    assert (tmp_path / "out" / "Patient.ndjson").read_text().count("\n") == 1
    assert (tmp_path / "nabd.backup").stat().st_size > 0
