"""What the tests of searches share: how to write and ask, and the records of a small clinic."""

from __future__ import annotations

from typing import Any

from nabd.fhir.json import Json
from nabd.fhir.search import parse
from nabd.store import Stamp, Store, Write
from nabd.store.keep import keep
from nabd.store.search import Result, search

STAMP = Stamp("test")


async def put(store: Store, *resources: Json, scope: tuple[int, ...] = ()) -> None:
    writes = [Write("update", r["resourceType"], r["id"], r, scope=scope) for r in resources]
    async with store.transaction() as connection:
        await keep(connection, store.laws, writes, STAMP)


async def ask(store: Store, kind: str, *parameters: tuple[str, str], **options: Any) -> Result:
    async with store.read() as connection:
        return await search(
            connection, parse(kind, parameters), options.pop("scope", None), **options
        )


async def ids(store: Store, kind: str, *parameters: tuple[str, str], **options: Any) -> list[str]:
    return [found.id for found in (await ask(store, kind, *parameters, **options)).matches]


def patient(id_: str, **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id_, **more}


def observation(id_: str, code: str, subject: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": code, "display": f"The {code}"}]
        },
        "subject": {"reference": f"Patient/{subject}"},
        **more,
    }


def component(code: str, value: float) -> Json:
    concept = {"coding": [{"system": "http://loinc.org", "code": code}]}
    return {"code": concept, "valueQuantity": mmhg(value)}


def mmhg(value: float) -> Json:
    return {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}


ADA = patient(
    "ada",
    active=True,
    name=[{"family": "Benali", "given": ["Adèle", "Marie"]}, {"text": "أحمد الفاسي"}],
    gender="female",
    birthDate="1980-05-17",
    identifier=[
        {
            "system": "urn:cin",
            "value": "AB1",
            "type": {
                "coding": [{"system": "urn:kinds", "code": "NI"}],
                "text": "National identity card",
            },
        }
    ],
    telecom=[{"system": "phone", "value": "0600"}, {"system": "email", "value": "a@b.ma"}],
    address=[{"city": "Salé", "line": ["1 rue des Orangers"]}],
    generalPractitioner=[{"reference": "Practitioner/dr"}],
    meta={"tag": [{"system": "urn:tags", "code": "demo"}], "profile": ["http://x.org/p|1.0"]},
)
BEN = patient(
    "ben",
    active=False,
    name=[{"family": "O'Neil", "given": ["Ben"]}],
    gender="male",
    birthDate="1990",
    deceasedDateTime="2020-01-01",
    identifier=[{"system": "urn:cin", "value": "CD2"}, {"value": "AB1"}],
    managingOrganization={"identifier": {"system": "urn:org", "value": "7"}},
)
DR = {
    "resourceType": "Practitioner",
    "id": "dr",
    "name": [{"family": "Tazi", "given": ["Dr"]}],
}
PRESSURE = observation(
    "pressure",
    "85354-9",
    "ada",
    effectiveDateTime="2024-03-05T10:00:00Z",
    component=[component("8480-6", 150), component("8462-4", 80)],
)
WEIGHT = observation(
    "weight",
    "29463-7",
    "ada",
    effectivePeriod={"start": "2024-03-01", "end": "2024-03-10"},
    valueQuantity={
        "value": 72.5,
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
)
SMOKER = observation(
    "smoker",
    "72166-2",
    "ben",
    effectiveDateTime="2023",
    valueCodeableConcept={"coding": [{"system": "urn:s", "code": "yes"}], "text": "Smokes daily"},
)
ALL = (ADA, BEN, DR, PRESSURE, WEIGHT, SMOKER)
