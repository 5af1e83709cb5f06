"""Run the benchmarks one after another, each in a process of its own, and print one table.

``make bench ARGS="check http"`` runs some of them; what they say beside their figures goes to
the standard error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.figures import Figure, table_of

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("NABD_SHARED", ROOT.parent / "shared"))
SYNTHEA = SHARED / "data" / "synthea"
MEASURES: dict[str, tuple[str, ...]] = {
    "check": (str(SYNTHEA),),
    "extract": (str(SYNTHEA),),
    "load": (str(SYNTHEA), "--times", "11"),
    "http": (),
    "console": (),
    "matching": (),
    "names": (str(SHARED / "data" / "names"),),
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all when none is named; 1 when one of them failed."""
    figures: list[Figure] = []
    failed = 0
    for name in names or MEASURES:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *MEASURES[name]],
            cwd=ROOT,
            env={**os.environ, "BENCH_JSON": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        failed |= done.returncode
        if done.returncode == 0:
            figures += [Figure(*one) for one in json.loads(done.stdout.splitlines()[-1])]
    table_of(figures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
