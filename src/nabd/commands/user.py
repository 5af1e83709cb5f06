"""``nabd user``: accounts, roles, passwords and API tokens."""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from typing import Any

from nabd.access import accounts, tokens
from nabd.access.accounts import Account
from nabd.access.rules import ROLES, Place
from nabd.commands import Command, Context
from nabd.commands.house import House, opened
from nabd.commands.parser import at_least
from nabd.commands.texts import text
from nabd.errors import problem
from nabd.registry import territory

EXAMPLES = """\
  nabd user list
  nabd user create amina --role clinician --place facility:chu-rabat --display "Amina Alaoui"
  nabd user role amina --role steward --place region:04
  nabd user password amina
  nabd user token amina --name laboratory --days 90
  nabd user revoke amina --name laboratory
  nabd user disable amina"""

BY = "system"

LONGEST = 3_650  # days that a token lasts


def arguments(parser: ArgumentParser, language: str) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=tuple(ACTIONS), help=text("user.action", language))
    parser.add_argument("account", nargs="?", help=text("user.account", language))
    parser.add_argument("--role", choices=tuple(ROLES), help=text("user.role", language))
    parser.add_argument(
        "--place", default="national", metavar="PLACE", help=text("user.place", language)
    )
    parser.add_argument("--display", default="", help=text("user.display", language))
    parser.add_argument("--name", default="", help=text("user.name", language))
    parser.add_argument(
        "--days", type=at_least(1, LONGEST), default=90, help=text("user.days", language)
    )
    parser.add_argument(
        "--no-password", action="store_true", help=text("user.no_password", language)
    )


def run(context: Context, options: Namespace) -> int:
    """Do one thing with one account, or list them all."""
    if options.action != "list" and not options.account:
        raise problem("N4030", expected="ACCOUNT", command="user")
    if options.action in ("create", "role") and not options.role:
        raise problem("N4030", expected="--role", command="user")
    return asyncio.run(_run(context, options))


async def _run(context: Context, options: Namespace) -> int:
    async with opened(context.settings) as house:
        await ACTIONS[options.action](house, context, options)
        if options.action != "list":
            await house.door.system().note(f"user-{options.action}", shape=options.account)
    return 0


async def _list(house: House, context: Context, options: Namespace) -> None:
    async with house.store.read() as connection:
        rows = [_shown(one) for one in await accounts.listed(connection)]
    context.terminal.table(rows)


async def _create(house: House, context: Context, options: Namespace) -> None:
    place = await _place(house, options.place)
    password = "" if options.no_password else _asked(context)
    made = await accounts.create(
        house.store, options.account, options.role, place, password, options.display, by=BY
    )
    context.terminal.record(_shown(made))


async def _role(house: House, context: Context, options: Namespace) -> None:
    place = await _place(house, options.place)
    changed = await accounts.assign(house.store, options.account, options.role, place, BY)
    context.terminal.record(_shown(changed))


async def _password(house: House, context: Context, options: Namespace) -> None:
    await accounts.set_password(house.store, options.account, _asked(context))
    context.terminal.say("user.password_changed", account=options.account)


async def _disable(house: House, context: Context, options: Namespace) -> None:
    changed = await accounts.set_disabled(house.store, options.account, True)
    context.terminal.record(_shown(changed))


async def _enable(house: House, context: Context, options: Namespace) -> None:
    changed = await accounts.set_disabled(house.store, options.account, False)
    context.terminal.record(_shown(changed))


async def _token(house: House, context: Context, options: Namespace) -> None:
    session = house.door.system()
    token = await house.door.issue_token(session, options.name, options.days, options.account)
    context.terminal.record({"account": options.account, "name": options.name, "token": token})


async def _tokens(house: House, context: Context, options: Namespace) -> None:
    async with house.store.read() as connection:
        account = await accounts.find(connection, options.account)
        rows = [one._asdict() for one in await tokens.listed(connection, account.number)]
    context.terminal.table(rows)


async def _revoke(house: House, context: Context, options: Namespace) -> None:
    async with house.store.transaction() as connection:
        account = await accounts.find(connection, options.account)
        await tokens.revoke(connection, account.number, options.name)
    context.terminal.say("user.revoked", name=options.name)


def _known() -> set[tuple[str, str]]:
    return {(one.code, one.level) for one in territory.places().values()}


async def _place(house: House, text: str) -> Place:
    """Read a place that is known: an account of another would see nothing, without a word."""
    place = accounts.place_of(text)
    if place.kind == "facility":
        await accounts.check_facility(house.door.system(), place.code)
    elif place.code and (place.code, place.kind) not in _known():
        raise problem("N7508", "place", place=place.code)
    return place


def _asked(context: Context) -> str:
    """Ask for a password without showing it; from a pipe, take its first line."""
    if sys.stdin.isatty():
        return getpass.getpass(text("user.new_password", context.terminal.language))
    return sys.stdin.readline().rstrip("\n")


def _shown(one: Account) -> dict[str, Any]:
    place = one.place.kind + (f":{one.place.code}" if one.place.code else "")
    return {
        "name": one.name,
        "display": one.display,
        "role": one.role,
        "place": place,
        "created": one.created,
        "disabled": one.disabled,
    }


ACTIONS: dict[str, Callable[[House, Context, Namespace], Awaitable[None]]] = {
    "list": _list,
    "create": _create,
    "role": _role,
    "password": _password,
    "disable": _disable,
    "enable": _enable,
    "token": _token,
    "tokens": _tokens,
    "revoke": _revoke,
}

COMMAND = Command(arguments, run, EXAMPLES)
