"""Every page, in three languages, at a desk and on a phone, as a browser sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from looking import DESK, PHONE, Visiting
from playwright.sync_api import BrowserContext, Page

from nabd.identity.case import case_id

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTH_RULES = ["target-size", "scrollable-region-focusable", "region", "bypass"]
"""The rules whose answer can depend on the width: the document is the same, without a script."""
LANGUAGES = {"ar": "rtl", "fr": "ltr", "en": "ltr"}
FACILITY = "demo-0257"
TWINS = case_id("demo-p000008", "demo-p000008-1")
NUMBERS = case_id("demo-p000016", "demo-p000016-1")
PAGES = {
    "/country": 200,
    "/country?level=province&measure=beds-functional": 200,
    "/regions/06": 200,
    "/provinces/06.141": 200,
    "/facilities?name=al&category=HP": 200,
    f"/facilities/{FACILITY}": 200,
    "/identity": 200,
    "/identity?state=mine": 200,
    f"/identity/{TWINS}": 200,
    f"/identity/{NUMBERS}": 200,
    "/identity/identity-0123456789abcdef": 404,
    "/identity/search": 200,
    "/identity/search?born=1980": 400,
    "/facilities?name=zzzz": 200,
    "/quality": 200,
    "/quality/batches/3": 200,
    "/quality/quarantine": 200,
    "/quality/quarantine/1": 200,
    "/quality/sources": 200,
    "/quality/sources?batch=5": 200,
    "/quality/completeness": 200,
    "/records": 200,
    "/records/Organization?name=hop": 200,
    "/records/Patient?gender=female&birthdate=ge1980-01-01": 200,
    "/records/Encounter?date=lt2026": 200,
    "/records/AuditEvent": 200,
    "/records/Organization?nonsense=1": 400,
    f"/records/Organization/{FACILITY}": 200,
    f"/records/Organization/{FACILITY}/history": 200,
    f"/records/Organization/{FACILITY}/source": 200,
    f"/records/Organization/{FACILITY}/access": 200,
    "/audit": 200,
    "/accounts": 200,
    "/accounts/new": 200,
    "/accounts/salma": 200,
    "/accounts/admin": 200,
    "/account": 200,
    "/about": 200,
    "/nowhere": 404,
}

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole(path: str, language: str, site: str, visiting: Visiting) -> None:
    with watched(visiting(language), site) as page:
        answer = page.goto(f"{site}{path}")
        assert answer is not None
        assert answer.status == PAGES[path]
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("dir") == LANGUAGES[language]
        assert page.locator("h1").count() == 1
        look(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steward_is_led_from_list_to_decision_to_identity_and_back(
    language: str, site: str, visiting: Visiting
) -> None:
    with watched(visiting(language), site) as page:
        page.goto(f"{site}/identity")
        page.locator("table.cases tbody a").first.click()
        page.locator("form[action$=take] button").click()
        page.locator("form[action$=decide] button").click()
        assert page.locator("[role=alert] a").count() == 2
        look(page, language)
        page.check("#verdict-same")
        page.check("#decide-card")
        page.locator("form[action$=decide] button").click()
        assert page.locator("[role=status]").count() == 1
        look(page, language)
        page.locator("a[href^='/identity/person/']").first.click()
        assert page.locator("input[name=patient]").count() == 2
        look(page, language)
        page.go_back()
        page.fill("#decide-words", "for the next reader")
        page.locator("form[action$=undo] button").click()
        assert page.locator("form[action$=take]").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_is_found_by_a_form_whose_address_has_no_name(
    language: str, site: str, visiting: Visiting
) -> None:
    address = f"{site}/identity/search"
    with watched(visiting(language), site) as page:
        page.goto(address)
        for field, value in (("given", "Jamila"), ("family", "Bennani"), ("born", "2017-02-11")):
            page.fill(f"#{field}", value)
        page.locator("main form[action='/identity/search'] button").click()
        assert page.url == address
        assert page.input_value("#family") == "Bennani"
        look(page, language)
        other = "fr" if language == "ar" else "ar"
        page.locator(f".languages button[lang={other}]").click()
        assert page.url == f"{address}?lang={other}"
        assert page.locator("html").get_attribute("lang") == other
        assert page.input_value("#family") == "Bennani"
        page.locator(f".languages button[lang={language}]").click()
        page.goto(f"{site}/records/Patient")
        page.fill("#field-name", "Bennani")
        page.locator("main form .chooser > button").click()
        assert page.url == f"{site}/records/Patient"
        look(page, language)
        page.fill("#field-name", "")
        page.select_option("#field-gender", "female")
        page.locator("main form .chooser > button").click()
        assert page.url == f"{site}/records/Patient?gender=female"


def look(page: Page, language: str) -> None:
    """Look at a page on both screens."""
    for viewport, rules in ((DESK, RULES), (PHONE, WIDTH_RULES)):
        page.set_viewport_size(viewport)
        assert sideways(page) <= 0, f"scrolls sideways at {viewport['width']} px"
        assert violations(page, rules, contrast=language == "ar") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_what_is_folded_is_whole_too(
    language: str, viewport: dict[str, int], site: str, visiting: Visiting
) -> None:
    with watched(visiting(language), site) as page:
        page.set_viewport_size(viewport)
        for path in ("/country", "/records/Patient", "/accounts/new"):
            page.goto(f"{site}{path}")
            for fold in page.locator("summary").all():
                fold.click()
            assert page.locator("#purpose").is_visible()
            assert sideways(page) <= 0
            assert violations(page, RULES, contrast=language == "ar") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_months_run_in_the_direction_of_reading(
    language: str, site: str, visiting: Visiting
) -> None:
    with watched(visiting(language), site) as page:
        page.goto(f"{site}/country")
        bars = page.locator("svg.months g")
        first, last = bars.first.bounding_box(), bars.last.bounding_box()
        assert first is not None and last is not None
        assert (first["x"] < last["x"]) == (LANGUAGES[language] == "ltr")
        table = page.locator("#months-caption + thead + tbody tr")
        assert table.count() == bars.count() >= 12


def test_sign_in_is_whole_before_anybody_is_known(site: str, visiting: Visiting) -> None:
    browser = visiting("ar").browser
    assert browser is not None
    for language, direction in LANGUAGES.items():
        context = browser.new_context(viewport=PHONE)
        with watched(context, site) as page:
            page.goto(f"{site}/sign-in?lang={language}")
            assert page.locator("html").get_attribute("dir") == direction
            assert sideways(page) <= 0
            assert violations(page, RULES) == []
        context.close()


@contextmanager
def watched(context: BrowserContext, site: str) -> Iterator[Page]:
    """Open a page that, at its end, must not have complained nor asked another machine."""
    with context.new_page() as page:
        seen = watch(page, site)
        yield page
    assert seen == []


def watch(page: Page, site: str) -> list[str]:
    """Collect what a page must not do: complain, or ask another machine."""
    seen: list[str] = []

    def complained(message: Any) -> None:
        expected = "Failed to load resource" in message.text  # the tested status of the page itself
        if message.type in ("error", "warning") and not expected:
            seen.append(message.text)

    page.on("console", complained)
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on(
        "request", lambda request: None if inside(request.url, site) else seen.append(request.url)
    )
    return seen


def inside(url: str, site: str) -> bool:
    """Say whether an address is of this machine's console."""
    return url.startswith((f"{site}/", "data:"))


def sideways(page: Page) -> int:
    """Measure by how many pixels a page is wider than the screen."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def violations(page: Page, rules: list[str], contrast: bool = True) -> list[str]:
    """Run axe-core (WCAG 2.2 AA and best practices) and name what it finds.

    The three languages share their colours: measuring them, half of the time, is done in one.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)  # by the debugger's door: the page's own policy lets no script in
    found = page.evaluate(
        """([tags, contrast]) => axe.run(document, {
            iframes: false, resultTypes: ['violations'], runOnly: tags,
            rules: {'color-contrast': {enabled: contrast}}})""",
        [rules, contrast],
    )
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
