"""``Patient/$ihe-pix``: the other identifiers of a person, by one that is known.

IHE PIXm, ITI-83: https://profiles.ihe.net/ITI/PIXm/ITI-83.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from nabd.errors import Problem, problem
from nabd.fhir.json import Json, decode
from nabd.fhir.search import Query, parse
from nabd.identity.words import id_in
from nabd.store.search import Result

if TYPE_CHECKING:
    from nabd.access.session import Session


class Searcher(Protocol):
    """Who searches: a session, or its transaction."""

    async def search(self, query: Query) -> Result:
        """Return what matches."""
        ...


async def cross_reference(session: Session, parameters: Json) -> Json:
    """Answer with every identifier and Patient of the person who has ``sourceIdentifier``.

    ``targetSystem`` (repeats) narrows the identifiers.  Only records that the asker may see are
    told.  N6114 without a ``system|value``, N6115 when no record has it.
    """
    source = _values(parameters, "sourceIdentifier")
    if len(source) != 1 or not all(source[0].partition("|")[::2]):
        raise problem("N6114", "Parameters.parameter.where(name = 'sourceIdentifier')")
    wanted = set(_values(parameters, "targetSystem"))
    found = await session.search(parse("Patient", [("identifier", source[0])]))
    if not found.matches:
        raise problem("N6115", "sourceIdentifier")
    patients = [decode(one.body) for one in found.matches]
    known = {one["id"]: one for one in patients}
    for id_ in await fellows(session, list(known)):
        if id_ not in known and (fellow := await _seen(session, id_)):
            known[id_] = fellow
    return {"resourceType": "Parameters", "parameter": [*_told(known, source[0], wanted)]}


async def fellows(session: Searcher, patients: list[str]) -> list[str]:
    """Return the ids of all records of the identities that these records belong to."""
    if not patients:
        return []
    links = ",".join(f"Patient/{one}" for one in patients)
    return await _links(session, ("link", links), len(patients))


async def linked_by(session: Searcher, persons: list[str]) -> list[str]:
    """Return the ids of the records that these identities link."""
    criterion = "_id", ",".join(persons)
    return await _links(session, criterion, len(persons)) if persons else []


async def _links(session: Searcher, criterion: tuple[str, str], most: int) -> list[str]:
    query = msgspec.structs.replace(parse("Person", [criterion]), count=most)
    persons = await session.search(query)
    return [
        id_in(link["target"])
        for person in persons.matches
        for link in decode(person.body).get("link", ())
        if link["target"].get("reference", "").startswith("Patient/")
    ]


async def _seen(session: Session, id_: str) -> Json | None:
    try:
        found: Json = decode((await session.read("Patient", id_)).body)
    except Problem:
        return None
    return found


def _told(known: dict[str, Json], source: str, wanted: set[str]) -> list[Json]:
    identifiers: dict[str, Json] = {}
    for patient in known.values():
        for one in patient.get("identifier", ()):
            token = f"{one.get('system', '')}|{one.get('value', '')}"
            if token != source and (not wanted or one.get("system") in wanted):
                identifiers[token] = {"name": "targetIdentifier", "valueIdentifier": one}
    targets: list[Json] = [
        {"name": "targetId", "valueReference": {"reference": f"Patient/{id_}"}} for id_ in known
    ]
    return [*identifiers.values(), *targets]


def _values(parameters: Json, name: str) -> list[str]:
    return [
        next((str(v) for k, v in one.items() if k.startswith("value")), "")
        for one in parameters.get("parameter", ())
        if one.get("name") == name
    ]
