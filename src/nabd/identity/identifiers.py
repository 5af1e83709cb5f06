"""Turn a Patient's identifiers into comparable (kind, value) pairs.

The kinds and what a value of each looks like are data: ``data/identifiers.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from nabd.fhir.json import Json

DATA = Path(__file__).parent / "data"
NATIONAL = "national|"  # before the system of a national number that no table names
TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"

Strength = Literal["certain", "national", "shared", "local"]
Identifier = tuple[str, str]


class Kind(msgspec.Struct, frozen=True):
    """What is known of one kind of identifier."""

    strength: Strength
    form: str
    systems: tuple[str, ...]
    types: tuple[str, ...] = ()


class _Table(NamedTuple):
    strength: Mapping[str, Strength]
    form: Mapping[str, re.Pattern[str]]
    system: Mapping[str, str]
    type: Mapping[str, str]


@cache
def table() -> _Table:
    """Read the kinds that are shipped."""
    raw = tomllib.loads((DATA / "identifiers.toml").read_text("utf-8"))
    kinds = msgspec.convert(raw, dict[str, Kind])
    return _Table(
        {name: kind.strength for name, kind in kinds.items()},
        {name: re.compile(kind.form) for name, kind in kinds.items()},
        {system: name for name, kind in kinds.items() for system in kind.systems},
        {code: name for name, kind in kinds.items() for code in kind.types},
    )


@lru_cache(maxsize=4096)
def strength(kind: str) -> Strength:
    """Say what an identifier of this kind proves; one of an unknown kind is local.

    >>> strength("cnie"), strength("passport"), strength("cnss"), strength("urn:oid:1.2.3")
    ('certain', 'national', 'shared', 'local')
    >>> strength("national|urn:another-country")
    'national'
    """
    return "national" if kind.startswith(NATIONAL) else table().strength.get(kind, "local")


def identifiers_of(patient: Json) -> frozenset[Identifier]:
    """Return the identifiers of a Patient that can be compared.

    The kind of an unknown system is the system itself. A hospital number counts only within the
    facility that gave it; a value without form (all one digit, malformed) is left out or kept
    apart, so that it neither proves nor contradicts.

    >>> sorted(identifiers_of({"identifier": [
    ...     {"system": "https://nabd.health/fhir/sid/cnie", "value": "ab 012345"},
    ...     {"system": "urn:x", "value": "7-1"}]}))
    [('cnie', 'AB12345'), ('urn:x', '71')]
    """
    return frozenset(_pairs(patient))


def _pairs(patient: Json) -> Iterator[Identifier]:
    for identifier in patient.get("identifier", ()):
        value = normalise(identifier.get("value", ""))
        if len(set(value)) > 1:  # "0000000" and the like are no identifiers
            yield from _formed(kind_of(identifier, patient), value)


def _formed(kind: str, value: str) -> Iterator[Identifier]:
    form = table().form.get(kind)
    if form and not form.fullmatch(value):
        yield f"{kind}?", value
    elif kind == "cnie":
        letters = value.rstrip("0123456789")
        yield kind, letters + value[len(letters) :].lstrip("0")
    elif kind:
        yield kind, value


def kind_of(identifier: Json, patient: Json) -> str:
    """Return the kind of one identifier of a Patient; "" when it says nothing."""
    system = identifier.get("system", "")
    kind = table().system.get(system) or _typed(identifier) or system
    if kind != "hospital-number":
        return str(kind)
    giver = identifier.get("assigner") or patient.get("managingOrganization") or {}
    where = giver.get("reference", "") if system in table().system or not system else system
    return f"{kind}|{where}" if where else ""


def _typed(identifier: Json) -> str:
    for coding in (identifier.get("type") or {}).get("coding", ()):
        code = coding.get("code", "") if coding.get("system") == TYPES else ""
        if kind := table().type.get(code):
            return kind
        if code == "NI" or code.startswith("NN"):
            return f"{NATIONAL}{identifier.get('system', code)}"
    return ""


def normalise(value: str) -> str:
    """Reduce a value to capitals and ASCII digits: no spaces, marks, or Arabic digits.

    >>> normalise("ab-١٢٣ 4")
    'AB1234'
    """
    plain = unicodedata.normalize("NFKC", value).upper()
    if plain.isascii():
        return "".join(filter(str.isalnum, plain))
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain if c.isalnum())
