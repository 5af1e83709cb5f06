"""What is compared of a Patient: names in comparable forms, birth date, identifiers, contacts.

Pure; the source's resource is only read. Equal resources give equal records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from nabd.fhir.json import Json
from nabd.identity.identifiers import Identifier, identifiers_of, normalise
from nabd.identity.names import PersonName, parse

PLACE = "https://nabd.health/fhir/StructureDefinition/place"
SIGNIFICANT = 9  # digits of a phone number: the same with 0 and with +212
BORN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


class Born(NamedTuple):
    """A birth date; 0 for what is not known."""

    year: int = 0
    month: int = 0
    day: int = 0

    @property
    def vague(self) -> bool:
        """Whether the day is unknown, or 1 January, which stands for a year alone."""
        return not self.day or (self.month == 1 and self.day == 1)


class Record(msgspec.Struct, frozen=True, gc=False):
    """A person as one facility wrote them, ready to be compared."""

    names: tuple[PersonName, ...] = ()
    born: Born = Born()
    sex: str = ""  # "female", "male" or "": other and unknown say nothing
    identifiers: frozenset[Identifier] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    deceased: bool = False
    multiple: bool = False  # one of twins or more
    placeholder: bool = False  # no given name yet, as for a newborn


def record_of(patient: Json) -> Record:
    """Read what is compared of a Patient."""
    names = tuple(dict.fromkeys(_names(patient)))
    sex = patient.get("gender", "")
    return Record(
        names=names,
        born=born_of(patient.get("birthDate", "")),
        sex=sex if sex in ("female", "male") else "",
        identifiers=identifiers_of(patient),
        phones=frozenset(_phones(patient)),
        emails=frozenset(_contacts(patient, "email")),
        places=frozenset(places_of(patient)),
        deceased=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        multiple=_multiple(patient),
        placeholder=any(name.placeholder for name in names),
    )


def born_of(date: str) -> Born:
    """Read a FHIR date, which may be partial.

    >>> born_of("1980-05")
    Born(year=1980, month=5, day=0)
    """
    match = BORN.match(date)
    return Born(*map(int, match.groups("0"))) if match else Born()


def phone_of(value: str) -> str:
    """Return the digits that identify a line, "" when there are too few or they say nothing.

    >>> phone_of("+212 6 12-34-56-78") == phone_of("0612345678") == "612345678"
    True
    """
    digits = "".join(filter(str.isdigit, normalise(value)))
    return digits[-SIGNIFICANT:] if len(digits) >= SIGNIFICANT and len(set(digits)) > 3 else ""


def places_of(resource: Json) -> Iterator[str]:
    """Yield where a resource's addresses lie: codes of places, else the towns' names."""
    addresses = resource.get("address", ())
    for address in [addresses] if isinstance(addresses, dict) else addresses:
        codes = [*_codes(address)]
        yield from codes
        if not codes and (city := town(address.get("city", ""))):
            yield city


@lru_cache(maxsize=16384)
def town(name: str) -> str:
    """Reduce a town's name to a form that both scripts share: "~" and its consonants."""
    skeleton = "".join(token.skeleton for token in parse("", name).family)
    return f"~{skeleton}" if skeleton else ""


def _codes(address: Json) -> Iterator[str]:
    for extension in address.get("extension", ()):
        if extension.get("url") == PLACE:
            reference = (extension.get("valueReference") or {}).get("reference", "")
            if reference:
                yield reference.rpartition("/")[2]


def _names(patient: Json) -> Iterator[PersonName]:
    for name in patient.get("name", ()):
        given = " ".join(part for part in name.get("given", ()) if part)
        family = name.get("family", "")
        if given or family:
            yield parse(given, family)
        elif name.get("text"):
            yield parse(name["text"])  # which word is the family's is not told


def _phones(patient: Json) -> Iterator[str]:
    for value in _contacts(patient, "phone", "sms"):
        if number := phone_of(value):
            yield number


def _contacts(patient: Json, *systems: str) -> Iterator[str]:
    for contact in patient.get("telecom", ()):
        if contact.get("system") in systems and contact.get("value"):
            yield contact["value"].strip().casefold()


def _multiple(patient: Json) -> bool:
    return bool(patient.get("multipleBirthBoolean") or patient.get("multipleBirthInteger"))
