"""Take a record apart: a resource, or the entries of a Bundle with their references resolved.

A Bundle is split on its minified bytes, so that each resource is decoded once, by ``check``.
http://hl7.org/fhir/R4/bundle.html#references
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec

from nabd.errors import Issue, Problem, issue, problem
from nabd.fhir import definitions
from nabd.store.bulk.record import Record
from nabd.store.quarantine import Rejected

ATOMIC = "transaction"
# Documents and messages are kept as they are: their entries belong together. What is no type at
# all is judged whole, and refused.
TAKEN_APART = (
    *("transaction", "batch", "collection", "searchset", "history"),
    *("transaction-response", "batch-response"),
)
IMPORTED = ("POST", "PUT", "")  # what a load does with an entry: it makes or replaces
URN = b'"reference":"urn:'
PLAIN_URL = re.compile(r"[A-Za-z]+(?:/([A-Za-z0-9\-.]{1,64}))?")


class Part(NamedTuple):
    """One resource, minified, with the id it will have; empty: the resource must say it."""

    raw: bytes
    id: str
    type: str = ""


class Unit(NamedTuple):
    """Resources that are kept together or not at all, and what is rejected when they are not."""

    parts: list[Part]
    record: Record
    raw: bytes
    entry: int = 0

    def rejected(self, issues: list[Issue], type_name: str = "") -> Rejected:
        """Put the whole unit, as it came, into the form of the quarantine."""
        count = max(1, len(self.parts))
        place = (self.record.source, self.record.row)
        return Rejected(self.raw, *place, issues, type_name, self.entry, count)


class _Request(msgspec.Struct, frozen=True, gc=False):
    method: str = ""
    url: str = ""
    ifNoneExist: str = ""  # noqa: N815  (FHIR's name)


class _Entry(msgspec.Struct, gc=False):
    resource: msgspec.Raw = msgspec.Raw()
    fullUrl: str = ""  # noqa: N815  (FHIR's name)
    request: _Request = _Request()


class _Bundle(msgspec.Struct, gc=False):
    resourceType: str = ""  # noqa: N815  (FHIR's name)
    type: str = ""
    entry: list[_Entry] = []


class _Head(msgspec.Struct, gc=False):
    resourceType: str = ""  # noqa: N815  (FHIR's name)
    id: str = ""


def _strict(shape: type[Any], type_name: str, *own: tuple[str, Any, Any]) -> Any:
    """Make the shape that also knows the names that are not read, and no other.

    What R4 does not know ("entrys", say) must not be passed over: ``check`` then refuses it.
    """
    read = {field.encode_name for field in msgspec.structs.fields(shape)}
    names = [n for e in definitions.elements(type_name).values() for n in (e.name, f"_{e.name}")]
    others = [
        (f"other_{place}", msgspec.Raw, msgspec.field(name=name, default=msgspec.Raw()))
        for place, name in enumerate(names)
        if name not in read
    ]
    name, whole = shape.__name__, [*others, *own]
    return msgspec.defstruct(name, whole, bases=(shape,), forbid_unknown_fields=True, gc=False)


def _decoder() -> Callable[[bytes], _Bundle]:
    entry: Any = _strict(_Entry, "Bundle.entry")
    entries: Any = Annotated[list[entry], msgspec.Meta(min_length=1)]
    field: Any = msgspec.field(default_factory=list)
    return msgspec.json.Decoder(_strict(_Bundle, "Bundle", ("entry", entries, field))).decode


_decode_bundle = _decoder()
_decode_head = msgspec.json.Decoder(_Head).decode


def units(record: Record) -> tuple[list[Unit], list[Rejected]]:
    """Split a record into what stands and falls together, and what is rejected at once."""
    whole = Unit([], record, record.raw)
    if record.issues:
        return [], [whole.rejected(list(record.issues))]
    if b'"Bundle"' not in record.raw:
        return [Unit([Part(record.raw, "")], record, record.raw)], []
    try:
        minified = msgspec.json.format(record.raw, indent=-1)
        bundle = _decode_bundle(minified)
    except (msgspec.DecodeError, RecursionError):
        return [Unit([Part(record.raw, "")], record, record.raw)], []  # ``check`` says why
    if bundle.resourceType != "Bundle" or bundle.type not in TAKEN_APART:
        return [Unit([Part(record.raw, "")], record, record.raw)], []
    if bundle.type == ATOMIC:
        return _transaction(record, bundle)
    return _independent(record, bundle)


def _transaction(record: Record, bundle: _Bundle) -> tuple[list[Unit], list[Rejected]]:
    whole = Unit([Part(b"", "") for _ in bundle.entry], record, record.raw)
    try:
        parts = _parts(bundle.entry)
    except Problem as found:
        return [], [whole.rejected(found.issues, "Bundle")]
    return ([whole._replace(parts=parts)] if parts else []), []


def _independent(record: Record, bundle: _Bundle) -> tuple[list[Unit], list[Rejected]]:
    """Every entry for itself; a reference may still point to another entry by its ``urn``."""
    units_: list[Unit] = []
    rejected: list[Rejected] = []
    entries: list[_Entry] = []
    for number, entry in enumerate(bundle.entry, 1):
        raw = bytes(entry.resource)
        try:
            units_.append(Unit([_part(number - 1, entry, raw)], record, raw, number))
            entries.append(entry)
        except Problem as found:
            rejected.append(Unit([], record, raw, number).rejected(found.issues))
    parts = _resolved([unit.parts[0] for unit in units_], entries)
    return [
        Unit([part], record, unit.raw, unit.entry) for unit, part in zip(units_, parts, strict=True)
    ], rejected


def _parts(entries: list[_Entry]) -> list[Part]:
    parts = [_part(number, entry, bytes(entry.resource)) for number, entry in enumerate(entries)]
    return _resolved(parts, entries)


def _resolved(parts: list[Part], entries: list[_Entry]) -> list[Part]:
    """Let references to the temporary names of entries point to their resources."""
    if not any(URN in part.raw for part in parts):
        return parts
    targets = {
        entry.fullUrl.encode(): f'"reference":"{part.type}/{part.id}"'.encode()
        for entry, part in zip(entries, parts, strict=True)
        if part.id and entry.fullUrl.startswith("urn:") and "\\" not in entry.fullUrl
    }
    return [Part(_pointed(part.raw, targets), part.id, part.type) for part in parts]


def _pointed(raw: bytes, targets: dict[bytes, bytes]) -> bytes:
    """Replace the temporary names in one resource; a plain split is ten times a pattern's speed."""
    first, *rest = raw.split(URN)
    pieces = [first]
    for piece in rest:
        name, _, tail = piece.partition(b'"')
        found = targets.get(b"urn:" + name)
        pieces += (URN, piece) if found is None else (found, tail)
    return b"".join(pieces) if rest else raw


