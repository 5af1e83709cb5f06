"""Where a command speaks: text for people, one JSON value for programs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from nabd.commands.texts import headings, text
from nabd.errors import Issue, operation_outcome

#: C0 and C1 without tab and new line: a record may hold the escape sequences of a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Bar(Protocol):
    """A progress bar."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show that ``done`` of ``total`` is done."""
        ...


class Terminal:
    """Standard output for what was asked, standard error for how it goes."""

    def __init__(self, language: str, as_json: bool = False) -> None:
        self.language = language
        self.as_json = as_json

    def say(self, key: str, **params: Any) -> None:
        """Say a text of ``texts.toml``; a program that reads JSON is told nothing."""
        if not self.as_json:
            self.line(text(key, self.language, **params))

    def line(self, words: str = "") -> None:
        """Write one line; a control character in it is shown, never obeyed by the terminal."""
        _write(_CONTROL.sub(_shown, words))

    def json(self, value: Any) -> None:
        """Write one JSON value on one line."""
        _write(msgspec.json.encode(value, enc_hook=str).decode())

    def table(self, rows: Sequence[Mapping[str, Any]], empty: str = "nothing") -> None:
        """Write rows under their headings; as a JSON array for programs."""
        if self.as_json:
            self.json([dict(row) for row in rows])
        elif not rows:
            self.say(empty)
        else:
            for line in _aligned(rows, self._headings(rows[0])):
                self.line(line)

    def record(self, values: Mapping[str, Any]) -> None:
        """Write one record, a line per value; as a JSON object for programs."""
        if self.as_json:
            self.json(values)
            return
        headings = self._headings(values)
        width = max(map(len, headings), default=0)
        for heading, value in zip(headings, values.values(), strict=True):
            self.line(f"{heading:<{width}}  {_cell(value)}")

    def issues(self, issues: Sequence[Issue]) -> None:
        """Write problems to standard error; an OperationOutcome to output for programs."""
        if self.as_json:
            self.json(operation_outcome(list(issues), self.language))
            return
        for one in issues:
            place = f" {one.path}" if one.path else ""
            sys.stderr.write(f"{one.code}{place}: {one.text(self.language)}\n")
            if hint := one.hint(self.language):
                sys.stderr.write(f"  {hint}\n")

    def _headings(self, names: Iterable[str]) -> list[str]:
        return [headings().get(name, {}).get(self.language, name) for name in names]

    @contextmanager
    def progress(self, title: str) -> Iterator[Bar]:
        """Show a bar while something lasts; nothing where nobody looks."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done, total=None: None
            return
        # rich takes 0.1 s to import: only who looks at a bar waits for it
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Elapsed())
        with Progress(*columns, console=Console(stderr=True)) as shown:
            task = shown.add_task(title, total=None)
            yield lambda done, total=None: shown.update(task, completed=done, total=total)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _shown(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def _aligned(rows: Sequence[Mapping[str, Any]], head: list[str]) -> Iterator[str]:
    cells = [[_cell(row[name]) for name in rows[0]] for row in rows]
    widths = [max(len(one) for one in column) for column in zip(head, *cells, strict=True)]
    for line in [head, *cells]:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_cell(one)}" for name, one in value.items()) or "–"
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ", timespec="seconds"))
    return f"{value:,}" if isinstance(value, int) else str(value)
