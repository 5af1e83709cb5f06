"""The schema of a database as text: what all migrations together make.

``schema.sql`` beside this file is that text for this release: to read, and to compare with.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from nabd.store.server import binaries

SNAPSHOT = Path(__file__).parent / "schema.sql"
NOISE = ("--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict")


def describe(dsn: str) -> str:
    """Dump the tables and indexes of the house, without settings, owners and comments."""
    dump = [str(binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges"]
    done = subprocess.run([*dump, "--schema=public", "--schema=live", dsn], capture_output=True)
    done.check_returncode()
    lines = done.stdout.decode().splitlines()
    kept = [line for line in lines if line and not line.startswith(NOISE)]
    return "\n".join(line for line in kept if line != "CREATE SCHEMA public;") + "\n"
