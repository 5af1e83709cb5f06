"""Write ``docs/images/country.png``: the country page of a running synthetic country.

Run ``make run`` beside it, then ``python tools/screenshot.py ADDRESS NAME PASSWORD`` with the
address and an account that it printed.  The figures of facilities, beds and health workers are
national ones whatever the number of people.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).parents[1] / "docs/images/country.png"
SCREEN = {"width": 1366, "height": 980}
NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Sign in at the address given, open the country page, and keep what the screen shows."""
    address, name, password = sys.argv[1:]
    chromium = next((path for one in NAMES if (path := shutil.which(one))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SCREEN, locale="fr")
        sign_in(page, address, name, password)
        page.goto(f"{address}/country?lang=fr", wait_until="networkidle")
        page.screenshot(path=TARGET)
        browser.close()


def sign_in(page: Page, address: str, name: str, password: str) -> None:
    """Fill in the form of the console."""
    page.goto(f"{address}/sign-in?lang=fr")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("main button")


if __name__ == "__main__":
    main()
