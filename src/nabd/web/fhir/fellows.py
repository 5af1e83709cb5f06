"""Reach every record of a person: ``subject:mdm=Patient/1``, ``Patient/1/$everything?_mdm=true``.

The words are those of servers that know the same
(https://hapifhir.io/hapi-fhir/docs/server_jpa_mdm/mdm_expansion.html). A search stays within the
asker's scope: of a fellow record that they may not see, nothing is found.
"""

from __future__ import annotations

from nabd.identity.crossing import Searcher, fellows
from nabd.web.fhir.exchange import Parameters

SUFFIX = ":mdm"


async def widened(session: Searcher, given: Parameters) -> Parameters:
    """Replace each parameter with ``:mdm`` by one that names all records of the persons."""
    if not any(name.endswith(SUFFIX) for name, _ in given):
        return given
    return tuple([await _widened(session, name, value) for name, value in given])


async def records_of(session: Searcher, patients: list[str]) -> list[str]:
    """Return the ids of the records of the persons to whom these records belong, these first."""
    return list(dict.fromkeys([*patients, *await fellows(session, patients)]))


async def _widened(session: Searcher, name: str, value: str) -> tuple[str, str]:
    if not name.endswith(SUFFIX):
        return name, value
    patients = [one.rpartition("/")[2] for one in value.split(",")]
    found = await records_of(session, patients)
    return name.removesuffix(SUFFIX), ",".join(f"Patient/{one}" for one in found)
