"""Check the records of a chunk, before any transaction begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from nabd.errors import Issue, Problem, issue
from nabd.fhir.check import checked
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import Json
from nabd.fhir.search import key as key_of
from nabd.store.batch import Span
from nabd.store.bulk.bundle import Part, Unit, id_of_content, units
from nabd.store.bulk.record import Record
from nabd.store.keep import ID
from nabd.store.quarantine import Rejected
from nabd.store.row import content_of, hash_of, is_content


class Candidate(NamedTuple):
    """One valid resource on its way in; ``compact`` is the JSON of its content, if known."""

    key: int
    type: str
    id: str
    content: Json
    hash: int
    compact: bytes


class Checked(NamedTuple):
    """A unit all of whose resources are valid."""

    unit: Unit
    candidates: list[Candidate]


def prepare(records: Sequence[Record]) -> tuple[list[Checked], list[Rejected]]:
    """Split, check and hash records; what is wrong comes back with all its issues."""
    checked: list[Checked] = []
    rejected: list[Rejected] = []
    for record in records:
        found, wrong = units(record)
        rejected += wrong
        for unit in found:
            _check_unit(unit, checked, rejected)
    return checked, rejected


def spans(records: Sequence[Record]) -> list[Span]:
    """Return which rows of which sources these records are, runs of rows joined."""
    found: list[Span] = []
    for record in records:
        if found and found[-1][0] == record.source and record.row <= found[-1][2] + 1:
            found[-1] = (record.source, found[-1][1], record.row)
        else:
            found.append((record.source, record.row, record.row))
    return found


def _check_unit(unit: Unit, checked: list[Checked], rejected: list[Rejected]) -> None:
    candidates: list[Candidate] = []
    issues: list[Issue] = []
    for number, part in enumerate(unit.parts):
        try:
            candidates.append(_candidate(part))
        except Problem as found:
            issues += found.issues if len(unit.parts) == 1 else _inside(number, found.issues)
    if issues:
        rejected.append(unit.rejected(issues, _type_of(unit, candidates, issues)))
    else:
        checked.append(Checked(unit, candidates))


def _candidate(part: Part) -> Candidate:
    resource, compact = checked(part.raw)
    type_name = resource["resourceType"]
    id_ = part.id or resource.get("id") or id_of_content(part.raw)
    if not ID.fullmatch(id_):
        raise Problem([issue("N3013", f"{type_name}.id")])
    if not is_content(resource, id_):
        resource, compact = content_of(resource, id_), b""
    return Candidate(key_of(type_name, id_), type_name, id_, resource, hash_of(resource), compact)


def _inside(number: int, issues: Iterable[Issue]) -> list[Issue]:
    """Say of each issue in which entry of the Bundle it is."""
    return [
        msgspec.structs.replace(
            one, path=f"Bundle.entry[{number}].resource{one.path[len(one.path.split('.')[0]) :]}"
        )
        for one in issues
    ]


def _type_of(unit: Unit, candidates: list[Candidate], issues: list[Issue]) -> str:
    """Name the type; of a resource that was refused, the one that its problems speak of."""
    if len(unit.parts) > 1:
        return "Bundle"
    heads = (one.path.partition(".")[0] for one in issues)
    return candidates[0].type if candidates else next((h for h in heads if h in TYPE_NUMBER), "")
