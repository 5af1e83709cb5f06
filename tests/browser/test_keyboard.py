"""Without a mouse: sign in, choose a measure, open a region."""

from __future__ import annotations

import pytest
from console_server import PASSWORD
from looking import DESK, Visiting
from playwright.sync_api import Page

from nabd.identity.case import case_id

pytestmark = pytest.mark.browser
TWINS = case_id("demo-p000008", "demo-p000008-1")


@pytest.fixture
def stranger(visiting: Visiting, site: str):  # type: ignore[no-untyped-def]
    """A page of somebody who has not signed in."""
    browser = visiting("en").browser
    assert browser is not None
    context = browser.new_context(viewport=DESK, locale="en")
    yield context.new_page()
    context.close()


def test_the_keyboard_is_enough(stranger: Page, site: str) -> None:
    page = stranger
    page.goto(f"{site}/")
    press_until(page, "#name")
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/country")

    press_until(page, "#measure")
    page.keyboard.type("Physicians")
    press_until(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**measure=physicians**")
    assert page.locator("h2").first.inner_text() == "Physicians per 10,000 inhabitants"

    press_until(page, "tbody a[href^='/regions/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/regions/**")


def test_the_first_stop_leads_to_the_content(stranger: Page, site: str) -> None:
    stranger.goto(f"{site}/about")
    stranger.keyboard.press("Tab")
    assert focused(stranger, ".skip")
    assert stranger.locator(".skip").is_visible()
    stranger.keyboard.press("Enter")
    assert stranger.url.endswith("#main")


def test_a_case_is_decided_without_a_mouse(visiting: Visiting, site: str) -> None:
    page = visiting("en").new_page()
    page.goto(f"{site}/identity/{TWINS}")
    press_until(page, "#verdict-same")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.locator("#verdict-different").is_checked()
    press_until(page, "#decide-card")
    page.keyboard.press("Space")
    press_until(page, "form[action$=decide] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=case-different")
    press_until(page, "a.button")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/identity/identity-" in url and TWINS not in url)
    page.close()


def press_until(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(most):
        if focused(page, selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached by the keyboard")


def focused(page: Page, selector: str) -> bool:
    """Say whether the focused element fits a selector."""
    return bool(page.evaluate("one => document.activeElement.matches(one)", selector))
