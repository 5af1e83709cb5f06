"""Keep writes: versions, history, index rows and live rows in the caller's transaction.

The only way in besides ``bulk``. The rows of resources that exist are locked in the order of
their keys, so that two transactions never wait for each other in a circle; then everything is
written by one statement. If this raises, the caller's transaction must not commit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import asyncpg

from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir.definitions import TYPE_NAME, TYPE_NUMBER
from nabd.fhir.json import Json, decode
from nabd.fhir.search import key as key_of
from nabd.store.connection import Connection
from nabd.store.races import FasterWriterError
from nabd.store.read import learn
from nabd.store.row import (
    Row,
    Work,
    content_of,
    hash_of,
    make_row,
    moment_of,
    now,
    rescoped,
    scope_of,
    work_of,
)
from nabd.store.values import ANY, Guard, Laws, Outcome, Stamp, Stored, Write
from nabd.store.written import array_text, written

TICK = timedelta(milliseconds=1)
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # http://hl7.org/fhir/R4/datatypes.html#id

NUMBER = re.compile(r"-?\d+")

CURRENT = """select key, type, id, version, updated, deleted, hash, dictionary, body, terms
  from resource where key = any($1) order by key for update"""

RESCOPE = """update resource r set terms = n.terms::bigint[]
  from unnest($1::bigint[], $2::text[]) n (key, terms) where r.key = n.key"""


class Draft(NamedTuple):
    """What one write will do: a new row, or a tombstone in place of ``old``, or nothing."""

    outcome: Outcome
    key: int
    old: Any
    row: Row | None


async def keep(
    connection: Connection, laws: Laws, writes: Sequence[Write], stamp: Stamp
) -> list[Outcome]:
    """Write all of ``writes`` or none, and return what became of each, in their order.

    ``create`` expects that nothing has this id (N3012); ``update`` makes or replaces; ``delete``
    leaves a tombstone. Equal content is "unchanged": no new version, but the scope is the
    write's. All that guards find is raised together. Resources must have been checked: this looks
    at no element.
    """
    if not writes:
        return []
    keys = _distinct(writes)
    current = await _current(connection, writes, keys)
    moment = now()
    work = work_of(laws)
    drafts = [
        _draft(connection, work, write, key, current.get(key), moment)
        for write, key in zip(writes, keys, strict=True)
    ]
    _guard(connection, laws.guards, writes, drafts, stamp)
    await _rescope(connection, writes, drafts)
    changed = [draft for draft in drafts if draft.outcome.status != "unchanged"]
    if changed:
        await _write(connection, laws, changed, stamp, {w.action for w in writes} == {"create"})
    return [draft.outcome for draft in drafts]


def _distinct(writes: Sequence[Write]) -> list[int]:
    keys = [key_of(write.type, write.id) for write in writes]
    count = Counter(keys)
    if len(count) != len(keys):
        twice = next(w for w, k in zip(writes, keys, strict=True) if count[k] > 1)
        raise problem("N3014", type=twice.type, id=twice.id)
    for write in writes:
        if not ID.fullmatch(write.id):
            raise problem("N3013", f"{write.type}.id")
    return keys


async def _current(
    connection: Connection, writes: Sequence[Write], keys: list[int]
) -> Mapping[int, Any]:
    """Lock and read what exists; creates alone expect nothing, and ask nothing."""
    if all(write.action == "create" for write in writes):
        return {}
    rows = await connection.fetch(CURRENT, keys)
    await learn(connection, rows)
    found = {row["key"]: row for row in rows}
    for write, key in zip(writes, keys, strict=True):
        _refuse_collision(write, found.get(key))
    return found


def _refuse_collision(write: Write, old: Any) -> None:
    if old is not None and (old["id"], TYPE_NAME[old["type"]]) != (write.id, write.type):
        raise problem("N3009", type=write.type, id=write.id)


def _draft(
    connection: Connection,
    work: Work,
    write: Write,
    key: int,
    old: Any,
    moment: datetime,
) -> Draft:
    _match(write, old)
    version = old["version"] + 1 if old else 1
    updated = max(moment, old["updated"] + TICK) if old else moment
    if write.action == "delete":
        return _tombstone(write, key, old, version, updated)
    assert write.resource is not None
    content = content_of(write.resource, write.id)
    content_hash = hash_of(content)
    if old and not old["deleted"] and old["hash"] == content_hash:
        body = connection.bodies.open(old["dictionary"], old["body"])
        same = Stored(write.type, write.id, old["version"], old["updated"], False, body)
        return Draft(Outcome("unchanged", same), key, old, None)
    row = make_row(
        connection.bodies, work, content, version, moment_of(updated), content_hash, write.scope
    )
    stored = Stored(write.type, write.id, version, updated, False, row.json)
    replaces = old and not old["deleted"]
    return Draft(Outcome("updated" if replaces else "created", stored), key, old, row)


async def _rescope(connection: Connection, writes: Sequence[Write], drafts: list[Draft]) -> None:
    """Give unchanged resources the scope that they have now: their facility may have moved."""
    moved = {
        draft.key: array_text(rescoped(draft.old["terms"], write.scope))
        for write, draft in zip(writes, drafts, strict=True)
        if draft.outcome.status == "unchanged"
        if write.scope and write.scope != scope_of(draft.old["terms"])
    }
    if moved:
        await connection.execute(RESCOPE, list(moved), list(moved.values()))


def _match(write: Write, old: Any) -> None:
    """Refuse to create what is there, or to write over another version than is known (If-Match)."""
    if write.action == "create" and old:
        raise problem("N3012", type=write.type, id=write.id)
    if write.if_match is None:
        return
    actual = old["version"] if old else 0
    there = bool(old) and not old["deleted"]
    if not (there if write.if_match == ANY else actual == write.if_match):
        raise unmet(write, actual)


def unmet(write: Write, actual: int = 0) -> Problem:
    """Say that the version of a write's ``if_match`` is not there; 0: there is no resource."""
    if write.if_match == ANY:
        return problem("N3029", type=write.type, id=write.id)
    return problem("N3010", type=write.type, id=write.id, expected=write.if_match, actual=actual)


