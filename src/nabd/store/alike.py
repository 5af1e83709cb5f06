"""Look for the like of resources by the keys that a slice computes, most promising first.

A key that very many share says little; it brings at most ``CAP`` rows, so that the cost of a lookup
does not grow with the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.store.connection import Connection
from nabd.store.read import COLUMNS, stored
from nabd.store.values import Stored

CAP = 64  # rows of one key
MOST = 20  # resources that are worth comparing: mates share several keys, and come first

Weighted = Sequence[tuple[int, float]]
"""Terms (see ``Laws.keys``), each with what it is worth to share it."""

ALIKE = f"""with hit as (
    select asked.number, v.key, sum(asked.weight) as weight
    from unnest($1::int[], $2::bigint[], $3::float4[]) asked (number, term, weight)
    cross join lateral (select key from key_value where term = asked.term limit {CAP}) v
    group by asked.number, v.key),
  best as (
    select *, row_number() over (partition by number order by weight desc, key) as place from hit)
  select b.number, {", ".join(f"r.{name}" for name in COLUMNS.split(", "))},
    $4::bigint[] is null or r.terms && $4::bigint[] as seen
  from best b join resource r using (key)
  where b.place <= {MOST} and r.type = $5 and not r.deleted
  order by b.number, b.place"""


class Alike(NamedTuple):
    """A resource that shares keys with what was asked, and whether the scope reaches it."""

    stored: Stored
    seen: bool


async def alike(
    connection: Connection,
    type_name: str,
    asked: Sequence[Weighted],
    scope: tuple[int, ...] | None,
) -> list[list[Alike]]:
    """Return for each of ``asked`` the resources that share its keys, at most ``MOST``."""
    flat = [(place, *one) for place, keys in enumerate(asked) for one in keys]
    found: list[list[Alike]] = [[] for _ in asked]
    if not flat:
        return found
    columns = map(list, zip(*flat, strict=True))
    rows = await connection.fetch(ALIKE, *columns, scope, TYPE_NUMBER[type_name])
    for row, one in zip(rows, await stored(connection, rows), strict=True):
        found[row["number"]].append(Alike(one, row["seen"]))
    return found
