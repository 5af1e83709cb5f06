"""Run the benchmarks one after another, each in a process of its own: make bench.

``make bench ARGS="check http"`` runs some of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYNTHEA = Path(os.environ.get("NABD_SHARED", ROOT.parent / "shared")) / "data" / "synthea"
MEASURES: dict[str, tuple[str, ...]] = {
    "check": (str(SYNTHEA),),
    "extract": (str(SYNTHEA),),
    "load": (str(SYNTHEA),),
    "http": (),
    "console": (),
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all when none is named; 1 when one of them failed."""
    failed = 0
    for name in names or MEASURES:
        print(f"\n# {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *MEASURES[name]]
        failed |= subprocess.run(command, cwd=ROOT, check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
