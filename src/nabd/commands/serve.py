"""``nabd serve``: the console and the FHIR API."""

from __future__ import annotations

import asyncio
import os
import socket
from argparse import ArgumentParser, Namespace

import uvicorn

from nabd import log
from nabd.commands import Command, Context, cast, demo
from nabd.commands.house import database, opened
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.demo import PEOPLE
from nabd.errors import problem

EXAMPLES = """\
  nabd serve
  nabd serve --demo
  NABD_DATABASE_URL=postgresql://nabd@db/nabd nabd serve --host 0.0.0.0 --workers 4"""

APPLICATION = "nabd.web.app:application"
#: Seconds that an idle connection is kept: longer than clients keep theirs, so that none sends a
#: request into one that is just being closed.
KEPT = 75


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments; what is not given comes from the settings."""
    parser.add_argument("--demo", action="store_true", help=text("serve.demo", language))
    people = text("demo.people", language, default=PEOPLE)
    parser.add_argument("--people", type=at_least(1), default=PEOPLE, metavar="N", help=people)
    parser.add_argument("--host", help=text("serve.host", language))
    parser.add_argument("--port", type=at_least(1, 65_535), help=text("serve.port", language))
    parser.add_argument("--workers", type=at_least(1), help=text("serve.workers", language))


def run(context: Context, options: Namespace) -> int:
    """Prepare the database, say the address, and serve until Ctrl-C."""
    settings = context.settings
    log.configure(settings.log_level, settings.log_format)
    host, port = options.host or settings.host, options.port or settings.port
    check_free(host, port)
    with database(settings):  # the private PostgreSQL runs until the server has ended
        accounts = asyncio.run(_prepare(context, options))
        shown = f"[{host}]" if ":" in host else host
        context.terminal.say("serve.address", address=settings.base_url or f"http://{shown}:{port}")
        if accounts:
            context.terminal.table(accounts)
        os.environ["NABD_HOME"] = str(settings.home.resolve())
        uvicorn.run(
            APPLICATION,
            factory=True,
            host=host,
            port=port,
            workers=options.workers or settings.workers,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(settings.base_url),
            timeout_keep_alive=KEPT,
            timeout_graceful_shutdown=10,
        )
    context.terminal.say("serve.stopped")
    return 0


def check_free(host: str, port: int) -> None:
    """Raise Problem N4034 where nothing can listen: before the demo is loaded, not after."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, port))
        except OSError:
            raise problem("N4034", host=host, port=port) from None


async def _prepare(context: Context, options: Namespace) -> list[dict[str, str]]:
    """Migrate; with the demo, load it into an empty database and return its accounts."""
    async with opened(context.settings) as house:
        if not options.demo:
            return []
        if await demo.is_empty(house):
            return await demo.load(context, house, options.people)
        return await cast.prepare(house.store, context.settings.home)


COMMAND = Command(arguments, run, EXAMPLES)
