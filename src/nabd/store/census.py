"""Count what the store holds: by type, and by what each batch filled in. No body is opened.

``terms[1]`` of a row are the presence bits of its type's search parameters (design §8.2), so that
one reading of the narrow columns tells how complete every type from every batch is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nabd.fhir.definitions import TYPE_NUMBER

Scope = tuple[int, ...] | None
Statement = tuple[str, list[Any]]

BY_TYPE = """select type, count(*) as resources, now() as counted from resource
  where not deleted and type = any($1::smallint[]) group by type"""

BY_TYPE_IN_SCOPE = """select type, sum(n)::bigint as resources, now() as counted from (
    select type, count(*) as n from resource
    where not deleted and type = any($1::smallint[]) and type = any($2::smallint[]) group by type
    union all
    select type, count(*) from resource
    where not deleted and terms && $3::bigint[]
      and type = any($1::smallint[]) and type <> all($2::smallint[]) group by type
  ) parts group by type"""

PRESENCE = """select r.batch, coalesce(b.source, '') as source, r.type, r.bits, r.resources,
    now() as counted
  from (
    select batch, type, terms[1] as bits, count(*) as resources from resource
    where not deleted and type = any($1::smallint[])
      and ($2::bigint[] is null or terms && $2::bigint[])
    group by 1, 2, 3
  ) r left join batch b on b.id = r.batch"""


def by_type(types: Iterable[str], scope: Scope, open_types: Iterable[str]) -> Statement:
    """Write the query that counts the resources of each type that a scope reaches.

    Without a scope an index answers it alone; within one, the terms' index narrows it.
    """
    wanted = _numbers(types)
    if scope is None:
        return BY_TYPE, [wanted]
    return BY_TYPE_IN_SCOPE, [wanted, _numbers(open_types), list(scope)]


def presence(types: Iterable[str], scope: Scope) -> Statement:
    """Write the query that counts resources by batch, type and presence bits.

    A resource counts for the batch that wrote its version in force; batch 0 is whatever came by
    the API or the console.  Types that are open to all are confined to the scope, too: a source
    is judged by what it said of the reader's own place.
    """
    return PRESENCE, [_numbers(types), None if scope is None else list(scope)]


def _numbers(types: Iterable[str]) -> list[int]:
    return [TYPE_NUMBER[one] for one in types]
