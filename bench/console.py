"""Measure the console: pages of the default demo, warm.

python -m bench.console [--people 36000]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from bench.client import drive
from bench.figures import Figure, show
from bench.http import run, served

PAGES = (
    ("djamel", "/country?lang=en", "country page, regions"),
    ("djamel", "/country?level=province&lang=ar", "…, provinces, in Arabic"),
    ("djamel", "/provinces/06.141?lang=fr", "province page, Casablanca"),
    ("djamel", "/records?lang=en", "records, counts by type"),
    ("emna", "/quality/sources?lang=en", "completeness by source"),
)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Keeps the answer of a sign-in, which is a redirect with a cookie."""

    def redirect_request(self, *_: object) -> None:
        return None


def cookie(port: int, name: str, password: str) -> str:
    """Sign in as a person does, and return the cookie."""
    address = f"http://127.0.0.1:{port}/sign-in"
    form = urllib.parse.urlencode({"name": name, "password": password}).encode()
    one = urllib.request.Request(address, form, {"Origin": f"http://127.0.0.1:{port}"})
    try:
        urllib.request.build_opener(_Stay).open(one)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["set-cookie"]).split(";")[0]
    raise SystemExit("the sign-in was refused")


def figures(people: int) -> list[Figure]:
    """Load the demo into a folder of its own, and ask for pages one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        printed = run(home, "demo", "--people", str(people), "--lang", "en")
        passwords = dict(re.findall(r"^(djamel|emna)\s+(\S+)", printed, re.MULTILINE))
        assert len(passwords) == 2, printed
        with served(home, 1) as (port, _):
            held = {name: cookie(port, name, word) for name, word in passwords.items()}
            return [asyncio.run(_page(port, held[who], path, name)) for who, path, name in PAGES]


async def _page(port: int, held: str, path: str, name: str) -> Figure:
    one = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {held}\r\n\r\n".encode()
    await drive(port, [one], connections=1, seconds=1)
    pages = await drive(port, [one], connections=1, seconds=4)
    assert set(pages.statuses) == {200}, pages.statuses
    value = f"p50 {pages.quantile(0.5):.1f} ms, p99 {pages.quantile(0.99):.1f} ms"
    return Figure(f"console: {name}, warm", value, "≤ 50 ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=36_000)
    show(figures(parser.parse_args().people))


if __name__ == "__main__":
    main()
