"""/metrics and /health: true, and without anything that names a person or a resource."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nabd import log
from nabd.store import Store
from nabd.web.metrics import MOST_SHAPES, Metrics, Watch, shape_of

LINE = re.compile(r'^[a-z_]+(\{([a-z]+="[^"\n]*",?)*\})? [0-9.e+-]+$')


async def ask(application: Any, path: str, method: str = "GET") -> tuple[int, bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await application({"type": "http", "method": method, "path": path}, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def nothing() -> Any:
    return {"type": "http.request"}


async def ignored(message: Any) -> None:
    """Take an answer."""


async def inside(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"].endswith("fault"):
        raise RuntimeError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


async def test_requests_are_counted_by_shape_and_status(store: Store) -> None:
    watch = Watch(inside, lambda: store)
    for id_ in ("1", "2"):
        assert await ask(watch, f"/fhir/Patient/{id_}") == (200, b"inside")
    with pytest.raises(RuntimeError):
        await ask(watch, "/fault")
    status, body = await ask(watch, "/metrics")
    text = body.decode()
    assert status == 200
    assert re.search(r'nabd_requests_total{.*route="/fhir/{type}/{id}",status="200"} 2', text)
    assert re.search(r'nabd_requests_total{.*route="/fault",status="500"} 1', text)
    assert re.search(r'nabd_request_seconds_count{.*route="/fhir/{type}/{id}"} 2', text)
    assert [one for one in text.splitlines() if not (one.startswith("#") or LINE.match(one))] == []


async def test_health_is_up_while_the_database_answers(store: Store) -> None:
    status, body = await ask(Watch(inside, lambda: store), "/health")
    assert status == 200
    assert json.loads(body)["database"] == "up"


async def test_health_is_down_without_a_database(store: Store) -> None:
    closed = await Store.open(store.dsn, size=1)
    await closed.close()
    for source in (lambda: None, lambda: closed):
        status, body = await ask(Watch(inside, source), "/health")
        assert status == 503
        assert json.loads(body)["status"] == "down"


async def test_a_fault_is_logged_with_its_route_only(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "json")
    watch = Watch(inside, lambda: None)
    with pytest.raises(RuntimeError):
        await ask(watch, "/fhir/Patient/secret-id/$fault")
    line = json.loads(capsys.readouterr().err)
    assert (line["route"], line["status"]) == ("/fhir/{type}/{id}/$fault", 500)
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "/"),
        ("/fhir/metadata", "/fhir/metadata"),
        ("/fhir/Patient/1/_history/2", "/fhir/{type}/{id}/_history/{id}"),
        ("/fhir/Patient/_search", "/fhir/{type}/_search"),
        ("/fhir/nonsense", "/fhir/…"),
        ("/static/nabd.css", "/static"),
        ("/regions/04", "/regions/…"),
    ],
)
def test_a_shape_names_no_resource(path: str, shape: str) -> None:
    assert shape_of(path) == shape


@settings(max_examples=200, deadline=None)
@given(st.text('aZ/$_%"\n{}é', max_size=30))
def test_any_path_has_a_harmless_shape(path: str) -> None:
    assert not set('"\n\\') & set(shape_of("/" + path))


async def test_the_log_has_nothing_of_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("debug", "json")
    watch = Watch(inside, lambda: None)
    for path in ("/records/Patient", "/fhir/Patient", "/identity/search", "/fhir/Patient/$match"):
        asked = {"type": "http", "method": "GET", "path": path, "query_string": b"name=Ghizlane"}
        await watch(asked, nothing, ignored)
        await watch(asked | {"path": f"{path}/Ghizlane"}, nothing, ignored)
    text = capsys.readouterr().err
    assert text.count('"event":"request"') == 8
    assert "Ghizlane" not in text and "Ghizlane" not in watch.metrics.text()


def test_strange_paths_do_not_fill_the_memory() -> None:
    metrics = Metrics()
    for number in range(MOST_SHAPES * 2):
        metrics.observe("GET", f"/{number}", 404, 0.1)
    assert metrics.text().count("nabd_request_seconds_count") <= MOST_SHAPES + 1


def test_made_up_paths_leave_room_for_those_of_the_house() -> None:
    metrics = Metrics()
    for number in range(MOST_SHAPES * 2):
        metrics.observe("GET", f"/{number}", 404, 0.1)
        metrics.observe(f"VERB{number}", "/country", 405, 0.1)
    metrics.observe("GET", "/country", 200, 0.1)
    assert 'route="/country",status="200"} 1' in metrics.text()


async def test_requests_at_once_are_timed_apart(store: Store) -> None:
    watch = Watch(inside, lambda: store)
    await asyncio.gather(*(ask(watch, "/country") for _ in range(50)))
    assert 'route="/country",status="200"} 50' in watch.metrics.text()
