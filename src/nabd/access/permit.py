"""What a role may ask: resource types are refused or narrowed before a query runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nabd.access.rules import NATIONAL, Place, Role
from nabd.errors import problem
from nabd.fhir.definitions import RESOURCE_TYPES
from nabd.fhir.search import Query
from nabd.fhir.search.query import All, Any, Chain, Has, Include, Kin, Node, Not

_ALL = frozenset(RESOURCE_TYPES)


def may(role: Role, place: Place, permission: str) -> bool:
    """Say whether the role has a permission, there where the account is."""
    return permission in role.may and (place.kind == "national" or permission not in NATIONAL)


def check_permission(role: Role, place: Place, permission: str) -> None:
    """Raise Problem N4014 when the role has no such permission, N4028 when the place is too small.

    Who is confined to a place could otherwise give rights over the whole country.
    """
    if permission not in role.may:
        raise problem("N4014", permission=permission, role=role.name)
    if not may(role, place, permission):
        raise problem("N4028", permission=permission)


def check_read(role: Role, type_name: str) -> None:
    """Raise Problem N4015 when the role does not read the type."""
    if type_name not in role.reads:
        raise problem("N4015", type=type_name, role=role.name)


def check_write(role: Role, type_name: str) -> None:
    """Raise Problem N4016 when the role does not write the type."""
    if type_name not in role.writes:
        raise problem("N4016", type=type_name)


def reads_everything(role: Role) -> bool:
    """Say whether the role reads every resource type."""
    return role.reads >= _ALL


def readable(role: Role) -> frozenset[str] | None:
    """Return the types that the role reads, ``None`` for every type."""
    return None if reads_everything(role) else role.reads


def check_query(role: Role, query: Query) -> None:
    """Raise Problem N4015 when a search names a type that the role does not read.

    Chains and ``_has`` count, too: they would let it be inferred.  What the query leaves open
    (all types, any target of an include) is narrowed by the store to what is readable.
    """
    includes = (name for one in (*query.include, *query.revinclude) for name in _named(one))
    for name in (*query.types, *_through(All(query.where)), *includes):
        check_read(role, name)


def shape_of(query: Query) -> str:
    """Write a query for the log: the names of its parameters, no values."""
    names = sorted({name for name, _ in query.used})
    return f"{','.join(query.types)}?{'&'.join(names)}"


def _through(node: Node) -> Iterator[str]:
    """Name the types that a condition leads through."""
    if isinstance(node, Chain | Has):
        yield node.type
        yield from _through(node.where)
    elif isinstance(node, Kin):
        yield node.type
    elif isinstance(node, All | Any):
        for one in node.of:
            yield from _through(one)
    elif isinstance(node, Not):
        yield from _through(node.of)


def _named(one: Include) -> tuple[str, ...]:
    """Name the type that an include must start from or lead to."""
    return (one.source, *one.targets) if len(one.targets) == 1 else (one.source,)
