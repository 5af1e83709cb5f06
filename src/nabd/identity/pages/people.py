"""Records as the desk shows them: each as its facility wrote it, in both scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nabd.access.custody import custodians_named
from nabd.access.figure import Name
from nabd.fhir.json import Json, decode
from nabd.fhir.search import parse
from nabd.identity.identifiers import kind_of
from nabd.identity.pages.terms import SEXES

if TYPE_CHECKING:
    from nabd.access.session import Session

ARABIC = re.compile("[\u0600-\u06ff]")


@dataclass(frozen=True, slots=True)
class Human:
    """One record; what it does not say is empty. ``sex`` is a message id."""

    id: str
    names: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    born: str
    sex: str
    identifiers: tuple[tuple[str, str], ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    places: tuple[str, ...]
    facility: Name
    commune: Name
    patient: Json

    @property
    def name(self) -> Name:
        """The first name of each script."""
        arabic = next((one for one in self.names if ARABIC.search(one)), "")
        latin = next((one for one in self.names if not ARABIC.search(one)), "")
        return Name(latin, arabic)

    @property
    def href(self) -> str:
        """Where the record is shown whole."""
        return f"/records/Patient/{self.id}"

    def numbers(self, kind: str) -> tuple[str, ...]:
        """The identifiers of a kind, whoever gave them."""
        return tuple(
            value for one, value in self.identifiers if kind in (one, one.partition("|")[0])
        )


async def humans(session: Session, ids: Iterable[str]) -> dict[str, Human]:
    """Read the records that the session may see, by id."""
    wanted = sorted({*ids})
    if not wanted:
        return {}
    query = parse("Patient", [("_id", ",".join(wanted)), ("_count", str(len(wanted)))])
    found = await session.search(query)
    return await shown(session, [decode(one.body) for one in found.matches])


async def shown(session: Session, patients: list[Json]) -> dict[str, Human]:
    """Make what is shown of Patients, with the names of their facilities, by id."""
    keepers = await _keepers(session, patients)
    rows = await session.rows("facilities_named", ids=sorted({*keepers.values()}))
    facilities = {row["id"]: row for row in rows}
    return {one["id"]: human(one, keepers.get(one["id"], ""), facilities) for one in patients}


async def _keepers(session: Session, patients: list[Json]) -> dict[str, str]:
    """Return who keeps each record: whom it names first, else whom the store knows."""
    found = {one["id"]: custodians_named(one) for one in patients}
    if unnamed := [id_ for id_, named in found.items() if not named]:
        found |= await session.transaction(lambda unit: unit.keepers("Patient", unnamed))
    return {id_: some[0] for id_, some in found.items() if some}


def human(patient: Json, keeper: str, facilities: Mapping[str, Mapping[str, str | None]]) -> Human:
    """Make what is shown of a Patient; ``keeper`` is the id of its facility."""
    row = facilities.get(keeper, {})
    names = patient.get("name", ())
    return Human(
        id=patient["id"],
        names=_distinct(map(_whole, names)),
        given=_distinct(" ".join(one.get("given", ())) for one in names),
        family=_distinct(one.get("family", "") for one in names),
        born=patient.get("birthDate", ""),
        sex=SEXES.get(patient.get("gender", ""), ""),
        identifiers=tuple(_numbers(patient)),
        phones=_distinct(_contacts(patient, "phone", "sms")),
        emails=_distinct(_contacts(patient, "email")),
        places=_distinct(map(_address, patient.get("address", ()))),
        facility=Name(row.get("name") or keeper, row.get("name_ar") or ""),
        commune=Name(row.get("commune_fr") or "", row.get("commune_ar") or ""),
        patient=patient,
    )


def _whole(name: Json) -> str:
    parts = [*name.get("given", ()), name.get("family", "")]
    return " ".join(filter(None, parts)) or str(name.get("text", ""))


def _numbers(patient: Json) -> Iterator[tuple[str, str]]:
    for one in patient.get("identifier", ()):
        if value := one.get("value", ""):
            yield kind_of(one, patient), value


def _contacts(patient: Json, *systems: str) -> Iterator[str]:
    for one in patient.get("telecom", ()):
        if one.get("system", "phone") in systems:
            yield one.get("value", "")


def _address(address: Json) -> str:
    line = [*address.get("line", ()), address.get("city", ""), address.get("district", "")]
    return ", ".join(dict.fromkeys(filter(None, line))) or str(address.get("text", ""))


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
