"""How the API speaks: formats, languages, limits, and a clear word for every wrong request."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import pytest
from cast import People, code_of, patient

from nabd.fhir.definitions import search_parameters

FHIR_JSON = {"content-type": "application/fhir+json"}


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        ("application/fhir+json", "application/fhir+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("text/html, */*;q=0.1", "application/fhir+json; charset=utf-8"),
        ("application/fhir+xml, application/json;q=0.5", "application/json; charset=utf-8"),
    ],
)
async def test_the_client_chooses_the_format(people: People, accept: str, sent: str) -> None:
    answer = await people.amina.get("/Patient", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, sent)


async def test_format_overrules_accept(people: People) -> None:
    for wanted in ("json", "application/fhir+json", "application/fhir%2Bjson"):
        answer = await people.amina.get(
            f"/Patient?_format={wanted}", headers={"accept": "application/fhir+xml"}
        )
        assert answer.status_code == 200
    xml = await people.amina.get("/Patient?_format=xml")
    assert (xml.status_code, code_of(xml)) == (406, "N7004")
    assert xml.headers["content-type"].startswith("application/fhir+json")


async def test_pretty_is_indented_and_long_is_compressed(people: People) -> None:
    pretty = await people.nobody.get("/metadata?_pretty=true")
    assert b'\n  "resourceType"' in pretty.content
    assert pretty.headers["content-encoding"] == "gzip"
    plain = await people.nobody.get("/metadata", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == pretty.json()


@pytest.mark.parametrize(
    ("accept", "word"),
    [("fr-MA,fr;q=0.9", "attendu"), ("ar", "كان"), ("en", "Expected"), ("de", "Expected")],
)
async def test_problems_are_told_in_the_clients_language(
    people: People, accept: str, word: str
) -> None:
    answer = await people.amina.get("/Nothing", headers={"accept-language": accept})
    assert answer.status_code == 404
    assert word in answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize(
    ("method", "place", "status", "code"),
    [
        ("GET", "/Nothing/1", 404, "N7002"),
        ("GET", "/patient/1", 404, "N7002"),
        ("GET", "/Patient/1/_history/1/2", 404, "N7001"),
        ("GET", "/Patient/1/$fly", 404, "N7001"),
        ("GET", "/Parameters/1", 404, "N7002"),
        ("PUT", "/metadata", 405, "N7003"),
        ("DELETE", "/", 405, "N7003"),
        ("TRACE", "/Patient", 405, "N7003"),
        ("GET", "/Patient/%00", 400, "N7012"),
        ("GET", "/Patient/..%2f..%2fetc", 404, "N7001"),
        ("GET", "/Patient?name=%ff", 400, "N7030"),
        ("GET", "/Patient?name=%00", 400, "N7030"),
        ("GET", "/Patient?" + "&".join("name=a" for _ in range(1001)), 400, "N7009"),
    ],
)
async def test_a_wrong_address_is_named(
    people: People, method: str, place: str, status: int, code: str
) -> None:
    answer = await people.amina.request(method, place)
    assert (answer.status_code, code_of(answer)) == (status, code)


async def test_a_wrong_method_learns_the_right_ones(people: People) -> None:
    answer = await people.amina.put("/metadata")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"Patient"',
        b"\xff\xfe{}",
        b'{"resourceType":"Patient","resourceType":"Group"}',
        b'{"resourceType":"Nothing"}',
        b'{"resourceType":"Patient","id":5}',
        b'{"resourceType":"Patient","name":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 5000 + b"}",
        b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","gender":NaN}',
    ],
)
async def test_what_is_no_resource_is_refused_clearly(people: People, body: bytes) -> None:
    for method, place in (("POST", "/Patient"), ("PUT", "/Patient/1"), ("POST", "/")):
        answer = await people.amina.request(method, place, content=body, headers=FHIR_JSON)
        assert 400 <= answer.status_code < 500, answer.text
        assert code_of(answer)


async def test_a_body_has_a_limit_even_when_it_does_not_say_its_length(people: People) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536

    answer = await people.amina.post("/Patient", content=endless(), headers=FHIR_JSON)
    assert (answer.status_code, code_of(answer)) == (413, "N7006")


async def test_a_compressed_body_is_read_and_a_bomb_is_not(people: People) -> None:
    packed = FHIR_JSON | {"content-encoding": "gzip"}
    body = gzip.compress(b'{"resourceType":"Patient","active":true}')
    made = await people.amina.post("/Patient", content=body, headers=packed)
    assert (made.status_code, made.json()["active"]) == (201, True)
    bomb = gzip.compress(b" " * 10_000_000)
    answer = await people.amina.post("/Patient", content=bomb, headers=packed)
    assert (answer.status_code, code_of(answer)) == (413, "N7006")
    for wrong in (body[:-9], b"not gzip", body + b"lost", body + gzip.compress(b" ")):
        answer = await people.amina.post("/Patient", content=wrong, headers=packed)
        assert (answer.status_code, code_of(answer)) == (400, "N7008")


async def test_a_body_that_does_not_come_is_not_waited_for(people: People) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        import asyncio

        await asyncio.sleep(60)

    answer = await people.amina.post("/Patient", content=never(), headers=FHIR_JSON)
    assert (answer.status_code, code_of(answer)) == (408, "N7007")


async def test_every_answer_carries_the_requests_id(people: People) -> None:
    named = await people.amina.get("/Patient", headers={"x-request-id": "visit-7"})
    assert named.headers["x-request-id"] == "visit-7"
    strange = await people.amina.get("/Patient", headers={"x-request-id": "a b\tc"})
    assert strange.headers["x-request-id"] not in ("", "a b\tc")


async def test_no_answer_is_guessed_to_be_a_page(people: People) -> None:
    for client, path in ((people.amina, "/Patient"), (people.nobody, "/Patient/1")):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"


async def test_other_sites_get_no_leave_to_read(people: People) -> None:
    answer = await people.amina.get("/Patient", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_who_is_not_signed_in_sees_the_statement_only(people: People) -> None:
    assert (await people.nobody.get("/metadata")).status_code == 200
    for method, place in (("GET", "/Patient/1"), ("GET", "/Organization"), ("POST", "/")):
        answer = await people.nobody.request(method, place, json=patient())
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_statement_is_true(people: People) -> None:
    """What it claims is answered, and what it does not claim is not."""
    statement = (await people.nobody.get("/metadata")).json()
    checked = await people.amina.post("/CapabilityStatement/$validate", json=statement)
    assert checked.json()["issue"][0]["severity"] == "information", checked.text
    rest = statement["rest"][0]
    assert {i["code"] for i in rest["interaction"]} == {
        "transaction",
        "batch",
        "search-system",
        "history-system",
    }
    resources = {r["type"]: r for r in rest["resource"]}
    claimed = {p["name"] for p in resources["Patient"]["searchParam"]}
    for code in search_parameters("Patient"):
        answer = await people.amina.get("/Patient", params={f"{code}:missing": "true"})
        known = code_of(answer) not in ("N2501", "N2502") if answer.status_code != 200 else True
        assert known == (code in claimed), code
    operations = {o["name"] for r in resources.values() for o in r.get("operation", [])}
    assert {"validate", "everything", "export"} <= operations
