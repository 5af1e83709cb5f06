"""Commands at work on a database: what they load, refuse, show, export, keep and mend."""

from __future__ import annotations

import base64
import json
import socket
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nabd import cli, config
from nabd.commands.house import opened
from nabd.commands.texts import headings

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "male"}
HOSPITAL = {"resourceType": "Organization", "id": "h1", "name": "A hospital"}
BROKEN = {"resourceType": "Patient", "id": "p2", "gender": "neither"}
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command on a fresh database; return its exit code and its JSON answer."""
    monkeypatch.setenv("NABD_DATABASE_URL", database)
    monkeypatch.setenv("NABD_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, Any]:
        import asyncio

        capsys.readouterr()
        with ThreadPoolExecutor(1) as apart:  # a command starts an event loop of its own
            code = apart.submit(cli.main, [*arguments, "--json"]).result()
        assert asyncio.get_event_loop_policy()
        out = capsys.readouterr().out.strip()
        told = json.loads(out.splitlines()[-1]) if out else None
        assert names_in(told) <= {*headings(), "record", "encoding"}, "headings.toml lacks one"
        return code, told

    return command


def names_in(told: Any) -> set[str]:
    """Return the names of all plain values of a command's answer."""
    if isinstance(told, list):
        return {name for one in told for name in names_in(one)}
    if not isinstance(told, dict) or "resourceType" in told:
        return set()
    plain = {name for name, one in told.items() if not isinstance(one, list | dict)}
    return plain | names_in([one for one in told.values() if isinstance(one, list | dict)])


def code_of(outcome: Any) -> str:
    return str(outcome["issue"][0]["details"]["coding"][0]["code"])


def ndjson(path: Path, *resources: Any) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in resources))
    return str(path)


async def test_a_file_is_loaded_and_loading_it_again_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "a.ndjson", PATIENT)
    code, told = run("load", path, "--workers", "0")
    assert (code, told["received"], told["stored"], told["quarantined"]) == (0, 1, 1, 0)
    code, told = run("load", path, "--workers", "0")
    assert (code, told["received"], told["unchanged"]) == (0, 1, 1)


async def test_what_is_wrong_goes_to_quarantine_and_comes_back_corrected(
    run: Run, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "a.ndjson", PATIENT, BROKEN)
    code, told = run("load", path, "--workers", "0")
    assert (code, told["stored"], told["quarantined"]) == (1, 1, 1)
    code, listed = run("quarantine", "list")
    assert (code, len(listed), listed[0]["row"], listed[0]["type"]) == (0, 1, 2, "Patient")
    number = str(listed[0]["id"])
    code, shown = run("quarantine", "show", number)
    assert json.loads(shown["record"]) == BROKEN
    assert shown["issues"][0]["path"] == "Patient.gender"
    assert run("quarantine", "resubmit", number)[0] == 1
    mended = ndjson(tmp_path / "b.json", BROKEN | {"gender": "female"})
    assert run("quarantine", "correct", number, "--file", mended, "--reason", "misread")[0] == 0
    code, shown = run("quarantine", "resubmit", number)
    assert (code, shown["state"]) == (0, "resolved")
    assert {"type": "Patient", "count": 2} in run("status")[1]["resources"]


@pytest.mark.parametrize(
    ("language", "headings_of_quarantine", "heading_of_load"),
    [
        ("en", ["id", "batch", "source", "row", "type"], "received"),
        ("fr", ["id", "lot", "source", "ligne", "type"], "reçus"),
        ("ar", ["المعرف", "الدفعة", "المصدر", "السطر", "الصنف"], "الواردة"),
    ],
)
async def test_what_a_command_tells_has_headings_in_the_language(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    headings_of_quarantine: list[str],
    heading_of_load: str,
) -> None:
    monkeypatch.setenv("NABD_LANG", language)
    file = ndjson(tmp_path / "a.ndjson", PATIENT, BROKEN)
    for command in (["load", file, "--workers", "0"], ["quarantine", "list"]):
        with ThreadPoolExecutor(1) as apart:
            apart.submit(cli.main, command).result()
        said = capsys.readouterr().out.splitlines()
        if command[0] == "load":
            assert any(line.split() == [heading_of_load, "2"] for line in said)
        else:
            assert said[0].split()[:5] == headings_of_quarantine


