"""One browser, one small country, and a signed-in visitor for each language."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_server import PASSWORD
from looking import DESK, Visiting
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from nabd.store.server import Server

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; it must be there in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        message = "Chromium is not installed, so no page was looked at in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(f"In CI this is a failure: {message}.")
        pytest.skip(f"{message}. Install the package chromium to run these tests.")
    return found


@pytest.fixture(scope="session")
def site(
    chromium: str, postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a console that serves a small synthetic country."""
    command = [sys.executable, str(HERE / "console_server.py"), postgres.dsn()]
    command.append(str(tmp_path_factory.mktemp("console")))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the console did not start; its messages are above"
        yield address
        process.terminate()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the tests of a file; its event loop must end before other tests' begin."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def visiting(browser: Browser, site: str) -> Iterator[Visiting]:
    """Give a context in which the administrator is signed in, reading a language."""
    open_ones: dict[str, BrowserContext] = {}

    def visit(language: str) -> BrowserContext:
        if language not in open_ones:
            open_ones[language] = _signed_in(browser, site, language)
        return open_ones[language]

    yield visit
    for context in open_ones.values():
        context.close()


def _signed_in(browser: Browser, site: str, language: str) -> BrowserContext:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(f"{site}/sign-in?lang={language}")
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.url.startswith(f"{site}/country")
    page.close()
    return context
