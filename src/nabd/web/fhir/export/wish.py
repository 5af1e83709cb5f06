"""What an export is asked for, and which searches answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from nabd.errors import problem
from nabd.fhir.definitions import compartment
from nabd.fhir.search import Query, member_of, parse
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.nodes import all_of, any_of
from nabd.fhir.search.parameters import parameters
from nabd.fhir.search.query import All, Chain, Node
from nabd.web.fhir.interaction import TYPES
from nabd.web.fhir.parameters import moment, parsed

FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
PAGE = 500
_PATIENT = "Patient"
_FILTER = "_typeFilter"
_BETWEEN = re.compile(r",(?=[A-Z][A-Za-z]+\?)")


class Wish(msgspec.Struct, frozen=True):
    """One export, as it is kept with its job; ``until`` is the transaction time.

    ``level`` is "system", "patient" or "group"; ``patients`` are the members of the group, or
    those that were named.  ``filters`` are searches such as ``Observation?code=8480-6``: a type
    that has some is exported where one of them matches.
    """

    url: str
    base: str
    level: str
    types: tuple[str, ...]
    until: datetime
    since: datetime | None = None
    patients: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()


def types_of(level: str, wanted: str) -> tuple[str, ...]:
    """Choose the types to export; ``_type`` may only name some that can be."""
    possible = TYPES if level == "system" else _members()
    if not wanted:
        return possible
    names = tuple(dict.fromkeys(wanted.split(",")))
    if not set(names) <= set(possible):
        raise problem("N7009", "_type", parameter="_type", expected="Patient,Encounter,…")
    return names


def since_of(found: dict[str, str]) -> datetime | None:
    """Read ``_since``, and refuse a format that is not NDJSON."""
    wanted = found.get("_outputFormat", FORMATS[0]).replace(" ", "+")
    if wanted not in FORMATS:
        expected = " | ".join(FORMATS)
        raise problem("N7009", "_outputFormat", parameter="_outputFormat", expected=expected)
    return moment(found, "_since")


def search_of(wish: Wish, type_name: str, cursor: str) -> Query:
    """Ask for a page of one type of the export."""
    given = [("_lastUpdated", f"le{wish.until.isoformat()}")]
    if wish.since:
        given.append(("_lastUpdated", f"ge{wish.since.isoformat()}"))
    query = parse(type_name, given)
    where = (*query.where, *_belonging(wish, type_name), *_filtered(wish, type_name))
    return msgspec.structs.replace(query, where=where, count=PAGE, cursor=cursor)


def filters_of(wish_types: tuple[str, ...], wanted: str, base: str) -> tuple[str, ...]:
    """Read ``_typeFilter``: searches of exported types, by criteria alone; N7009 for others.

    Between two of them stands a comma; inside of one a comma is followed by no ``Type?``.
    """
    found = tuple(_BETWEEN.split(wanted)) if wanted else ()
    for one in found:
        query = _asked(one, base)
        plain = Query(query.types, query.where, used=query.used)
        if query != plain or not query.where or not set(query.types) <= set(wish_types):
            raise problem("N7009", _FILTER, parameter=_FILTER, expected="Type?criteria")
    return found


def _asked(text: str, base: str) -> Query:
    """Parse one filter; Problem N7009 without a type, N25xx as any search."""
    type_name, mark, criteria = text.partition("?")
    if not mark or not type_name:
        raise problem("N7009", _FILTER, parameter=_FILTER, expected="Type?criteria")
    return parse(type_name, parsed(criteria), base=f"{base}/")


def _filtered(wish: Wish, type_name: str) -> Sequence[Node]:
    queries = [_asked(one, wish.base) for one in wish.filters]
    mine = [all_of(query.where) for query in queries if query.types == (type_name,)]
    return (any_of(mine),) if mine else ()


def _belonging(wish: Wish, type_name: str) -> Sequence[Node]:
    if wish.level == "system" or (wish.level == "patient" and type_name == _PATIENT):
        return ()
    if wish.level == "group":
        return (any_of([member_of(_PATIENT, id_, (type_name,)) for id_ in wish.patients]),)
    return (any_of(_refers_to_patient(type_name)),)


def _refers_to_patient(type_name: str) -> list[Node]:
    """Say that a resource is in the compartment of some patient."""
    known = parameters(type_name)
    codes = [code for code in compartment(_PATIENT)[type_name] if code in known]
    masks = [reference_masks(known[code], _PATIENT) for code in codes]
    return [Chain(found, _PATIENT, All(())) for found in masks if found]


def _members() -> tuple[str, ...]:
    members = compartment(_PATIENT)
    return (_PATIENT, *(name for name in TYPES if name != _PATIENT and members.get(name)))
