"""The command line itself: exit codes, help and texts in three languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from nabd import cli
from nabd.access.tokens import Token
from nabd.commands.terminal import Terminal
from nabd.commands.texts import headings, language_of, texts
from nabd.errors import LANGUAGES, issue
from nabd.identity.batch.report import Report
from nabd.identity.train import Quality
from nabd.store.tables import Difference


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("N4001", 10),
        ("N4030", 2),
        ("N3007", 11),
        ("N4010", 12),
        ("N4014", 12),
        ("N1001", 13),
        ("N1002", 13),
        ("N3010", 14),
        ("N4013", 15),
        ("N1000", 19),
        ("N3013", 1),
    ],
)
def test_the_exit_code_tells_the_category(code: str, expected: int) -> None:
    assert cli.exit_code([issue(code)]) == expected


def test_a_warning_is_no_failure() -> None:
    assert cli.exit_code([issue("N1001", severity="warning")]) == 0


@pytest.mark.parametrize("arguments", [["nothing"], ["load"], ["views", "burn"], []])
def test_a_wrong_command_line_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert "usage: nabd" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nothing"], "COMMAND: serve | load"),
        (["load"], "nabd load"),
        (["load", "x", "--nothing"], "--nothing: nabd load"),
        (["serve", "--port", "abc"], "--port PORT"),
        (["views", "burn"], "list | verify | rebuild"),
    ],
)
def test_a_wrong_command_line_is_told_in_the_language_of_who_typed_it(
    arguments: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NABD_LANG", "fr")
    assert cli.main(arguments) == 2
    told = capsys.readouterr().err.partition("N4030")[2]
    assert expected in told
    assert "était attendu" in told


def test_a_path_where_nothing_is_ends_with_13(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NABD_LANG", "fr")
    assert cli.main(["check", "/nothing/here"]) == 13
    assert "/nothing/here, mais il n’y a rien" in capsys.readouterr().err


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_examples(name: str, language: str) -> None:
    parser = cli.parser(language, name)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args([name, "--help"])
    assert ended.value.code == 0
    assert f"nabd {name}" in cli.command_named(name).examples


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_example_is_a_command_line_that_is_understood(name: str) -> None:
    import shlex

    parser = cli.parser("en", name)
    for line in cli.command_named(name).examples.splitlines():
        words = shlex.split(line)
        parser.parse_args(words[words.index("nabd") + 1 :])


@pytest.mark.parametrize("key", texts())
def test_every_text_has_three_languages_with_the_same_placeholders(key: str) -> None:
    said = texts()[key]
    assert set(said) == set(LANGUAGES)
    fields = [{f for _, f, _, _ in string.Formatter().parse(said[one]) if f} for one in LANGUAGES]
    assert fields[0] == fields[1] == fields[2]


def test_every_text_is_used() -> None:
    folder = Path(cli.__file__).parent
    code = "".join(p.read_text() for p in [*folder.glob("commands/*.py"), folder / "cli.py"])
    named = set(re.findall(r'"([a-z]+(?:\.[a-z_]+)?)"', code)) | set(cli.COMMANDS)
    named |= {f"status.{one}" for one in ("resources", "batches", "quarantine", "tables")}
    assert set(texts()) <= named


@pytest.mark.parametrize("name", headings())
def test_every_heading_has_three_languages(name: str) -> None:
    assert {language for language, said in headings()[name].items() if said} == {*LANGUAGES}


def test_figures_of_several_kinds_stand_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal("en").record({"sizes": {1: 38, 2: 1_100}, "shared": {}})
    told = [line.split("  ", 1)[1].strip() for line in capsys.readouterr().out.splitlines()]
    assert told == ["1: 38, 2: 1,100", "–"]


def test_every_figure_that_is_told_has_a_heading_and_every_heading_is_told() -> None:
    figures = {*Report._fields, *Token._fields, *Difference.__annotations__}
    figures |= {f"{when}_{one}" for when in ("before", "after") for one in Quality._fields}
    assert figures <= headings().keys()
    package = Path(cli.__file__).parent
    told = [*package.glob("commands/*.py"), package / "store/tables.py"]
    told.append(package / "store/dictionaries.py")
    code = "".join(path.read_text() for path in told)
    assert headings().keys() - figures <= set(re.findall(r"\w+", code))


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ar_MA.UTF-8"}, "ar"),
        ({"LANG": "fr_FR.UTF-8", "NABD_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "LANG": "fr_FR"}, "en"),
        ({"LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(
    environment: dict[str, str], language: str
) -> None:
    assert language_of(environment) == language


def test_an_unexpected_fault_is_told_by_its_number_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the name of a patient")

    monkeypatch.setattr(cli, "_run", fail)
    assert cli.main(["status"]) == 19
    said = capsys.readouterr()
    assert "the name of a patient" not in said.out + said.err
    assert "N1000" in said.err
