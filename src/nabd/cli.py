"""The command line: ``nabd COMMAND``.

argparse and no other library: it is in every Python, its texts can be given in three languages,
and a start costs nothing for the commands that are not asked for (each is imported when chosen).
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from nabd import __version__, config, log
from nabd.commands import Command, Context
from nabd.commands.parser import Parser
from nabd.commands.terminal import Terminal
from nabd.commands.texts import language_of, text
from nabd.errors import LANGUAGES, Issue, Problem, issue

COMMANDS = (
    "serve",
    "load",
    "link",
    "identity",
    "check",
    "demo",
    "status",
    "quarantine",
    "views",
    "export",
    "backup",
    "restore",
    "user",
    "migrate",
)

EXIT_OK, EXIT_DATA, EXIT_USAGE, EXIT_FAULT, EXIT_STOPPED = 0, 1, 2, 19, 130
EXIT_SETTINGS = 10
EXIT_BY_STATUS = {401: 12, 403: 12, 404: 13, 410: 13, 409: 14, 412: 14, 413: 15, 429: 15, 503: 11}
"""Exit codes by category: database 11, access 12, not found 13, conflict 14, limit 15."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 done, 1 problems in the data, 2 usage, 10–19)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    terminal = Terminal(language_of(os.environ), "--json" in given)
    try:
        return _run(given, terminal, os.environ)
    except Problem as found:
        terminal.issues(found.issues)
        return exit_code(found.issues)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:
        terminal.issues([issue("N1000", fault=log.fault(error))])
        return EXIT_FAULT


def exit_code(issues: Sequence[Issue]) -> int:
    """Choose the exit code of a command that ended with these issues."""
    first = next((one for one in issues if one.severity != "warning"), None)
    if first is None:
        return EXIT_OK
    if first.code in ("N4001", "N4002"):
        return EXIT_SETTINGS
    if first.code == "N4030":
        return EXIT_USAGE
    if first.status >= 500:
        return EXIT_BY_STATUS.get(first.status, EXIT_FAULT)
    return EXIT_BY_STATUS.get(first.status, EXIT_DATA)


def parser(language: str, chosen: str = "") -> argparse.ArgumentParser:
    """Build the parser; only the command ``chosen`` has its arguments ("*": all have)."""
    root = Parser(prog="nabd", description=text("nabd", language), language=language)
    root.add_argument(
        "--version",
        action="version",
        version=f"nabd {__version__}",
        help=text("version", language),
    )
    names = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        summary = text(name, language)
        sub = names.add_parser(name, help=summary, description=summary, language=language)
        if chosen in (name, "*"):
            command = command_named(name)
            sub.epilog = text("examples", language) + "\n" + command.examples
            command.arguments(sub, language)
        sub.add_argument("--json", action="store_true", help=text("json", language))
        sub.add_argument("--lang", choices=LANGUAGES, help=text("lang", language))
    return root


def command_named(name: str) -> Command:
    """Import a command: ``COMMAND`` of ``nabd.commands.<name>``."""
    command: Command = importlib.import_module(f"nabd.commands.{name}").COMMAND
    return command


def _run(given: list[str], terminal: Terminal, environment: Mapping[str, str]) -> int:
    log.configure("warning", "text")
    chosen = next((word for word in given if word in COMMANDS), "")
    try:
        options = parser(terminal.language, chosen).parse_args(given)
    except SystemExit as ended:
        return int(ended.code or 0)
    terminal.language = options.lang or terminal.language
    settings = config.load(environment)
    return command_named(options.command).run(Context(settings, terminal), options)


if __name__ == "__main__":
    sys.exit(main())
