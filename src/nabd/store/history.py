"""The versions of a resource, of a type, or of everything, the newest first.

http://hl7.org/fhir/R4/http.html#history. The order is (updated, key, version) descending: total,
so that a cursor names one place in it, and what is written while a client pages comes before the
first page, never into a later one.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from nabd.errors import problem
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search import key as key_of
from nabd.store.connection import Connection
from nabd.store.read import stored
from nabd.store.values import Page

Place = tuple[datetime, int, int]
Scope = tuple[int, ...] | None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END: Place = (datetime(9999, 1, 1, tzinfo=UTC), 2**63 - 1, 2**31 - 1)
MOMENT = timedelta(microseconds=1)

# The scope is that of the resource now, or of its last version where it is deleted.
VERSIONS = """
  select r.key, r.type, r.id, r.version, r.updated, r.deleted, r.dictionary, r.body
  from resource r where {filter} and r.updated >= $1
    and ($2::timestamptz is null or r.updated < $2)
    and (r.updated, r.key, r.version) < ($3, $4, $5)
"""
SUPERSEDED = """
  select h.key, h.type, r.id, h.version, h.updated, h.deleted, h.dictionary, h.body
  from history h join resource r using (key) where {filter} and h.updated >= $1
    and ($2::timestamptz is null or (h.updated < $2 and h.superseded > $6))
    and (h.updated, h.key, h.version) < ($3, $4, $5)
"""
ORDER = "order by updated desc, key desc, version desc limit $7"


async def history(
    connection: Connection,
    type_name: str | None = None,
    id_: str | None = None,
    since: datetime | None = None,
    at: tuple[datetime, datetime] | None = None,
    count: int = 100,
    cursor: str = "",
    scope: Scope = None,
    open_types: Sequence[str] = (),
) -> Page:
    """Return a page of versions; tombstones are among them.

    ``since``: written at or after this instant. ``at``: current at some time from its first to
    its second instant (``_at`` with its precision spelt out). ``total`` is told for an instance
    of which all versions are asked for.
    """
    place = _decode(cursor) if cursor else END
    last = at[1] + MOMENT if at else None
    arguments: list[Any] = [since or EPOCH, last, *place, at[0] if at else EPOCH, count + 1]
    filters, values = _filters(type_name, id_, scope, open_types)
    text = _query(filters) if type_name else _query_of_each(filters, 8 + len(values))
    types = [] if type_name else [list(TYPE_NUMBER.values())]
    rows = await connection.fetch(text, *arguments, *values, *types)
    page = rows[:count]
    following = _encode(page[-1]) if len(rows) > count else ""
    whole = not since and not at
    total = await _total(connection, type_name, id_) if type_name and id_ and whole else None
    return Page(await stored(connection, page), total, following)


def _query(filters: list[str]) -> str:
    """Take the newest of both tables from their indexes, and of these the newest."""
    current, old = (_joined(filters, alias) for alias in ("r", "h"))
    return f"""select * from ((({VERSIONS.format(filter=current)}) {ORDER})
      union all (({SUPERSEDED.format(filter=old)}) {ORDER})) v {ORDER}"""


def _query_of_each(filters: list[str], place: int) -> str:
    """Take the newest of each type, whose index has them in order, and of these the newest."""
    current, old = (_joined([*filters, "{alias}.type = t.number"], alias) for alias in ("r", "h"))
    each = f"select v.* from unnest(${place}::smallint[]) t (number) cross join lateral"
    return f"""select * from (
        ({each} ({VERSIONS.format(filter=current)} {ORDER}) v)
        union all ({each} ({SUPERSEDED.format(filter=old)} {ORDER}) v)) v {ORDER}"""


def _joined(filters: list[str], alias: str) -> str:
    return " and ".join(f.format(alias=alias) for f in ["true", *filters])


def _filters(
    type_name: str | None, id_: str | None, scope: Scope, open_types: Sequence[str]
) -> tuple[list[str], list[Any]]:
    filters: list[str] = []
    values: list[Any] = []

    def add(template: str, *given: Any) -> None:
        names = [f"${8 + len(values) + i}" for i in range(len(given))]
        filters.append(template.format(*names, alias="{alias}"))
        values.extend(given)

    if type_name and id_:
        add("{alias}.key = {0} and r.id = {1}", key_of(type_name, id_), id_)
    elif type_name:
        add("{alias}.type = {0}", TYPE_NUMBER[type_name])
    if scope is not None:
        numbers = [TYPE_NUMBER[name] for name in open_types]
        add("(r.terms && {0}::bigint[] or r.type = any({1}::smallint[]))", list(scope), numbers)
    return filters, values


async def _total(connection: Connection, type_name: str, id_: str) -> int:
    query = """select count(*) from resource r where key = $1 and id = $2"""
    key = key_of(type_name, id_)
    now: int = await connection.fetchval(query, key, id_)
    old: int = await connection.fetchval("select count(*) from history where key = $1", key)
    return now + old if now else 0


def _encode(row: Any) -> str:
    micros = (row["updated"] - EPOCH) // MOMENT
    text = f"{micros}.{row['key']}.{row['version']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        micros, key, version = (int(part) for part in text.split("."))
        place = (EPOCH + MOMENT * micros, key, version)
    except (ValueError, OverflowError):
        raise problem("N3017", "_cursor") from None
    if not (-(2**63) <= key < 2**63 and 0 <= version < 2**31):
        raise problem("N3017", "_cursor")
    return place
