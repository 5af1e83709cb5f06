"""Whatever is sent, the API answers with a resource and never with a fault."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nabd.access import Door, accounts
from nabd.config import Settings
from nabd.fhir.definitions import search_parameters
from nabd.slices import SLICES, laws, queries
from nabd.store import Store
from nabd.web.fhir.api import routes
from nabd.web.fhir.export.run import Exports
from nabd.web.fhir.server import FhirApi
from nabd.web.session import entering

TYPES = ("Patient", "Observation", "Encounter", "Location", "Group", "Bundle", "Nothing", "")
CODES = sorted({c for t in ("Patient", "Observation", "Encounter") for c in search_parameters(t)})
WORDS = st.sampled_from(
    ["1", "x", "..", "_history", "_search", "$everything", "$validate", "$export", "metadata", "*"]
)
SEGMENTS = st.one_of(st.sampled_from(TYPES), WORDS, st.text(max_size=8))
MODIFIERS = ("", ":missing", ":exact", ":contains", ":not", ":of-type", ":text", ":Patient", ":x")
NAMES = st.one_of(
    st.builds(str.__add__, st.sampled_from(CODES), st.sampled_from(MODIFIERS)),
    st.sampled_from(
        [
            "_sort",
            "_include",
            "_revinclude",
            "_count",
            "_cursor",
            "_summary",
            "_elements",
            "_total",
            "_has:Observation:subject:code",
            "subject.name",
            "subject:Patient.birthdate",
            "_format",
            "_since",
            "_at",
            "_type",
            "_filter",
            "_list",
            "_contained",
            "near",
            "partof:below",
            "location:above",
            "start",
            "end",
            "_typeFilter",
        ]
    ),
    st.text(max_size=6),
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "ge2020",
            "0",
            "1",
            "2020-13-45",
            "5.4|http://unitsofmeasure.org|mg",
            "1e999",
            "-0",
            "a|b|c",
            "a$b",
            "\\",
            "true",
            "*",
            "Patient:general-practitioner",
            "-birthdate,_id",
            "gender,-subject,code",
            "34.02|-6.84|5|km",
            "-90|180|1e300",
            'name co "a" and not (birthdate lt 2000 or gender eq male)',
            "subject.name pr true",
            "Observation?code=x,Patient?gender=male",
            "Patient/1",
            "9" * 400,
            "nan",
            "0000",
            "9999-12-31T23:59:59.999999999+14:00",
        ]
    ),
    st.text(max_size=12),
)
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=4)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.sampled_from(["application/fhir+json", "text/html", "*/*;q=x", ""]),
        "content-type": st.sampled_from(
            [
                "application/fhir+json",
                "application/json-patch+json",
                "application/x-www-form-urlencoded",
                "text/xml",
                "",
            ]
        ),
        "if-match": st.sampled_from(['W/"1"', "x", '""', "*", "9" * 30]),
        "if-none-match": st.sampled_from(['W/"1"', "*", ",", "x"]),
        "if-none-exist": st.sampled_from(["identifier=a|b", "x=y", "", "%ff", "?"]),
        "if-modified-since": st.sampled_from(["Mon, 23 Nov 2026 10:00:00 GMT", "x", "0"]),
        "prefer": st.sampled_from(["respond-async", "return=minimal", "handling=lenient", ";,="]),
        "accept-language": st.sampled_from(["ar", "fr;q=2", "*", "\xff"]),
        "content-encoding": st.sampled_from(["gzip", "br", "identity"]),
    },
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=10)
)
ELEMENTS = st.sampled_from(
    [
        *("resourceType", "id", "meta", "name", "gender", "_gender", "entry", "request"),
        *("resource", "type", "method", "url", "fullUrl", "subject", "reference", "value"),
        *("parameter", "part", "op", "path", "valueQuantity", "contained", "extension"),
        *("code", "status", "text"),
    ]
)
RESOURCES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(ELEMENTS, inner, max_size=5)
    ),
    max_leaves=12,
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "request": st.fixed_dictionaries(
                {
                    "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "FLY"]),
                    "url": st.one_of(
                        st.sampled_from(
                            [
                                "Patient",
                                "Patient/1",
                                "Patient?name=x",
                                "Patient/1/$everything",
                                "",
                                "http://[",
                                "$validate",
                                "_history",
                                "%ff?%ff",
                            ]
                        ),
                        st.text(max_size=8),
                    ),
                },
                optional={"ifMatch": st.text(max_size=5), "ifNoneExist": st.text(max_size=9)},
            )
        },
        optional={
            "resource": st.one_of(
                RESOURCES,
                st.just({"resourceType": "Patient", "id": "1"}),
                st.just({"resourceType": "Patient", "link": [{"other": {"reference": "urn:x"}}]}),
            ),
            "fullUrl": st.sampled_from(["urn:uuid:1", "http://x/Patient/1", ""]),
        },
    ),
    max_size=4,
)
BUNDLES = st.builds(
    lambda kind, entries: {"resourceType": "Bundle", "type": kind, "entry": entries},
    st.sampled_from(["batch", "transaction"]),
    ENTRIES,
)
BODIES = st.one_of(
    st.binary(max_size=40),
    RESOURCES.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
    BUNDLES.map(lambda value: json.dumps(value).encode()),
)
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

fuzz = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest_asyncio.fixture(scope="module")
async def client(module_database: str, tmp_path_factory: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator: whom nothing is hidden from can reach the most code."""
    store = await Store.open(module_database, laws(), size=4)
    door = Door(store, queries())
    exports = Exports(store, door, tmp_path_factory.mktemp("exports"))
    api = FhirApi(routes(Settings(), SLICES, exports), entering(door))
    await accounts.create(store, "admin", "admin", password="olive-tree-27")
    token = await door.sign_in("admin", "olive-tree-27")
    headers = {"authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(api)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://nabd.test/fhir", headers=headers
    ) as client:
        yield client
    await store.close()


