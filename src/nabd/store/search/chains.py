"""Resolve hierarchies, and chains that few resources meet, before the search itself runs.

``patient.birthdate=gt2024`` may be met by ten patients or by ten million, and no plan is good for
both.  A short look decides: few targets become terms of references, with which the search begins;
many are tested row by row.
"""

from __future__ import annotations

import msgspec

from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.query import All, Any, Chain, Has, Kin, Node, Not, Terms
from nabd.store.connection import Connection
from nabd.store.search import kin
from nabd.store.search.conditions import Conditions
from nabd.store.search.sight import Sight
from nabd.store.search.statement import Statement

#: So many references are still looked up faster than rows are tested.
FEW = 500


async def resolve(connection: Connection, sight: Sight, node: Node) -> Node:
    """Replace the hierarchies in ``node``, and the chains that lead to few resources."""
    match node:
        case All(nodes):
            return all_of([await resolve(connection, sight, one) for one in nodes])
        case Any(nodes):
            return any_of([await resolve(connection, sight, one) for one in nodes])
        case Not(inner):
            return Not(await resolve(connection, sight, inner))
        case Kin():
            return await kin.resolve(connection, sight, node)
        case Has():
            where = await resolve(connection, sight, node.where)
            return msgspec.structs.replace(node, where=where)
        case Chain():
            where = await resolve(connection, sight, node.where)
            return await _targets(connection, sight, msgspec.structs.replace(node, where=where))
        case _:
            return node


async def _targets(connection: Connection, sight: Sight, chain: Chain) -> Node:
    statement = Statement()
    where = Conditions(statement, sight).rows("r", (chain.type,), (chain.where,))
    text = f"select r.key from resource r where {where} limit {FEW + 1}"
    keys = [row["key"] for row in await connection.fetch(text, *statement.values)]
    if len(keys) > FEW:
        return chain
    return Terms(tuple(key ^ mask for key in keys for mask in chain.masks), 3)
