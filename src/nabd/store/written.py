"""The statement that writes drafts: history, index rows, live rows and the resources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search import DATE_COLUMNS, KEY_COLUMNS, NUMBER_COLUMNS, STRING_COLUMNS
from nabd.fhir.view import View
from nabd.store.row import Row, scope_of, scoped
from nabd.store.statement import Statement
from nabd.store.tables import columns, quoted

if TYPE_CHECKING:
    from nabd.store.keep import Draft

Columns = tuple[tuple[str, str], ...]

INDEX_TABLES: tuple[tuple[str, str, Columns], ...] = (
    ("date_value", "dates", DATE_COLUMNS),
    ("number_value", "numbers", NUMBER_COLUMNS),
    ("string_value", "strings", STRING_COLUMNS),
    ("key_value", "keys", KEY_COLUMNS),
)

SUPERSEDE = """insert into history
    (key, updated, superseded, tx, version, dictionary, batch, type, deleted, body)
  select o.key, o.updated, n.updated, o.tx, o.version, o.dictionary, o.batch, o.type, o.deleted,
    o.body
  from unnest({0}::bigint[], {1}::timestamptz[]) n (key, updated) join resource o using (key)"""

NEW_ROWS = """unnest({0}::bigint[], {1}::timestamptz[], {2}::int[], {3}::int[], {4}::smallint[],
    {5}::bigint[], {6}::text[], {7}::bytea[], {8}::text[], {9}::bool[])
    n (key, updated, version, dictionary, type, hash, id, body, terms, deleted)"""

INSERT = f"""insert into resource
    (key, updated, version, dictionary, batch, type, hash, id, body, terms)
  select key, updated, version, dictionary, {{10}}, type, hash, id, body, terms::bigint[]
  from {NEW_ROWS}"""

UPDATE = f"""update resource r set updated = n.updated, tx = pg_current_xact_id(),
    version = n.version, dictionary = n.dictionary, batch = {{10}}, deleted = n.deleted,
    hash = n.hash, body = n.body, terms = n.terms::bigint[]
  from {NEW_ROWS} where r.key = n.key"""

VOCABULARY = """insert into text_value (term, param, folded)
  select distinct n.term, n.param, n.folded
  from unnest({0}::bigint[], {1}::int[], {2}::text[]) n (term, param, folded)
  where not exists (select from text_value t where t.param = n.param and t.term = n.term)"""


def written(views: Iterable[View], drafts: Sequence[Draft], batch: int) -> Statement:
    """Put together everything that these drafts change."""
    statement = Statement()
    old = [d for d in drafts if d.old is not None]
    if old:
        updated = [d.outcome.stored.updated for d in old]
        statement.add(SUPERSEDE, [d.key for d in old], updated)
        _forget(statement, [d.key for d in old])
        _update(statement, old, batch)
    new = [d.row for d in drafts if d.old is None and d.row]
    if new:
        statement.add(INSERT, *_resource_values(new), batch)
    rows = [d.row for d in drafts if d.row]
    _index(statement, rows)
    _live(statement, views, drafts)
    return statement


def _forget(statement: Statement, keys: list[int]) -> None:
    for table, _, _ in INDEX_TABLES:
        statement.add(f"delete from {table} where key = any({{0}}::bigint[])", keys)


def _update(statement: Statement, drafts: list[Draft], batch: int) -> None:
    values = _resource_values([d.row or _tombstone(d) for d in drafts])
    values[-1] = [d.row is None for d in drafts]
    statement.add(UPDATE, *values, batch)


def _tombstone(draft: Draft) -> Row:
    """Empty the row but for its scope: who could see the resource may know that it is gone."""
    stored = draft.outcome.stored
    number = TYPE_NUMBER[stored.type]
    nothing: Any = None
    return Row(
        draft.key,
        number,
        stored.id,
        stored.version,
        stored.updated,
        0,
        0,
        b"",
        scoped([], scope_of(draft.old["terms"])),
        nothing,
        [],
        b"",
    )


def _resource_values(rows: list[Row]) -> list[Any]:
    """Turn rows into the columns of ``NEW_ROWS``."""
    return [
        [r.key for r in rows],
        [r.updated for r in rows],
        [r.version for r in rows],
        [r.dictionary for r in rows],
        [r.type for r in rows],
        [r.hash for r in rows],
        [r.id for r in rows],
        [r.body for r in rows],
        [array_text(r.terms) for r in rows],
        [False] * len(rows),
    ]


def array_text(numbers: list[int]) -> str:
    """Write an array as PostgreSQL's text: arrays of different lengths make no matrix."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _index(statement: Statement, rows: list[Row]) -> None:
    for table, name, kinds in INDEX_TABLES:
        values = [(r.key, *one) for r in rows for one in getattr(r.found, name)]
        if values:
            listed = (("key", "int8"), *kinds)
            statement.add(_insert(table, listed), *map(list, zip(*values, strict=True)))
    texts = {text for r in rows for text in r.found.texts}
    if texts:
        statement.add(VOCABULARY, *map(list, zip(*texts, strict=True)))


