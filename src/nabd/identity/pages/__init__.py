"""The steward's desk."""

from nabd.access.slice import PageRoute

PAGES: tuple[PageRoute, ...] = ()