def answered(answer: httpx.Response) -> None:
    """Hold that an answer is none of a fault, and says what is wrong when something is."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        outcome = answer.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert all(issue["details"]["text"] for issue in outcome["issue"])


@fuzz
@given(st.sampled_from(["Patient", "Observation", "Encounter", ""]), QUERIES)
async def test_any_search_is_answered(
    client: httpx.AsyncClient, type_name: str, query: list[tuple[str, str]]
) -> None:
    pairs = [(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in query]
    answered(await client.get(f"/{type_name}", params=pairs))  # type: ignore[arg-type]


@fuzz
@given(METHODS, st.lists(SEGMENTS, max_size=5), QUERIES, HEADERS, BODIES)
async def test_any_request_is_answered(
    client: httpx.AsyncClient,
    method: str,
    segments: list[str],
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
) -> None:
    path = "/" + "/".join(segments).encode("utf-8", "replace").decode()
    pairs = [(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in query]
    quoted = httpx.URL("http://nabd.test/fhir").copy_with(params=pairs).query
    url = httpx.URL("http://nabd.test/fhir" + _quoted(path)).copy_with(query=quoted or None)
    latin = {name: value.encode("latin-1") for name, value in headers.items()}
    answered(await client.request(method, url, headers=latin, content=body))  # type: ignore[arg-type]


@fuzz
@given(BUNDLES)
async def test_any_bundle_is_answered(client: httpx.AsyncClient, bundle: dict[str, Any]) -> None:
    body = json.dumps(bundle)
    answer = await client.post("", content=body, headers={"content-type": "application/fhir+json"})
    answered(answer)
    if answer.status_code == 200:
        statuses = [e["response"]["status"] for e in answer.json().get("entry", [])]
        assert len(statuses) == len(bundle["entry"])
        assert not any(status.startswith("5") for status in statuses)


def _quoted(path: str) -> str:
    return quote(path, safe="/$*:")
