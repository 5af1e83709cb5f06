"""``nabd link --register``: the whole register at once, on a real store, through the command line.

The register is generated (``bench.register``), so who is who is known; beside it stand people of
whom it is known what must happen to them: twins, a newborn, two cards. A steward decides over HTTP.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bench.register import COLUMNS, Register
from cast import HOSPITAL, People, resources

from nabd.commands.texts import headings

RECORDS = 400
TOWN = str.maketrans("0123456789", "bdfglmnrst")  # a town is compared by its consonants
SID = "https://nabd.health/fhir/sid/"
Patient = dict[str, Any]
Pairs = set[tuple[str, str]]


def patient(row: dict[str, str]) -> Patient:
    """Write a row of the generated register as a facility's record."""
    numbers = [
        {"system": SID + kind, "value": row[kind]}
        for kind in ("cnie", "idcs", "cnss", "cnops")
        if row.get(kind)
    ]
    found: Patient = {
        "resourceType": "Patient",
        "id": row["id"].replace(".", "-"),
        "identifier": numbers,
        "name": [{"family": row["family"], "given": row["given"].split()}],
        "gender": {"m": "male", "f": "female"}.get(row["sex"]),
        "birthDate": row["birth_date"],
        "telecom": [{"system": "phone", "value": row["phone"]}] if row["phone"] else [],
        "address": [{"city": row["commune"].translate(TOWN)}] if row["commune"] else [],
        "managingOrganization": {"reference": f"Organization/{HOSPITAL}"},
    }
    if not row["given"]:
        del found["name"][0]["given"]
    return {name: value for name, value in found.items() if value}


def row(id_: str, **changes: str) -> dict[str, str]:
    """Make a row of somebody whom nobody of the generated register resembles."""
    return {
        "id": id_, "given": "Ghita", "family": "Benkirane", "birth_date": "1931-05-17", "sex": "f",
        "phone": "0661123456", "commune": "Zagora", **changes,
    }  # fmt: skip


SPECIAL = [
    row("twin-1"), row("twin-2", given="Salma"), row("twin-3", given="سلمى"),
    row("newborn-1", family="Tazi", birth_date="2026-02-03"),
    row("newborn-2", family="Tazi", birth_date="2026-02-03", given="Nouveau-né de Amina"),
    row("cards-1", given="Driss", birth_date="1944-08-09", sex="m", cnie="AA100001"),
    row("cards-2", given="Driss", birth_date="1944-08-09", sex="m", cnie="ZK734512"),
    row("apart-1", given="Hind", birth_date="1947-11-23", cnie="BE300001"),
    row("apart-2", given="Hind", birth_date="1947-11-23", cnie="BE300001", idcs="3000010002"),
    row("apart-4", given="Hind", birth_date="1947-11-23", cnie="BE300001"),
    row("insured-1", given="Asmae", birth_date="1937-03-29", cnops="K4711001"),
    row("insured-2", given="Khadija", birth_date="1937-03-29", cnops="K4711001"),
    row("moved-1", given="Hajar", birth_date="1951-01-23", phone="0677700700"),
    row("moved-2", given="Hajar", birth_date="1951-01-23", phone="0677700700"),
    row("moved-3", given="Zineb", birth_date="1951-01-23", phone="0677700700"),
]  # fmt: skip

Command = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, str]]:
    made = islice(Register(7, 0).rows(RECORDS), RECORDS)
    return [dict(zip(COLUMNS, one, strict=True)) for one in made]


@pytest.fixture(scope="module")
def truth(rows: list[dict[str, str]]) -> Pairs:
    persons = defaultdict(list)
    for one in rows:
        persons[one["person"]].append(one["id"].replace(".", "-"))
    return {pair for ids in persons.values() for pair in combinations(sorted(ids), 2)}


