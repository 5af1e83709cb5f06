"""Events and faults: what is logged, and what must never be."""

from __future__ import annotations

import json

import pytest

from nabd import log


@pytest.fixture(autouse=True)
def _json_lines() -> None:
    log.configure("info", "json")


def test_an_event_is_one_json_object_with_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    token = log.REQUEST.set("r1")
    log.event("request", route="/fhir/{type}", status=200, ms=1.5)
    log.REQUEST.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "request",
        "request": "r1",
        "route": "/fhir/{type}",
        "status": 200,
        "ms": 1.5,
    }


def test_a_fault_is_logged_by_type_and_place_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        raise ValueError("Amina was born in 1980")
    except ValueError as error:
        number = log.fault(error)
    text = capsys.readouterr().err
    assert "Amina" not in text
    line = json.loads(text)
    assert (line["fault"], line["error"]) == (number, "ValueError")
    assert "test_log.py" in line["places"][-1]


def test_events_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("warning", "text")
    log.event("request")
    assert capsys.readouterr().err == ""


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "text")
    log.event("started", port=8000)
    assert "started port=8000" in capsys.readouterr().err


def test_a_span_costs_nothing_without_an_sdk() -> None:
    with log.span("GET /fhir/{type}", status=200) as span:
        assert not span.is_recording()
