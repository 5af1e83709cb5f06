"""Walk a hierarchy of references, for ``:below`` and ``:above``, before the search itself runs.

Only through what the reader may see: what hangs under something hidden is not found by it.
"""

from __future__ import annotations

from nabd.errors import problem
from nabd.fhir.search.query import Kin, Terms
from nabd.store.connection import Connection
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement

#: A hierarchy with more members is asked for in parts.
MOST = 10_000


async def resolve(connection: Connection, sight: Sight, kin: Kin) -> Terms:
    """Find the members of the hierarchy; a search is then for references to one of them.

    Raises Problem N2525 when there are more than ``MOST``.  A circle is walked once.
    """
    statement = Statement()
    step = _under if kin.below else _over
    root = statement.bind(kin.key, "bigint")
    links = statement.bind(list(kin.links), "bigint[]")
    seen = " and ".join(sight.condition(statement, "r", (kin.type,)))
    text = (
        f"with recursive kin (key) as (select {root} union {step(links, seen)}) "
        f"select key from kin limit {MOST + 1}"
    )
    keys = [row["key"] for row in await connection.fetch(text, *statement.values)]
    if len(keys) > MOST:
        raise problem("N2525", "", most=MOST)
    return Terms(tuple(key ^ mask for key in keys for mask in kin.masks), 3)


def _under(links: str, seen: str) -> str:
    terms = f"array(select kin.key # m from unnest({links}) m)"
    return f"select r.key from kin, resource r where r.terms && {terms} and {seen}"


def _over(links: str, seen: str) -> str:
    keys = f"select term # m from unnest(c.terms) term, unnest({links}) m"
    return (
        f"select r.key from kin, resource c, lateral ({keys}) o (key), resource r "
        f"where c.key = kin.key and r.key = o.key and {seen}"
    )