@pytest.fixture(scope="module")
def command(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Run ``nabd link --register --json`` as a process; return what it tells."""
    home = tmp_path_factory.mktemp("home")
    settings = {"NABD_DATABASE_URL": module_database, "NABD_HOME": str(home)}

    async def run(*arguments: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("nabd"), "link", *arguments, "--json",
            env={**os.environ, **settings},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
        return told

    return run


async def write(people: People, patients: list[Patient]) -> None:
    for start in range(0, len(patients), 50):
        entries = [
            {"resource": one, "request": {"method": "PUT", "url": f"Patient/{one['id']}"}}
            for one in patients[start : start + 50]
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = await people.admin.post("/", json=bundle)
        assert answer.status_code == 200, answer.text


@pytest_asyncio.fixture(scope="module")
async def told(people: People, rows: list[dict[str, str]], command: Command) -> dict[str, Any]:
    """What the first run tells of the register."""
    await write(people, [patient(one) for one in [*rows, *SPECIAL]])
    return await command("--register")


async def every(people: People, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url = f"/{query}"
    while url:
        answer = await people.admin.get(url)
        found += resources(answer)
        links = {one["relation"]: one["url"] for one in answer.json().get("link", [])}
        url = links.get("next", "")
    return found


async def groups(people: People) -> list[set[str]]:
    """Return the records of each identity."""
    return [
        {one["target"]["reference"].partition("/")[2] for one in person["link"]}
        for person in await every(people, "Person?_count=500")
    ]


async def together(people: People, *ids: str) -> bool:
    return any(set(ids) <= group for group in await groups(people))


async def cases(people: People) -> dict[Pairs | tuple[str, str], dict[str, Any]]:
    """Return the cases by the two records that they are about."""
    return {
        (
            task["focus"]["reference"].partition("/")[2],
            task["input"][0]["valueReference"]["reference"].partition("/")[2],
        ): task
        for task in await every(people, "Task?code=same-person&_count=500")
    }


def outcome(task: dict[str, Any]) -> str:
    return str(task["businessStatus"]["coding"][0]["code"])


async def versions(people: People) -> dict[str, str]:
    kept = await every(people, "Person?_count=500") + await every(
        people, "Task?code=same-person&_count=500"
    )
    return {f"{one['resourceType']}/{one['id']}": one["meta"]["versionId"] for one in kept}


async def decide(people: People, case: dict[str, Any], outcome: str) -> None:
    said = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "case", "valueReference": {"reference": f"Task/{case['id']}"}},
            {"name": "outcome", "valueCode": outcome},
            {"name": "reason", "valueString": "seen both cards"},
        ],
    }
    answer = await people.emna.post("/Task/$identity-decide", json=said)
    assert answer.status_code == 200, answer.text


async def test_it_tells_what_it_did(told: dict[str, Any], people: People) -> None:
    records = RECORDS + len(SPECIAL)
    assert told["records"] == records
    assert sum(int(size) * count for size, count in told["sizes"].items()) == records
    assert told["identities"] == len(await groups(people))
    assert told["open_cases"] >= 2
    assert told.keys() <= headings().keys()
    assert {"links", "questions", "undated", "shared", "match", "review", "version"} <= told.keys()


async def test_records_of_one_person_are_linked(
    told: dict[str, Any], people: People, truth: Pairs
) -> None:
    generated = [[one for one in group if one.startswith("r")] for group in await groups(people)]
    found = {pair for group in generated for pair in combinations(sorted(group), 2)}
    assert len(found & truth) / len(found) > 0.99
    assert len(found & truth) / len(truth) > 0.9


async def test_every_record_belongs_to_one_identity(told: dict[str, Any], people: People) -> None:
    linked = [one for group in await groups(people) for one in group]
    assert len(linked) == len(set(linked)) == told["records"]


async def test_a_link_says_why(told: dict[str, Any], people: People) -> None:
    case = (await cases(people))["apart-1", "apart-2"]
    assert (outcome(case), case["status"]) == ("linked", "completed")
    said = {one["type"]["coding"][0]["code"] for one in case["input"]}
    assert {"weight", "probability", "model", "field:given", "field:born", "field:cnie"} <= said


async def test_twins_are_two_people_in_either_script(told: dict[str, Any], people: People) -> None:
    assert await together(people, "twin-2", "twin-3")
    assert not await together(people, "twin-1", "twin-2")
    assert not await together(people, "twin-1", "twin-3")


async def test_who_is_insured_under_one_number_may_be_two(
    told: dict[str, Any], people: People
) -> None:
    assert not await together(people, "insured-1", "insured-2")
    assert outcome((await cases(people))["insured-1", "insured-2"]) == "open"


async def test_a_newborn_without_a_name_is_a_question(told: dict[str, Any], people: People) -> None:
    assert not await together(people, "newborn-1", "newborn-2")
    assert outcome((await cases(people))["newborn-1", "newborn-2"]) == "open"


async def test_two_cards_are_a_question(told: dict[str, Any], people: People) -> None:
    assert not await together(people, "cards-1", "cards-2")
    assert outcome((await cases(people))["cards-1", "cards-2"]) == "open"


async def test_a_second_run_changes_nothing(
    told: dict[str, Any], people: People, command: Command
) -> None:
    before = await versions(people)
    again = await command("--register")
    assert await versions(people) == before
    counts = (
        "records", "links", "clusters", "sizes", "questions", "identities", "open_cases", "version",
    )  # fmt: skip
    assert {name: again[name] for name in counts} == {name: told[name] for name in counts}


async def test_a_stewards_same_goes_before_two_cards_and_others_may_join(
    told: dict[str, Any], people: People, command: Command
) -> None:
    await decide(people, (await cases(people))["cards-1", "cards-2"], "same")
    assert await together(people, "cards-1", "cards-2")
    third = row("cards-3", given="إدريس", family="بنكيران", birth_date="1944-08-09", sex="m")
    await write(people, [patient(third)])
    await command("--register")
    assert await together(people, "cards-1", "cards-2", "cards-3")
    found = await cases(people)
    assert outcome(found["cards-1", "cards-2"]) == "same"
    about = {outcome(found[pair]) for pair in (("cards-1", "cards-3"), ("cards-2", "cards-3"))}
    assert about == {"linked"}, "nothing is asked that the steward has answered"


async def test_a_stewards_different_is_never_undone(
    told: dict[str, Any], people: People, command: Command
) -> None:
    said = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "valueReference": {"reference": "Patient/apart-2"}},
            {"name": "reason", "valueString": "a borrowed card"},
        ],
    }
    answer = await people.emna.post("/Person/$unmerge", json=said)
    assert answer.status_code == 200, answer.text
    third = row(
        "apart-3", given="Hind", birth_date="1947-11-23", cnie="BE300001", idcs="3000010002"
    )
    await write(people, [patient(third)])
    await command("--register")
    assert not await together(people, "apart-1", "apart-2")
    assert await together(people, "apart-2", "apart-3"), "the nearer, not the one with more records"
    found = await cases(people)
    assert outcome(found["apart-1", "apart-2"]) == "different"
    about = [outcome(found[pair]) for pair in (("apart-1", "apart-3"), ("apart-2", "apart-3"))]
    assert about == ["open", "linked"], "of which of the two it is, the other asks"


async def test_nobody_joins_an_identity_from_whose_records_a_steward_told_them(
    told: dict[str, Any], people: People, command: Command
) -> None:
    assert await together(people, "moved-1", "moved-2")
    await decide(people, (await cases(people))["moved-2", "moved-3"], "different")
    corrected = row("moved-1", given="Zineb", birth_date="1951-01-23", phone="0677700700")
    await write(people, [patient(corrected)])
    await command("--register")
    assert await together(people, "moved-1", "moved-2"), "no machine takes an identity apart"
    assert not await together(people, "moved-2", "moved-3")
    assert outcome((await cases(people))["moved-1", "moved-3"]) == "open"
