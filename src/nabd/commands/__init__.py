"""The commands of ``nabd``, one small module each, with ``COMMAND = Command(…)``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from nabd.commands.terminal import Terminal
from nabd.config import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works with: the settings, and where it speaks."""

    settings: Settings
    terminal: Terminal


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its arguments (described in a language), its work, its examples."""

    arguments: Callable[[ArgumentParser, str], None]
    run: Callable[[Context, Namespace], int]
    examples: str
