"""Reach every record of a person: ``subject:mdm=Patient/1``, ``Patient/1/$everything?_mdm=true``.

The words are those of servers that know the same
(https://hapifhir.io/hapi-fhir/docs/server_jpa_mdm/mdm_expansion.html). A search stays within the
asker's scope: of a fellow record that they may not see, nothing is found.
"""

from __future__ import annotations

from nabd.fhir.search import parameters
from nabd.identity.crossing import Searcher, fellows, linked_by
from nabd.web.fhir.exchange import Parameters

SUFFIX = ":mdm"
PERSON = "Person/"


async def widened(session: Searcher, given: Parameters, type_name: str) -> Parameters:
    """Replace each parameter with ``:mdm`` by one that names all records of the persons.

    One that leads to no patient keeps its modifier, and is refused for it as any other.
    """
    if not any(_leads(type_name, name) for name, _ in given):
        return given
    return tuple(
        [
            await _widened(session, name, value) if _leads(type_name, name) else (name, value)
            for name, value in given
        ]
    )


async def records_of(session: Searcher, references: list[str]) -> list[str]:
    """Return the ids of the records of persons, each named by a record or by its Person.

    The records that were named come first.
    """
    persons = [one.removeprefix(PERSON) for one in references if one.startswith(PERSON)]
    patients = [one.rpartition("/")[2] for one in references if not one.startswith(PERSON)]
    found = [*patients, *await linked_by(session, persons), *await fellows(session, patients)]
    return list(dict.fromkeys(found))


def _leads(type_name: str, name: str) -> bool:
    """Tell whether a parameter asks for a person's records; a chain is judged where it is read."""
    code = name.removesuffix(SUFFIX)
    if code == name:
        return False
    known = parameters(type_name).get(code) if type_name else None
    return ":" in code or "." in code or (known is not None and "Patient" in known.targets)


async def _widened(session: Searcher, name: str, value: str) -> tuple[str, str]:
    asked = value.split(",")
    found = [f"Patient/{one}" for one in await records_of(session, asked)]
    # a person without a record that one may see finds nothing, rather than no criterion
    return name.removesuffix(SUFFIX), ",".join(found or asked)
