"""The console: pages for people, in three languages, that work without a script."""

from nabd.web.console.app import console

__all__ = ["console"]
