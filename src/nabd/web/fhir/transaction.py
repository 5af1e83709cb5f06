"""A transaction: all entries succeed together, or nothing is changed.

The order is the standard's, whatever the order of the entries: DELETE, POST, PUT and PATCH, then
GET.  Conditional references are resolved last, when the resources of the other entries are there.

http://hl7.org/fhir/R4/http.html#trules
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from nabd.access import Unit
from nabd.access.session import new_id
from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir.json import Json
from nabd.fhir.search import key
from nabd.store import Outcome, Stored, Write
from nabd.web.fhir.conditions import if_match
from nabd.web.fhir.criteria import find_one, lock_word, matching
from nabd.web.fhir.entries import Entry
from nabd.web.fhir.exchange import Call, Parameters
from nabd.web.fhir.interactions.create import none_exist
from nabd.web.fhir.interactions.delete import gone
from nabd.web.fhir.interactions.patch import change_of, patch_word, patched
from nabd.web.fhir.interactions.update import TAKEN, matched_write, put_action
from nabd.web.fhir.links import conditional, linked, resolved
from nabd.web.fhir.parameters import parsed

T = TypeVar("T")

PORTION = 500  # resources of one statement


@dataclass(slots=True)
class Plan:
    """What the entries will write, by their number; filled step by step."""

    unit: Unit
    call: Call
    entries: list[Entry]
    writes: dict[int, Write] = field(default_factory=dict)
    outcomes: dict[int, Outcome | None] = field(default_factory=dict)
    #: full urls of entries → Type/id
    links: dict[str, str] = field(default_factory=dict)
    #: the resources written, each once
    places: set[tuple[str, str]] = field(default_factory=set)

    def of(self, *methods: str) -> Iterable[tuple[int, Entry]]:
        """List the entries with one of the methods."""
        return [(n, e) for n, e in enumerate(self.entries) if e.method in methods]

    def claim(self, entry: Entry, type_name: str, id_: str) -> None:
        """Note that the entry writes a resource; N7019 when another one does too."""
        if (type_name, id_) in self.places:
            raise problem("N7019", entry.place)
        self.places.add((type_name, id_))

    def claim_criteria(self, entry: Entry, query: Parameters) -> None:
        """Note that the entry makes what the criteria ask for; two would be made of one (N7019)."""
        self.claim(entry, entry.path[0], f"?{lock_word(entry.path[0], query)}")


async def transact(unit: Unit, call: Call, entries: list[Entry]) -> dict[int, Outcome | None]:
    """Run the writes of ``entries``; outcomes by number, ``None``: there was nothing to delete."""
    plan = Plan(unit, call, entries)
    await unit.lock(sorted(_lock_words(entries)))
    for step in (_delete, _settle_creates, _settle_updates, _link, _keep, _patch):
        await step(plan)
    return plan.outcomes


def _lock_words(entries: list[Entry]) -> set[str]:
    """Name all criteria, to lock them in one order: two transactions never wait in a circle."""
    words = {lock_word(e.path[0], e.query) for e in entries if _is_conditional(e)}
    words |= {patch_word(*e.path) for e in entries if e.method == "PATCH" and len(e.path) == 2}
    creates = (e for e in entries if b"if-none-exist" in e.headers)
    return words | {lock_word(e.path[0], _none_exist(e)) for e in creates}


def _is_conditional(entry: Entry) -> bool:
    return entry.method in ("PUT", "PATCH", "DELETE") and len(entry.path) == 1


def _none_exist(entry: Entry) -> Parameters:
    return none_exist(entry.headers[b"if-none-exist"].decode("latin-1"))


async def _at(entry: Entry, work: Awaitable[T]) -> T:
    """Wait for ``work``; say of its problems at which entry they are."""
    try:
        return await work
    except Problem as found:
        raise Problem([_placed(one, entry) for one in found.issues]) from None


def _placed(one: Issue, entry: Entry) -> Issue:
    """Say of an issue at which entry it is, and where in its resource it says so itself."""
    if one.path.startswith("Bundle.entry"):
        return one
    inside = one.path.removeprefix(entry.path[0])
    path = entry.place if inside == one.path else f"{entry.place}.resource{inside}"
    return Issue(one.code, path, one.params, one.severity)


async def _matched(plan: Plan, entry: Entry, query: Parameters) -> Stored | None:
    return await _at(entry, find_one(plan.unit, plan.call.base, entry.path[0], query))


async def _delete(plan: Plan) -> None:
    for number, entry in plan.of("DELETE"):
        type_name = entry.path[0]
        if _is_conditional(entry):
            match = await _matched(plan, entry, entry.query)
            if match is None:
                plan.outcomes[number] = None
                continue
            id_ = match.id
        else:
            id_ = entry.path[1]
        plan.claim(entry, type_name, id_)
        write = Write("delete", type_name, id_, if_match=_known(entry))
        plan.outcomes[number] = await _at(entry, gone(plan.unit, write))


def _known(entry: Entry) -> int | None:
    return if_match(entry.headers.get(b"if-match", b"").decode("latin-1"))


async def _settle_creates(plan: Plan) -> None:
    """Give each new resource its id; those that exist already are left as they are."""
    for number, entry in plan.of("POST"):
        type_name, resource = entry.path[0], _resource(entry)
        match = None
        if b"if-none-exist" in entry.headers:
            match = await _matched(plan, entry, _none_exist(entry))
            if match is None:
                plan.claim_criteria(entry, _none_exist(entry))
        if match is not None:
            plan.outcomes[number] = Outcome("unchanged", match)
            _name(plan, entry, type_name, match.id)
            continue
        plan.writes[number] = write = Write("create", type_name, new_id(), resource)
        _name(plan, entry, type_name, write.id)


async def _settle_updates(plan: Plan) -> None:
    for number, entry in plan.of("PUT"):
        type_name, resource = entry.path[0], _resource(entry)
        if _is_conditional(entry):
            match = await _matched(plan, entry, entry.query)
            if match is None:
                plan.claim_criteria(entry, entry.query)
            if match and put_action(entry.headers) == "create":
                raise problem("N7014", entry.place)
            id_ = match.id if match else None
            write = matched_write(type_name, resource, id_, _known(entry))
        elif resource.get("id") != entry.path[1]:
            raise problem("N7011", f"{entry.place}.resource.id", element="id")
        else:
            action = put_action(entry.headers)
            write = Write(action, type_name, entry.path[1], resource, _known(entry))
        plan.writes[number] = write
        plan.claim(entry, type_name, write.id)
        _name(plan, entry, type_name, write.id)


def _resource(entry: Entry) -> Json:
    resource = entry.resource
    if resource is None:
        raise problem("N7018", f"{entry.place}.resource")
    if resource.get("resourceType") != entry.path[0]:
        raise problem("N7011", f"{entry.place}.resource", element="resourceType")
    return resource


def _name(plan: Plan, entry: Entry, type_name: str, id_: str) -> None:
    if entry.full_url:
        if entry.full_url in plan.links:
            raise problem("N7020", f"{entry.place}.fullUrl")
        plan.links[entry.full_url] = f"{type_name}/{id_}"


async def _link(plan: Plan) -> None:
    """Replace in every resource the full urls of entries by the addresses they now have."""
    for number, write in plan.writes.items():
        entry = plan.entries[number]
        assert write.resource is not None
        resource = linked(write.resource, plan.links, entry.full_url, entry.place)
        plan.writes[number] = _with(write, resource)


def _with(write: Write, resource: Json) -> Write:
    return Write(write.action, write.type, write.id, resource, write.if_match, write.scope)


async def _keep(plan: Plan) -> None:
    """Write what is settled; then what refers to it by a search, with the references resolved."""
    searches = {n: set(conditional(w.resource)) for n, w in plan.writes.items()}
    later = {n for n, texts in searches.items() if texts}
    await _write(plan, [n for n in plan.writes if n not in later])
    found: dict[str, str] = {}
    for number in sorted(later):
        for text in sorted(searches[number] - found.keys()):
            found[text] = await _at(plan.entries[number], _found(plan, text))
        write = plan.writes[number]
        assert write.resource is not None
        plan.writes[number] = _with(write, resolved(write.resource, found))
    await _write(plan, sorted(later))


async def _found(plan: Plan, text: str) -> str:

    type_name, _, query = text.partition("?")
    matches = await matching(plan.unit, plan.call.base, type_name, parsed(query))
    if len(matches) != 1:
        raise problem("N7022", count="0" if not matches else "> 1")
    return f"{type_name}/{matches[0].id}"


async def _write(plan: Plan, numbers: list[int]) -> None:
    """Write in portions, so that others are served between them; in the order of the keys."""
    ordered = sorted(numbers, key=lambda n: key(plan.writes[n].type, plan.writes[n].id))
    for begin in range(0, len(ordered), PORTION):
        some = ordered[begin : begin + PORTION]
        try:
            kept = await plan.unit.keep([plan.writes[number] for number in some])
        except Problem as found:
            raise _refused(plan, some, found) from None
        plan.outcomes |= zip(some, kept, strict=True)


def _refused(plan: Plan, numbers: list[int], found: Problem) -> Problem:
    """Say at which entry each problem is, where it names a resource."""
    of = {(plan.writes[n].type, plan.writes[n].id): plan.entries[n] for n in numbers}
    only = plan.entries[numbers[0]] if len(numbers) == 1 else None
    issues = []
    for one in found.issues:
        entry = of.get((str(one.params.get("type")), str(one.params.get("id"))), only)
        issues.append(_of_entry(one, entry) if entry else one)
    return Problem(issues)


def _of_entry(one: Issue, entry: Entry) -> Issue:
    """Say 412 of an entry that might only create what is there already, as a PUT would."""
    if one.code == TAKEN and b"if-none-match" in entry.headers:
        return issue("N7014", entry.place)
    return _placed(one, entry)


async def _patch(plan: Plan) -> None:
    for number, entry in plan.of("PATCH"):
        plan.outcomes[number] = await _at(entry, _patch_one(plan, entry))


async def _patch_one(plan: Plan, entry: Entry) -> Outcome:
    change = await change_of(entry.call(plan.call))
    if _is_conditional(entry):
        stored = await _matched(plan, entry, entry.query)
        if stored is None:
            raise problem("N1001", type=entry.path[0], id="?")
    else:
        stored = await plan.unit.read(*entry.path)
    plan.claim(entry, stored.type, stored.id)
    return await patched(plan.unit, stored, change, _known(entry))
