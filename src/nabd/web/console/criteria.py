"""The search form of a resource type and FHIR's own form of the same search, both ways. Pure.

What an address asks (``?name=Alaoui&date=ge2026-01-01``) fills the labelled fields; what no field
can say stays in rows of its own, so that nothing that is searched by is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nabd.fhir.definitions import RESOURCE_TYPES, search_parameters
from nabd.web.console.elements import Field, fields

Pairs = list[tuple[str, str]]
FROM, UNTIL = "-from", "-until"
ENDS = {FROM: "ge", UNTIL: "le"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
OWN = frozenset({"lang", "done", "parameter", "value"})
"""Parameters of the page, not of the search."""
PEOPLE = frozenset({"Patient", "Person", "RelatedPerson", "Practitioner"})
NAMES = frozenset({"name", "family", "given", "phonetic", "identifier"})
CONTACTS = frozenset({"telecom", "phone", "email", "address", "address-city", "address-postalcode"})
FREE = frozenset({"_filter", "_content", "_text"})
"""Parameters that can hold anything."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what it holds; a date has two ends."""

    field: Field
    value: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The labelled fields, and what is searched by besides them."""

    fields: Sequence[Filled]
    others: Pairs


def asked(type_name: str, given: Iterable[tuple[str, str]]) -> Pairs:
    """Take the search out of an address: FHIR's own form, or the fields of the page's form."""
    pairs = list(given)
    names = [value for name, value in pairs if name == "parameter"]
    values = [value for name, value in pairs if name == "value"]
    rows = [(n.strip(), v.strip()) for n, v in zip(names, values, strict=False)]
    plain = [_searched(type_name, n, v.strip()) for n, v in pairs if n not in OWN and v.strip()]
    return plain + [(name, value) for name, value in rows if name and value]


def _searched(type_name: str, name: str, value: str) -> tuple[str, str]:
    """Turn the end of a date's field into a search by its prefix."""
    for end, prefix in ENDS.items():
        code = name.removesuffix(end)
        if code != name and any(one.code == code for one in fields(type_name)):
            return code, f"{prefix}{value}"
    return name, value


def tells(type_name: str, name: str) -> bool:
    """Say whether what is searched by names a person: a name, a number, a phone, an address.

    >>> tells("Patient", "family:exact"), tells("Organization", "name")
    (True, False)
    >>> tells("Observation", "patient.identifier"), tells("Encounter", "service-provider.name")
    (True, False)
    >>> tells("Patient", "_has:RelatedPerson:patient:name"), tells("Patient", "birthdate")
    (True, False)
    """
    if name.startswith("_has:"):
        type_name, _, name = name.removeprefix("_has:").split(":", 2)
        return tells(type_name, name)
    *chain, last = name.split(".")
    types = {type_name}
    for link in chain:
        types = {one for source in types for one in _targets(source, link)}
    code = last.partition(":")[0]
    return code in FREE or (code in NAMES | CONTACTS and not types.isdisjoint(PEOPLE))


def _targets(type_name: str, link: str) -> Iterable[str]:
    """Name the types that a link of a chain leads to: the one that it names, else any."""
    code, _, named = link.partition(":")
    known = search_parameters(type_name).get(code) if type_name in RESOURCE_TYPES else None
    return (named,) if named or known is None else known.targets


def form(type_name: str, criteria: Pairs) -> Form:
    """Fill the fields of a type from a search; what does not fit is left for the other rows."""
    left = [pair for pair in criteria if pair[0] != "_cursor"]
    return Form([_fill(one, left) for one in fields(type_name)], left)


def _fill(field: Field, left: Pairs) -> Filled:
    """Take what a field can say out of ``left``."""
    if field.kind == "date":
        return Filled(field, since=_take(field, left, "ge"), until=_take(field, left, "le"))
    return Filled(field, value=_take(field, left))


def _take(field: Field, left: Pairs, prefix: str = "") -> str:
    for pair in _fitting(field, left, prefix):
        left.remove(pair)
        return pair[1].removeprefix(prefix)
    return ""


def _fitting(field: Field, pairs: Pairs, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        bare = value.removeprefix(prefix)
        day = field.kind == "date" and value.startswith(prefix) and DAY.fullmatch(bare)
        plain = field.kind != "date" and (not field.choices or value in field.choices)
        if name == field.code and (day or plain):
            yield name, value
