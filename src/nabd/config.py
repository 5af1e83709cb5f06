"""The settings of one installation, read from the environment: ``NABD_HOME``, ``NABD_PORT`` …

One table of typed fields is the truth: the parser, the messages and ``docs/reference/settings.md``
come from it.  A name that starts with ``NABD_`` and means nothing is refused, because a setting
that is misspelt and silently ignored is found only when it is needed.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from nabd.errors import Issue, Problem, issue

PREFIX = "NABD_"
SECRET = frozenset({"database_url"})
"""Fields whose value no message shows: it may hold a password."""
FOREIGN = frozenset({"NABD_SHARED"})
"""Names that belong to the tests of this project."""

Port = Annotated[int, Meta(ge=0, le=65535)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs from one installation to another."""

    home: Annotated[
        Path, Meta(description="The folder of the private database and of backups.")
    ] = Path(".nabd")
    database_url: Annotated[
        str,
        Meta(
            description="A PostgreSQL 16 or later, as postgresql://user:password@host/name. "
            "Empty: a private one in the home folder.",
            pattern=r"^(|postgres(ql)?://.*)$",
            extra={"expected": "empty or an address that starts with postgresql://"},
        ),
    ] = ""
    pool: Annotated[
        int, Meta(ge=1, le=200, description="Connections to the database, per process and kind.")
    ] = 16
    host: Annotated[
        str, Meta(min_length=1, description="The address that the server listens on.")
    ] = "127.0.0.1"
    port: Annotated[Port, Meta(description="The port that the server listens on.")] = 8000
    workers: Annotated[int, Meta(ge=1, le=64, description="Server processes.")] = 1
    base_url: Annotated[
        str,
        Meta(
            description="The public address, without a slash at its end, when a proxy stands "
            "before the server. Empty: what the client asked for.",
            pattern=r"^(|https?://.*[^/])$",
            extra={"expected": "empty or an address that starts with https:// and ends without /"},
        ),
    ] = ""
    body_limit: Annotated[
        int, Meta(ge=1024, description="The longest content of a request, in bytes.")
    ] = 64 * 1024 * 1024
    body_seconds: Annotated[
        float, Meta(gt=0, description="How long the content of a request may take to arrive.")
    ] = 60.0
    entries_limit: Annotated[
        int, Meta(ge=1, description="The most entries of a transaction or batch Bundle.")
    ] = 10_000
    session_hours: Annotated[
        float, Meta(gt=0, le=24 * 30, description="How long a sign-in lasts.")
    ] = 12.0
    secure_cookies: Annotated[
        bool,
        Meta(description="Send the session's cookie over https only; set it behind a proxy."),
    ] = False
    lang: Annotated[
        Literal["", "en", "fr", "ar"],
        Meta(description="The language of the command line. Empty: that of LANG."),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least serious events that are logged."),
    ] = "info"
    log_format: Annotated[
        Literal["json", "text"], Meta(description="One JSON object a line, or text to be read.")
    ] = "json"


class Setting(msgspec.Struct, frozen=True):
    """One field of the table, as the reference shows it."""

    key: str
    field: str
    expected: str
    default: str
    description: str


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; Problem N4001 and N4002 name every wrong one at once."""
    given = os.environ if environment is None else environment
    types = get_type_hints(Settings, include_extras=True)
    values: dict[str, Any] = {}
    issues = list(_unknown(given, types))
    for field, kind in types.items():
        text = given.get(_key(field))
        if text is None:
            continue
        try:
            values[field] = msgspec.convert(text, kind, strict=False, dec_hook=_path)
        except msgspec.ValidationError:
            issues.append(_wrong(field, kind, text))
    if issues:
        raise Problem(issues)
    return Settings(**values)


def settings_table() -> list[Setting]:
    """List every setting, for the reference and for ``nabd serve --help``."""
    types = get_type_hints(Settings, include_extras=True)
    empty = Settings()
    return [
        Setting(_key(field), field, expected(kind), str(getattr(empty, field)), _description(kind))
        for field, kind in types.items()
    ]


def expected(kind: Any) -> str:
    """Say in words what a field accepts."""
    schema = msgspec.json.schema(kind)
    for meta in _metas(kind):
        if meta.extra:
            return str(meta.extra["expected"])
    if "enum" in schema:
        return " | ".join(str(one) or "(empty)" for one in schema["enum"])
    name = {"integer": "whole number", "number": "number", "boolean": "true or false"}
    words = [name.get(schema.get("type", ""), "text")]
    words += [f"{said} {schema[key]}" for key, said in _BOUNDS.items() if key in schema]
    return ", ".join(words)


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "minLength": "characters, at least",
}


def _path(kind: type, value: str) -> Any:
    return kind(value)


def _key(field: str) -> str:
    return PREFIX + field.upper()


def _metas(kind: Any) -> Iterator[Meta]:
    yield from (one for one in getattr(kind, "__metadata__", ()) if isinstance(one, Meta))


def _description(kind: Any) -> str:
    return next((m.description for m in _metas(kind) if m.description), "")


def _wrong(field: str, kind: Any, text: str) -> Issue:
    actual = "…" if field in SECRET else text[:80]
    return issue("N4001", _key(field), key=_key(field), expected=expected(kind), actual=actual)


def _unknown(given: Mapping[str, str], types: Mapping[str, Any]) -> Iterator[Issue]:
    known = [_key(field) for field in types]
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known and name not in FOREIGN:
            close = difflib.get_close_matches(name, known, 1, 0) or known
            yield issue("N4002", name, key=name, close=close[0])
