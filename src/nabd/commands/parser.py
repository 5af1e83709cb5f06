"""argparse in the language of the command line: its help, and its problems (N4030)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NoReturn

from nabd.commands.texts import text
from nabd.errors import problem


class Parser(argparse.ArgumentParser):
    """Parse a command line; of a wrong one, show the usage and raise N4030."""

    def __init__(self, *, language: str, **settings: Any) -> None:
        form = partial(_Form, language=language)
        super().__init__(**settings, add_help=False, formatter_class=form)
        self._positionals.title = text("arguments", language)
        self._optionals.title = text("options", language)
        self.add_argument("-h", "--help", action="help", help=text("help", language))

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> argparse.Namespace:
        """Parse all arguments; one that nobody knows is named."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            self._refuse(f"nabd {options.command} …", rest[0], options.command)
        return options

    def error(self, message: str) -> NoReturn:
        """Name the argument where argparse tells it; its English message is not shown."""
        wrong = sys.exc_info()[1]
        named = wrong.argument_name if isinstance(wrong, argparse.ArgumentError) else None
        words = self._expected(named) if named else self._line()
        self._refuse(words, named or "", self.prog.partition(" ")[2] or "COMMAND")

    def _refuse(self, expected: str, place: str, command: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise problem("N4030", place, expected=expected, command=command)

    def _line(self) -> str:
        usage = " ".join(self.format_usage().split())
        return usage[usage.index(self.prog) :]

    def _expected(self, named: str) -> str:
        for action in self._actions:
            if named in ("/".join(action.option_strings), action.metavar, action.dest):
                return _values(action) or f"{named} {action.metavar or action.dest.upper()}"
        return named


def at_least(least: int, most: int = 2**63 - 1) -> Callable[[str], int]:
    """Make the type of a whole number from ``least`` to ``most``: what a database keeps."""

    def number(text: str) -> int:
        found = int(text)
        if not least <= found <= most:
            raise ValueError
        return found

    return number


class _Form(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written, and says "usage" in one of the languages."""

    def __init__(self, prog: str, *, language: str, **settings: Any) -> None:
        super().__init__(prog, **settings)
        self._language = language

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Write the usage after this language's word for it."""
        word = text("usage", self._language) if prefix is None else prefix
        super().add_usage(usage, actions, groups, word)


def _values(action: argparse.Action) -> str:
    return " | ".join(map(str, action.choices or ()))