def _part(number: int, entry: _Entry, raw: bytes) -> Part:
    request = entry.request
    url = PLAIN_URL.fullmatch(request.url)
    if request.method not in IMPORTED or request.ifNoneExist or (request.url and not url):
        path = f"Bundle.entry[{number}].request"
        raise Problem([issue("N3022", path, method=request.method or "?")])
    if not raw:
        raise problem("N3023", f"Bundle.entry[{number}].resource")
    head = _head(entry)
    return Part(raw, _id(entry, head, url), head.resourceType)


def _id(entry: _Entry, head: _Head, url: re.Match[str] | None) -> str:
    """Choose the id that the same entry will get every time it is loaded."""
    named = url.group(1) if url and entry.request.method == "PUT" else None
    return named or head.id or _of_urn(entry.fullUrl)


def _of_urn(full_url: str) -> str:
    """Take the uuid of a ``urn:uuid:``, or a uuid derived from another temporary name."""
    if not full_url:
        return ""
    _, found, tail = full_url.partition("urn:uuid:")
    return tail if found else str(uuid.uuid5(uuid.NAMESPACE_URL, full_url))


def _head(entry: _Entry) -> _Head:
    try:
        return _decode_head(entry.resource)
    except msgspec.DecodeError:
        return _Head()  # ``check`` says what is wrong with it


def id_of_content(raw: bytes) -> str:
    """Derive an id for a resource without one: the same bytes get the same id."""
    return str(uuid.UUID(bytes=hashlib.blake2b(raw, digest_size=16).digest()))
