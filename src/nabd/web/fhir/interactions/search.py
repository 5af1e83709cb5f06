"""search by GET and POST: the system, a type, a compartment.

http://hl7.org/fhir/R4/http.html#search, http://hl7.org/fhir/R4/compartmentdefinition.html
"""

from __future__ import annotations

import msgspec

from nabd.errors import issue, problem
from nabd.fhir.search import Query, parse
from nabd.store import Stored
from nabd.store.search import Result
from nabd.web.fhir.answers import outcome_of
from nabd.web.fhir.bundle import address, bundle, found, remark
from nabd.web.fhir.exchange import Answer, Call, Parameters
from nabd.web.fhir.fellows import widened
from nabd.web.fhir.interaction import Interaction
from nabd.web.fhir.parameters import parsed
from nabd.web.fhir.subset import subset

COUNT = 20
CURSOR = "_cursor"
EVERY = "*"
FORM = "application/x-www-form-urlencoded"


async def search(call: Call) -> Answer:
    """Search by the parameters of the address."""
    return await _answered(call, call.path, call.query)


async def search_posted(call: Call) -> Answer:
    """Search by the parameters of a form and of the address together."""
    if call.header(b"content-type").partition(";")[0].strip().lower() != FORM:
        raise problem("N7005", "Content-Type", expected=FORM)
    body = await call.body()
    try:
        form = parsed(body.decode("ascii"))
    except UnicodeDecodeError:
        raise problem("N7030") from None
    return await _answered(call, call.path[:-1], call.query + form)


async def _answered(call: Call, path: tuple[str, ...], given: Parameters) -> Answer:
    member = path[2] if len(path) > 2 else path[0] if path else ""
    query = asked(call, path, await widened(call.reader, given, "" if member == EVERY else member))
    result = await call.reader.search(query)
    return Answer(200, searchset(call, path, query, result))


def asked(call: Call, path: tuple[str, ...], given: Parameters) -> Query:
    """Parse a search; what the address says of a compartment is one more criterion."""
    lenient, base = call.preference.lenient, f"{call.base}/"
    if len(path) < 3:
        query = parse(path[0] if path else "", given, lenient, base=base)
    else:
        member = "" if path[2] == EVERY else path[2]
        inside = (path[0], path[1])
        query = parse(member, given, lenient, base=base, compartment=inside)
    return query if query.count is not None else msgspec.structs.replace(query, count=COUNT)


def searchset(call: Call, path: tuple[str, ...], query: Query, result: Result) -> bytes:
    """Write the Bundle of a page: matches, then what they include, then remarks."""
    entries = [] if query.summary == "count" else [_entry(call, query, m) for m in result.matches]
    entries += [found(call.base, one, "include") for one in result.included]
    if query.ignored:
        names = ", ".join(query.ignored)
        ignored = issue("N7029", severity="warning", parameters=names)
        entries.append(remark(outcome_of(call, [ignored])))
    return bundle("searchset", entries, _links(call, path, query, result.next), result.total)


def _entry(call: Call, query: Query, one: Stored) -> bytes:
    if query.summary == "false" and not query.elements:
        return found(call.base, one)
    return found(call.base, one, body=subset(one.body, one.type, query.summary, query.elements))


def _links(call: Call, path: tuple[str, ...], query: Query, cursor: str) -> list[tuple[str, str]]:
    """Link to this page, the first and the next one; a cursor leads forward only."""
    used = list(query.used)
    here = [*used, (CURSOR, query.cursor)] if query.cursor else used
    links = [("self", address(call.base, path, here))]
    if query.cursor:
        links.append(("first", address(call.base, path, used)))
    if cursor:
        links.append(("next", address(call.base, path, [*used, (CURSOR, cursor)])))
    return links


INTERACTIONS = (
    Interaction("search-type", "GET", "{type}", search),
    Interaction("search-type", "POST", "{type}/_search", search_posted),
    Interaction("search-system", "GET", "", search),
    Interaction("search-system", "POST", "_search", search_posted),
    Interaction("search-compartment", "GET", "{type}/{id}/{member}", search),
    Interaction("search-compartment", "POST", "{type}/{id}/{member}/_search", search_posted),
)