def _tombstone(write: Write, key: int, old: Any, version: int, updated: datetime) -> Draft:
    if old is None:
        raise problem("N1001", type=write.type, id=write.id)
    if old["deleted"]:
        gone = Stored(write.type, write.id, old["version"], old["updated"], True, b"")
        return Draft(Outcome("unchanged", gone), key, old, None)
    stored = Stored(write.type, write.id, version, updated, True, b"")
    return Draft(Outcome("deleted", stored), key, old, None)


def _guard(
    connection: Connection,
    guards: Mapping[str, tuple[Guard, ...]],
    writes: Sequence[Write],
    drafts: list[Draft],
    stamp: Stamp,
) -> None:
    found: list[Issue] = []
    for write, draft in zip(writes, drafts, strict=True):
        rules = guards.get(write.type, ())
        if rules and draft.outcome.status != "unchanged":
            new = write.resource and content_of(write.resource, write.id)
            old = _old_resource(connection, draft.old)
            found += [one for rule in rules for one in rule(new, old, stamp)]
    if any(one.severity != "warning" for one in found):
        raise Problem(found)


def _old_resource(connection: Connection, old: Any) -> Json | None:
    if old is None or old["deleted"]:
        return None
    resource: Json = decode(connection.bodies.open(old["dictionary"], old["body"]))
    return resource


async def _write(
    connection: Connection, laws: Laws, drafts: list[Draft], stamp: Stamp, fresh: bool
) -> None:
    statement = written(laws.views, drafts, stamp.batch or 0)
    try:
        await statement.run(connection)
    except asyncpg.UniqueViolationError as error:
        if fresh:
            taken = _taken(drafts, error.detail or "")
            raise Problem([issue("N3012", type=taken.type, id=taken.id)]) from error
        raise FasterWriterError from error


def _taken(drafts: list[Draft], detail: str) -> Stored:
    """Find the write whose key PostgreSQL says is there: ``Key (key)=(-1234) already exists.``"""
    named = {int(number) for number in NUMBER.findall(detail)}
    return next((d for d in drafts if d.key in named), drafts[0]).outcome.stored


def type_number(type_name: str) -> int:
    """Return the number of a resource type; N3015 for a type that R4 does not have."""
    number = TYPE_NUMBER.get(type_name)
    if number is None:
        raise problem("N3015", type=type_name)
    return number
