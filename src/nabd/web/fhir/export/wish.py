"""What an export is asked for, and which searches answer it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from nabd.errors import problem
from nabd.fhir.definitions import compartment
from nabd.fhir.search import Query, member_of, parse
from nabd.fhir.search.criteria import reference_masks
from nabd.fhir.search.nodes import any_of
from nabd.fhir.search.parameters import parameters
from nabd.fhir.search.query import All, Chain, Node
from nabd.web.fhir.interaction import TYPES
from nabd.web.fhir.parameters import moment

FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
PAGE = 500
_PATIENT = "Patient"


class Wish(msgspec.Struct, frozen=True):
    """One export, as it is kept with its job; ``until`` is the transaction time.

    ``level`` is "system", "patient" or "group"; ``patients`` are the members of the group.
    """

    url: str
    base: str
    level: str
    types: tuple[str, ...]
    until: datetime
    since: datetime | None = None
    patients: tuple[str, ...] = ()


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
    where = (*query.where, *_belonging(wish, type_name))
    return msgspec.structs.replace(query, where=where, count=PAGE, cursor=cursor)


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
