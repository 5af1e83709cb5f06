"""Look for the like of resources by the keys that a slice computes, most promising first.

A key is worth less the more resources share it: each of *n* has an *n*-th of what it proves, so
log2(n) bits less.  One that more than ``CAP`` share is left out: a sample of them would hold the
mate by chance only, and the cost of a lookup would grow with the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.store.connection import Connection
from nabd.store.read import COLUMNS, stored
from nabd.store.values import Stored

CAP = 32  # resources that share a key which still says something
MOST = 20  # resources that are worth comparing: mates share several keys, and come first

Weighted = Sequence[tuple[int, float]]
"""Terms (see ``Laws.keys``), each with what it is worth, in bits, to share it with one other."""

# The keys of each term are read once, at most one more than CAP, and counted before anything is
# made of them.  $6: how many may share a term.
ALIKE = f"""with shared as materialized (
    select asked.number, asked.weight,
      array(select key from key_value where term = asked.term limit {CAP + 1}) as keys
    from unnest($1::int[], $2::bigint[], $3::float4[]) asked (number, term, weight)),
  hit as (
    select s.number, k.key, sum(s.weight - ln(cardinality(s.keys)) / ln(2)) as weight
    from shared s cross join lateral unnest(s.keys) k (key)
    where cardinality(s.keys) <= $6
    group by s.number, k.key),
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
    """Return for each of ``asked`` the resources that share its keys, at most ``MOST``.

    Where every key is shared by very many, some of them: to say that nobody is like it would be
    wrong.
    """
    found: list[list[Alike]] = [[] for _ in asked]
    for most in (CAP, CAP + 1):
        rest = [place for place, some in enumerate(found) if not some]
        flat = [(place, *one) for place in rest for one in asked[place]]
        if flat:
            columns = map(list, zip(*flat, strict=True))
            rows = await connection.fetch(ALIKE, *columns, scope, TYPE_NUMBER[type_name], most)
            for row, one in zip(rows, await stored(connection, rows), strict=True):
                found[row["number"]].append(Alike(one, row["seen"]))
    return found
