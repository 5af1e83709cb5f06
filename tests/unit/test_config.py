"""Settings: typed, documented, and never silently ignored."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd import config
from nabd.errors import Problem


def wrong(environment: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        config.load(environment)
    return [(one.code, one.path) for one in caught.value.issues]


def test_nothing_given_is_the_default() -> None:
    assert config.load({"PATH": "/bin"}) == config.Settings()


def test_what_is_given_is_typed() -> None:
    found = config.load(
        {"NABD_HOME": "/srv/nabd", "NABD_PORT": "9000", "NABD_SECURE_COOKIES": "true"}
    )
    assert (found.home, found.port, found.secure_cookies) == (Path("/srv/nabd"), 9000, True)


def test_every_wrong_setting_is_named_at_once() -> None:
    environment = {
        "NABD_PORT": "70000",
        "NABD_WORKERS": "many",
        "NABD_LOG_LEVEL": "loud",
        "NABD_PROT": "1",
    }
    assert sorted(wrong(environment)) == [
        ("N4001", "NABD_LOG_LEVEL"),
        ("N4001", "NABD_PORT"),
        ("N4001", "NABD_WORKERS"),
        ("N4002", "NABD_PROT"),
    ]


def test_a_message_names_key_expected_and_actual() -> None:
    with pytest.raises(Problem) as caught:
        config.load({"NABD_PORT": "70000"})
    text = caught.value.issues[0].text()
    assert "NABD_PORT" in text
    assert "at most 65535" in text
    assert "70000" in text


def test_a_message_never_shows_a_password() -> None:
    with pytest.raises(Problem) as caught:
        config.load({"NABD_DATABASE_URL": "mysql://u:hunter2@h/d"})
    assert "hunter2" not in str(caught.value)


def test_a_misspelt_name_is_told_the_nearest() -> None:
    with pytest.raises(Problem) as caught:
        config.load({"NABD_DATABASE_URI": "x"})
    assert "NABD_DATABASE_URL" in caught.value.issues[0].text()


def test_every_setting_is_described() -> None:
    table = config.settings_table()
    assert {one.field for one in table} == set(config.Settings.__struct_fields__)
    assert all(one.description and one.expected for one in table)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from([s.key for s in config.settings_table()]), st.text()))
def test_any_text_is_read_or_refused(environment: dict[str, str]) -> None:
    try:
        assert isinstance(config.load(environment), config.Settings)
    except Problem as found:
        assert {one.code for one in found.issues} == {"N4001"}
