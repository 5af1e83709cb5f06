"""The resource that a request carries, or the parameters of an operation."""

from __future__ import annotations

import asyncio

from nabd.errors import problem
from nabd.fhir.check import check
from nabd.fhir.json import Json
from nabd.web.fhir.exchange import Call, Parameters
from nabd.web.fhir.negotiation import is_json

LONG = 256 * 1024  # bytes: some milliseconds
EXPECTED = "application/fhir+json"


async def posted(call: Call, type_name: str | None) -> Json:
    """Read and check the resource in the body; every problem of it is raised at once.

    ``type_name`` is the type that the address names; ``None`` allows any.
    """
    return await checked(await raw(call), type_name)


async def checked(body: bytes, type_name: str | None) -> Json:
    """Check a resource; a long one beside the event loop, so that others are served meanwhile."""
    if len(body) < LONG:
        return check(body, type_name)
    return await asyncio.to_thread(check, body, type_name)


async def raw(call: Call, may_be_empty: bool = False) -> bytes:
    """Read the body, once.

    Raises Problem N7005 when it says that it is no JSON, N7024 when it is empty and may not be.
    """
    if not is_json(call.header(b"content-type") or EXPECTED):
        raise problem("N7005", "Content-Type", expected=EXPECTED)
    body = (await call.body()).strip()
    if not body and not may_be_empty:
        raise problem("N7024", expected="JSON")
    return body


async def operation_parameters(call: Call) -> Parameters:
    """Read the parameters of an operation that is posted, as an address would say them.

    An empty body has none.  A reference stands for what it refers to.
    """
    body = await raw(call, may_be_empty=True)
    if not body:
        return call.query
    value = check(body, "Parameters")
    return (*call.query, *(_pair(p) for p in value.get("parameter", [])))


def _pair(parameter: Json) -> tuple[str, str]:
    value = next((v for k, v in parameter.items() if k.startswith("value")), None)
    if isinstance(value, dict):
        value = value.get("reference")
    if not isinstance(value, str | int):
        raise problem("N7024", "Parameters.parameter", expected="Parameters.parameter.value[x]")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return parameter["name"], text
