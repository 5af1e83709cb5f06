"""Measure the FHIR API over HTTP: reads, creates, searches, the console's country page.

    python -m bench.http [--files 60] [--seconds 5] [--workers 1]

The server is the real one (``nabd serve``) in a folder of its own; the load generator and
PostgreSQL share the machine with it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import uvloop

from bench.client import Figures, drive, drive_once, request
from bench.figures import Figure, show

SHARED = Path(os.environ.get("NABD_SHARED", Path(__file__).parents[2] / "shared"))
NABD = [sys.executable, "-c", "from nabd.cli import main; main()"]
JSON = "application/fhir+json"


def run(home: Path, *words: str) -> str:
    """Run one ``nabd`` command and return what it printed."""
    environment = {**os.environ, "NABD_HOME": str(home)}
    done = subprocess.run(
        [*NABD, *words], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


@contextlib.contextmanager
def served(home: Path, workers: int) -> Iterator[tuple[int, psutil.Process]]:
    """Serve until the block ends; gives the port and the server's process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "NABD_HOME": str(home), "NABD_LOG_LEVEL": "warning"}
    command = [*NABD, "serve", "--port", str(port), "--workers", str(workers)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(port, server)
            yield port, psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(30)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
            return
        time.sleep(0.1)
    raise SystemExit("the server did not answer within a minute")


def fetch(port: int, path: str, token: str) -> dict[str, object]:
    """Get one JSON answer."""
    one = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(one) as answer:
        value: dict[str, object] = json.load(answer)
        return value


def post(port: int, path: str, token: str, body: bytes) -> dict[str, object]:
    """Post JSON, and get one JSON answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
    one = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    with urllib.request.urlopen(one) as answer:
        value: dict[str, object] = json.load(answer)
        return value


def resources(port: int, token: str, type_name: str, count: int) -> list[dict[str, object]]:
    """Read some resources by search, to know ids and references that exist."""
    bundle = fetch(port, f"/fhir/{type_name}?_count={count}", token)
    return [entry["resource"] for entry in bundle["entry"]]  # type: ignore[index, attr-defined]


def reads(found: list[dict[str, object]], token: str) -> list[bytes]:
    """Make requests that read by id."""
    paths = [f"/fhir/{one['resourceType']}/{one['id']}" for one in found]
    return [request("GET", path, token) for path in paths]


def searches(found: list[dict[str, object]], token: str) -> list[bytes]:
    """Make searches by token and reference, of at most 20 results."""
    requests = []
    for one in found:
        coding = one["code"]["coding"][0]  # type: ignore[index]
        subject = one["subject"]["reference"]  # type: ignore[index]
        code = f"{coding['system']}%7C{coding['code']}"
        path = f"/fhir/Observation?code={code}&subject={subject}&_count=20"
        requests.append(request("GET", path, token))
    return requests


def creates(found: list[dict[str, object]], token: str) -> list[bytes]:
    """Make requests that create resources as large as those found."""
    requests = []
    for one in found:
        body = json.dumps({k: v for k, v in one.items() if k not in ("id", "meta")}).encode()
        requests.append(request("POST", "/fhir/Observation", token, body, JSON))
    return requests


def memory(process: psutil.Process) -> float:
    """Return the resident MiB of the largest Python process of the server."""
    family = [process, *process.children(recursive=True)]
    python = [one.memory_info().rss for one in family if "postgres" not in one.name()]
    return max(python) / 2**20


async def measure(port: int, token: str, seconds: float, process: psutil.Process) -> list[Figure]:
    """Drive every kind of request in turn."""
    observations = resources(port, token, "Observation", 1000)
    patients = resources(port, token, "Patient", 500)
    random.Random(1).shuffle(observations)
    some_reads = reads(observations + patients, token)
    await drive(port, some_reads, seconds=1)
    read = await drive(port, some_reads, seconds=seconds)
    held = memory(process)
    search = await drive(port, searches(observations, token), seconds=seconds)
    create = await drive_once(port, creates(observations * 8, token), connections=32)
    return [
        _figure("read by id, signed in, 16 connections", read, "≥ 4,000/s, p99 ≤ 15 ms"),
        _figure("token + reference search, ≤ 20 results", search, "≥ 1,500/s"),
        _figure("create, durable, 32 connections", create, "≥ 1,500/s"),
        Figure("memory of one server worker after reads", f"{held:.0f} MiB", "≤ 250 MB"),
    ]


def _figure(name: str, figures: Figures, goal: str) -> Figure:
    wrong = {status: n for status, n in figures.statuses.items() if status >= 300}
    half, most = figures.quantile(0.5), figures.quantile(0.99)
    value = f"{figures.rate:,.0f}/s, p50 {half:.1f} ms, p99 {most:.1f} ms"
    return Figure(name, f"{value}{f', answers {wrong}' if wrong else ''}", goal)


def token_for(home: Path) -> str:
    """Make a new installation with one account; return a token of it."""
    home.mkdir()
    run(home, "migrate")
    role = ("--role", "clinician", "--place", "national", "--no-password")
    run(home, "user", "create", "bench", *role)
    printed = run(home, "user", "token", "bench", "--name", "bench")
    found = re.search(r"nabd_\S+", printed)
    assert found, printed
    return found.group().strip('",')


def figures(files: int, seconds: float, workers: int) -> list[Figure]:
    """Load Synthea's first files into a folder of its own, serve it and measure."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        token = token_for(home)
        paths = sorted((SHARED / "data/synthea").glob("*.json.gz"))[:files]
        run(home, "load", *map(str, paths))
        with served(home, workers) as (port, process):
            return uvloop.run(measure(port, token, seconds, process))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    show(figures(options.files, options.seconds, options.workers))


if __name__ == "__main__":
    main()