def _live(statement: Statement, views: Iterable[View], drafts: Sequence[Draft]) -> None:
    """Replace the live rows: those that stay are overwritten, those that are too many go."""
    types = {d.outcome.stored.type for d in drafts}
    for view in views:
        if view.resource not in types:
            continue
        mine = [d for d in drafts if d.outcome.stored.type == view.resource]
        counts = {d.key: 0 for d in mine if d.old is not None}
        values = []
        for draft in mine:
            rows = _rows_of(draft, view)
            counts |= {draft.key: len(rows)} if draft.old is not None else {}
            values += [(draft.key, i, *row) for i, row in enumerate(rows)]
        if counts:
            statement.add(_trim(view), list(counts), list(counts.values()))
        if values:
            statement.add(_upsert(view), *_live_values(view, values))


def _rows_of(draft: Draft, view: View) -> list[tuple[Any, ...]]:
    live = draft.row.live if draft.row else []
    return next((rows for one, rows in live if one is view), [])


def _live_values(view: View, rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [
        [_json_text(v) for v in column] if kind.endswith("[]") else list(column)
        for (_, kind), column in zip(columns(view), zip(*rows, strict=True), strict=True)
    ]


def _json_text(value: Any) -> str | None:
    """Write an array as JSON: an array of arrays of different lengths has no SQL type."""
    return None if value is None else msgspec.json.encode(value).decode()


@cache
def _insert(table: str, listed: Columns) -> str:
    names = ", ".join(quoted(name) for name, _ in listed)
    return f"insert into {table} ({names}) select {_selected(listed)} from {_unnest(listed)}"


def _trim(view: View) -> str:
    return f"""delete from live.{quoted(view.name)} l
      using unnest({{0}}::bigint[], {{1}}::int[]) n (key, rows)
      where l.key = n.key and l.row >= n.rows"""


def _upsert(view: View) -> str:
    listed = tuple(columns(view))
    rest = [quoted(name) for name, _ in listed[2:]]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in rest)
    action = f"do update set {replaced}" if rest else "do nothing"
    return f"{_insert('live.' + quoted(view.name), listed)} on conflict (key, row) {action}"


def _unnest(listed: Columns) -> str:
    arrays = ", ".join(
        f"{{{i}}}::{'text' if kind.endswith('[]') else kind}[]"
        for i, (_, kind) in enumerate(listed)
    )
    return f"unnest({arrays}) n ({', '.join(quoted(name) for name, _ in listed)})"


def _selected(listed: Columns) -> str:
    return ", ".join(
        f"(select array_agg(v)::{kind} from jsonb_array_elements_text(n.{quoted(name)}::jsonb) v)"
        if kind.endswith("[]")
        else f"n.{quoted(name)}"
        for name, kind in listed
    )
