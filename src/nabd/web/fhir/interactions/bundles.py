"""batch and transaction. http://hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nabd.access import Unit
from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir.check import check, check_value
from nabd.fhir.json import Json, decode
from nabd.log import fault
from nabd.store import Outcome, Stored
from nabd.web.fhir.answers import outcome_of, place, written
from nabd.web.fhir.bundle import bundle, response
from nabd.web.fhir.effect import effect
from nabd.web.fhir.entries import METHODS, Entry, read_entry
from nabd.web.fhir.exchange import Answer, Call
from nabd.web.fhir.interaction import Interaction, Routes
from nabd.web.fhir.posted import checked, raw
from nabd.web.fhir.transaction import transact

WRITES = ("create", "update", "patch", "delete")
READS = ("read", "vread", "search-type", "search-system", "search-compartment")
TOGETHER = 8  # entries of a batch that run at the same time
_OUTCOME = b'{"resourceType":"OperationOutcome"'


class Bundles:
    """The handler of Bundles posted to the base; entries take the same routes as requests."""

    def __init__(self, routes: Callable[[], Routes], limit: int) -> None:
        self._routes = routes
        self._limit = limit

    async def __call__(self, call: Call) -> Answer:
        """Run a batch or a transaction."""
        body = await raw(call)
        value = decode(body)
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in ("batch", "transaction") or value.get("resourceType") != "Bundle":
            check(body, "Bundle")
            raise problem("N7016", "Bundle.type")
        entries = value.get("entry", [])
        if isinstance(entries, list) and len(entries) > self._limit:
            raise problem("N7017", "Bundle.entry", limit=self._limit, count=len(entries))
        if kind == "batch":
            return await self._batch(call, value)
        return await self._transaction(call, await checked(body, "Bundle"))

    async def _transaction(self, call: Call, value: Json) -> Answer:
        entries = [
            self._allowed(read_entry(number, entry, call.base), call.base)
            for number, entry in enumerate(value.get("entry", []))
        ]

        async def work(unit: Unit) -> list[bytes]:
            outcomes = await transact(unit, call, entries)
            return [
                _kept(entry, call, outcomes[number])
                if number in outcomes
                else await self._read(entry, call, unit)
                for number, entry in enumerate(entries)
            ]

        done = await effect(call, "transaction", work)
        return Answer(200, bundle("transaction-response", done))

    def _allowed(self, entry: Entry, base: str) -> Entry:
        """Refuse what a transaction cannot do together with the rest."""
        try:
            one = self._routes().find(entry.method, entry.path, base)
        except Problem as found:
            code = found.issues[0]
            raise Problem([issue(code.code, f"{entry.place}.request", **code.params)]) from None
        if one.code in WRITES or (one.code in READS and entry.method in ("GET", "HEAD")):
            return entry
        raise problem("N7023", f"{entry.place}.request")

    async def _read(self, entry: Entry, call: Call, unit: Unit) -> bytes:
        inner = entry.call(call)
        inner.reader = unit
        one = self._routes().find(entry.method, entry.path, call.base)
        return _answered(await one.handler(inner), call, entry.method == "HEAD")

    async def _batch(self, call: Call, value: Json) -> Answer:
        entries = value.pop("entry", [])
        check_value(value)
        if not isinstance(entries, list):
            check_value(value | {"entry": entries})
        done: dict[int, bytes] = {}
        gate = asyncio.Semaphore(TOGETHER)

        async def run(number: int) -> None:
            async with gate:
                done[number] = await self._entry(call, number, entries[number])

        for method in METHODS:
            mine = [n for n, e in enumerate(entries) if _method(e) == method]
            await asyncio.gather(*map(run, mine))
        for number in range(len(entries)):
            if number not in done:
                await run(number)
        return Answer(200, bundle("batch-response", (done[n] for n in range(len(entries)))))

    async def _entry(self, call: Call, number: int, value: Json) -> bytes:
        """Run one entry by itself; what goes wrong with it stays in its response."""
        try:
            _check_shell(number, value)
            entry = read_entry(number, value, call.base)
            one = self._routes().find(entry.method, entry.path, call.base)
            if one.handler is self:
                raise problem("N7023", f"{entry.place}.request")
            answer = await one.handler(entry.call(call))
            return _answered(answer, call, entry.method == "HEAD")
        except Problem as found:
            return b'{"response":%b}' % response(
                found.status, outcome=outcome_of(call, found.issues)
            )
        except Exception as error:
            number_of_fault = fault(error, entry=number)
            lost = issue("N1000", severity="fatal", fault=number_of_fault)
            return b'{"response":%b}' % response(500, outcome=outcome_of(call, [lost]))


def _check_shell(number: int, entry: Any) -> None:
    """Check an entry without its resource: that is checked by the interaction it is for."""
    if isinstance(entry, dict):
        entry = {key: value for key, value in entry.items() if key != "resource"}
    try:
        check_value({"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    except Problem as found:
        issues = [
            Issue(one.code, one.path.replace("[0]", f"[{number}]", 1), one.params, one.severity)
            for one in found.issues
        ]
        raise Problem(issues) from None


def _method(entry: Any) -> Any:
    request = entry.get("request") if isinstance(entry, dict) else None
    return request.get("method") if isinstance(request, dict) else None


def _kept(entry: Entry, call: Call, outcome: Outcome | None) -> bytes:
    answer = Answer(204) if outcome is None else written(entry.call(call), outcome)
    return _answered(answer, call)


def _answered(answer: Answer, call: Call, head: bool = False) -> bytes:
    """Write the entry of a response around an answer; of HEAD, without the resource."""
    assert isinstance(answer.body, bytes)
    stored, body = answer.stored, b"" if head else answer.body
    location = place(stored) if stored and dict(answer.headers).get(b"location") else ""
    if body.startswith(_OUTCOME):
        said = response(answer.status, stored, location, body)
        return b'{%b"response":%b}' % (_full_url(stored, call), said)
    resource = b'"resource":%b,' % body if body else b""
    return b'{%b%b"response":%b}' % (
        _full_url(stored, call),
        resource,
        response(answer.status, stored, location),
    )


def _full_url(stored: Stored | None, call: Call) -> bytes:
    if stored is None:
        return b""
    return b'"fullUrl":"%b/%b/%b",' % (
        call.base.encode(),
        stored.type.encode(),
        stored.id.encode(),
    )


def bundles(routes: Callable[[], Routes], limit: int) -> Interaction:
    """Make the interaction; it needs the routes of all the others."""
    return Interaction("transaction", "POST", "", Bundles(routes, limit), ("batch",))