async def test_what_a_broken_record_holds_is_shown_never_obeyed(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record may be written for whoever looks at it in a terminal."""
    records = [b'{"id": "\x1b]0;owned\x07\x1b[2J"', '{"id": "\x9b31mé'.encode(), b'{"id": "\xff']
    (tmp_path / "a.ndjson").write_bytes(b'{"resourceType":"Patient"}\n' + b"\n".join(records))
    run("load", "a.ndjson", "--workers", "0")
    numbers = [str(one["id"]) for one in run("quarantine", "list")[1]]
    told = [run("quarantine", "show", number)[1] for number in numbers]
    assert [one["encoding"] for one in told] == ["utf-8", "utf-8", "base64"]
    assert base64.b64decode(told[2]["record"]) == records[2]
    for number, shown in zip(numbers, ("\\x1b]0;owned\\x07", "\\x9b31mé", "\\xff"), strict=True):
        with ThreadPoolExecutor(1) as apart:
            assert apart.submit(cli.main, ["quarantine", "show", number]).result() == 0
        said = capsys.readouterr().out
        assert shown in said
        assert {one for one in said if unicodedata.category(one) == "Cc"} <= {"\n"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("quarantine", "list", "--count", "-1"),
        ("quarantine", "show", "99999999999999999999"),
        ("quarantine", "list", "--batch", "0"),
        ("check", "--most", "-1", "x"),
        ("demo", "--people", "0"),
        ("load", "--workers", "-2", "x"),
        ("serve", "--workers", "0"),
        ("user", "token", "admin", "--days", "0"),
        ("user", "token", "admin", "--days", "1e9"),
    ],
)
async def test_a_number_out_of_bounds_is_a_wrong_command_line(
    run: Run, arguments: tuple[str, ...]
) -> None:
    code, outcome = run(*arguments)
    assert (code, code_of(outcome)) == (2, "N4030")


async def test_a_port_that_is_taken_is_told_before_anything_is_loaded(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, outcome = run("serve", "--demo", "--port", port)
    assert (code, code_of(outcome)) == (14, "N4034")
    assert run("status")[1]["resources"] == []
    assert code_of(run("serve", "--port", "70000")[1]) == "N4030"


async def test_who_would_see_nothing_is_not_let_in_without_a_word(run: Run, tmp_path: Path) -> None:
    """A slip in a place's code, or in a facility's id, hides everything from everybody there."""
    create = ("user", "create", "amina", "--role", "clinician", "--no-password", "--place")
    for place in ("facility:h1", "region:99", "province:xx", "province:04", "region:04.421"):
        code, outcome = run(*create, place)
        assert (code, code_of(outcome)) == (1, "N7508"), place
    path = ndjson(tmp_path / "a.ndjson", PATIENT)
    code, outcome = run("load", path, "--workers", "0", "--custodian", "h1")
    assert (code, code_of(outcome)) == (1, "N7508")
    assert run("load", ndjson(tmp_path / "h.ndjson", HOSPITAL), "--workers", "0")[0] == 0
    assert run("load", path, "--workers", "0", "--custodian", "h1")[0] == 0
    assert run(*create, "facility:h1")[0] == 0
    assert run("user", "role", "amina", "--role", "steward", "--place", "region:04")[0] == 0


async def test_a_type_is_exported_once_however_often_it_is_named(run: Run, tmp_path: Path) -> None:
    run("load", ndjson(tmp_path / "a.ndjson", PATIENT), "--workers", "0")
    run("export", "out", "--type", "Patient", "--type", "Patient")
    assert len(Path("out/Patient.ndjson").read_text().splitlines()) == 1


async def test_an_entry_is_discarded_with_a_reason_only(run: Run, tmp_path: Path) -> None:
    run("load", ndjson(tmp_path / "a.ndjson", BROKEN), "--workers", "0")
    number = str(run("quarantine", "list")[1][0]["id"])
    code, outcome = run("quarantine", "discard", number)
    assert (code, code_of(outcome)) == (1, "N3019")
    assert run("quarantine", "discard", number, "--reason", "a test")[1]["state"] == "discarded"


async def test_check_says_what_a_load_would_refuse_and_needs_no_database(
    run: Run, tmp_path: Path
) -> None:
    code, found = run("check", ndjson(tmp_path / "a.ndjson", PATIENT, BROKEN))
    assert (code, found["resources"], found["wrong"]) == (1, 2, 1)
    assert found["issues"][0]["row"] == 2
    assert run("check", ndjson(tmp_path / "b.ndjson", PATIENT))[0] == 0


async def test_a_database_goes_into_one_file_and_comes_out_of_it(
    run: Run, tmp_path: Path, database: str
) -> None:
    run("load", ndjson(tmp_path / "a.ndjson", PATIENT), "--workers", "0")
    code, tables = run("backup", "a.backup")
    assert code == 0
    assert {"table": "resource", "rows": 2} in tables  # the record, and its identity
    code, outcome = run("backup", "a.backup")
    assert (code, code_of(outcome)) == (14, "N4033")
    code, _ = run("restore", "a.backup")
    assert code == 14, "a database that is not empty is not overwritten"


async def test_resources_are_exported_as_ndjson(run: Run, tmp_path: Path) -> None:
    run("load", ndjson(tmp_path / "a.ndjson", PATIENT), "--workers", "0")
    code, files = run("export", "out", "--type", "Patient")
    assert (code, files) == (0, [{"type": "Patient", "count": 1, "file": "out/Patient.ndjson"}])
    (line,) = Path("out/Patient.ndjson").read_text().splitlines()
    assert json.loads(line)["id"] == "p1"
    assert code_of(run("export", "out")[1]) == "N4033"


async def test_live_tables_are_listed_verified_and_rebuilt(run: Run, tmp_path: Path) -> None:
    run("load", ndjson(tmp_path / "a.ndjson", PATIENT), "--workers", "0")
    assert all(one["clean"] for one in run("views", "verify")[1])
    assert {one["state"] for one in run("views", "rebuild", "patient_demography")[1]} == {"ready"}
    assert code_of(run("views", "verify", "nothing")[1]) == "N3011"


async def test_accounts_are_made_changed_and_closed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from io import StringIO

    monkeypatch.setattr("sys.stdin", StringIO("olive-palmier-12\n"))
    run("load", ndjson(tmp_path / "h.ndjson", HOSPITAL), "--workers", "0")
    created = ("user", "create", "amina", "--role", "clinician", "--place", "facility:h1")
    assert run(*created)[1]["place"] == "facility:h1"
    assert code_of(run(*created, "--no-password")[1]) == "N4021"
    assert run("user", "role", "amina", "--role", "planner")[1]["role"] == "planner"
    assert run("user", "token", "amina", "--name", "lab")[1]["token"].startswith("nabd_")
    assert [one["name"] for one in run("user", "tokens", "amina")[1]] == ["lab"]
    assert run("user", "revoke", "amina", "--name", "lab")[0] == 0
    assert code_of(run("user", "revoke", "amina", "--name", "lab")[1]) == "N4026"
    assert run("user", "disable", "amina")[1]["disabled"]
    assert run("user", "enable", "amina")[1]["disabled"] is None
    assert [one["name"] for one in run("user", "list")[1]] == ["amina"]
    assert code_of(run("user", "disable", "nobody")[1]) == "N4022"
    assert run("user", "create")[0] == 2


async def test_the_schema_is_brought_forward(run: Run) -> None:
    code, told = run("migrate")
    assert code == 0
    assert told["version"] >= 3


async def test_dictionaries_are_trained_on_what_is_stored(run: Run, tmp_path: Path) -> None:
    names = [{"family": f"family {n}", "given": [f"given {n * n}"]} for n in range(400)]
    people = [{**PATIENT, "id": f"p{n}", "name": [one]} for n, one in enumerate(names)]
    run("load", ndjson(tmp_path / "a.ndjson", *people), "--workers", "0")
    assert run("migrate", "--retrain")[0] == 0
    more = ndjson(tmp_path / "b.ndjson", {**people[0], "id": "later"})
    assert run("load", more, "--workers", "0")[1]["stored"] == 1
    assert run("export", "out")[1] == [
        {"type": "Patient", "count": 401, "file": "out/Patient.ndjson"},
        {"type": "Person", "count": 401, "file": "out/Person.ndjson"},
    ]


async def test_the_places_are_loaded_alone_and_once(run: Run) -> None:
    code, told = run("load", "--territory")
    assert (code, told["quarantined"]) == (0, 0)
    assert told["stored"] > 1_500
    code, again = run("load", "--territory")
    assert (code, again["stored"], again["unchanged"]) == (0, 0, told["stored"])


async def test_a_table_brings_the_places_that_it_refers_to(run: Run, shared: Path) -> None:
    path = str(shared / "data/morocco/hospitals-2024.csv")
    code, told = run("load", "--mapping", "morocco-hospitals-2024", path, "--workers", "0")
    assert (code, told["rows"], told["quarantined"]) == (0, 177, 0)
    run("export", "out", "--type", "Location")
    sites = [json.loads(line) for line in Path("out/Location.ndjson").read_text().splitlines()]
    there = {one["id"] for one in sites}
    parents = {one["partOf"]["reference"] for one in sites if "partOf" in one}
    assert {one.removeprefix("Location/") for one in parents} <= there


async def test_what_an_older_version_stored_is_indexed_again(run: Run, tmp_path: Path) -> None:
    identifier = {"system": "https://nabd.health/fhir/sid/cnie", "value": "AB123456"}
    known = {**PATIENT, "identifier": [identifier]}
    run("load", ndjson(tmp_path / "a.ndjson", known), "--workers", "0")
    settings = config.load()
    async with opened(settings) as house:
        keys = "select count(*) from key_value"
        async with house.store.connection() as connection:
            before = await connection.fetchval(keys)
            await connection.execute("delete from key_value")
        assert run("migrate", "--reindex")[0] == 0
        async with house.store.connection() as connection:
            assert await connection.fetchval(keys) == before > 0
