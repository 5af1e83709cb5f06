"""What the browser tests share: the screens, and how a visitor is named."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

DESK = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
Visiting = Callable[[str], BrowserContext]
"""Gives a context in which the administrator is signed in, reading a language."""
