"""Make the row of one version of a resource: what both ways in, ``keep`` and ``bulk``, write."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.json import Json, encode, encode_sorted
from nabd.fhir.search import Index, index
from nabd.fhir.search import key as key_of
from nabd.fhir.view import View
from nabd.store.body import Bodies
from nabd.store.values import Keys, Laws

SET_BY_STORE = ("versionId", "lastUpdated")
META = b',"meta":{'

LiveRows = tuple[View, list[tuple[object, ...]]]


class Row(NamedTuple):
    """One version, ready to be written."""

    key: int
    type: int
    id: str
    version: int
    updated: datetime
    hash: int
    dictionary: int
    body: bytes
    terms: list[int]
    found: Index
    live: list[LiveRows]
    json: bytes


def now() -> datetime:
    """Return this moment in the precision of ``meta.lastUpdated``: milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def instant(moment: datetime) -> str:
    """Write a FHIR instant, http://hl7.org/fhir/R4/datatypes.html#instant."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def content_of(resource: Json, id_: str) -> Json:
    """Return the resource with its id first, and without what only the store may say in meta."""
    content = {"resourceType": resource["resourceType"], "id": id_}
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in SET_BY_STORE}
    if meta:
        content["meta"] = meta
    for name, value in resource.items():
        if name not in ("resourceType", "id", "meta"):
            content[name] = value
    return content


def hash_of(content: Json) -> int:
    """Hash the content, whatever the order of its keys: equal hashes mean nothing changed.

    Never 0, which stands for "no content". 64 bits serve: only versions of one resource are ever
    compared, and blake2b gives nobody a second content with the same hash.
    """
    digest = hashlib.blake2b(encode_sorted(content), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


def stamped(content: Json, version: int, updated: str) -> Json:
    """Return the content with ``meta.versionId`` and ``meta.lastUpdated``."""
    meta = {"versionId": str(version), "lastUpdated": updated, **content.get("meta", {})}
    head = {"resourceType": content["resourceType"], "id": content["id"], "meta": meta}
    return {**head, **content, "meta": meta}


def is_content(resource: Json, id_: str) -> bool:
    """Tell whether a resource already is what :func:`content_of` would return, but for its order.

    Its two first keys must be in their places, because :func:`spliced` writes after them.
    """
    meta = resource.get("meta", ())
    return (
        resource.get("id") == id_
        and tuple(islice(resource, 2)) == ("resourceType", "id")
        and not any(name in meta for name in SET_BY_STORE)
    )


def spliced(compact: bytes, content: Json, version: int, updated: str) -> bytes:
    """Write the JSON of ``stamped(content, …)`` by cutting ``compact``, the JSON of ``content``.

    Empty when another ``meta`` is inside: then only encoding tells them apart.
    """
    head = len(content["resourceType"]) + len(content["id"]) + len('{"resourceType":"","id":""')
    said = f',"meta":{{"versionId":"{version}","lastUpdated":"{updated}"'.encode()
    if "meta" not in content:
        return b"".join((compact[:head], said, b"}", compact[head:]))
    if compact.count(META) != 1:  # in a string, its quotes would have a backslash before them
        return b""
    own, start = encode(content["meta"]), compact.index(META)
    end = start + len(META) - 1 + len(own)
    return b"".join((compact[:head], said, b",", own[1:], compact[head:start], compact[end:]))


def scoped(terms: list[int], scope: tuple[int, ...]) -> list[int]:
    """Append the terms that say who may see the resource, and how many they are.

    Their number lets a later index tell them from its own terms: no hash is that small.
    """
    return [*terms, *scope, len(scope)] if scope else terms


def scope_of(terms: list[int]) -> tuple[int, ...]:
    """Return the scope terms of a resource."""
    count = terms[-1] if terms else 0
    return tuple(terms[-1 - count : -1]) if 0 < count < len(terms) else ()


def rescoped(terms: list[int], scope: tuple[int, ...]) -> list[int]:
    """Put other scope terms in the place of those that are there."""
    old = scope_of(terms)
    return scoped(terms[: -1 - len(old)] if old else terms, scope)


class Moment(NamedTuple):
    """When a version was written, for its row and for its JSON."""

    at: datetime
    text: str


def moment_of(at: datetime) -> Moment:
    """Write a moment once for all the rows that share it."""
    return Moment(at, instant(at))


class Work(NamedTuple):
    """What is made of each resource beside its own index, by type."""

    views: Mapping[str, list[View]]
    keys: Mapping[str, Keys]


def work_of(laws: Laws) -> Work:
    """Arrange the laws for :func:`make_row`."""
    return Work(views_by_type(laws.views), laws.keys)


def indexed(resource: Json, keys: Mapping[str, Keys]) -> Index:
    """Extract everything searchable of a resource, with the keys that a slice computes."""
    found = index(resource)
    compute = keys.get(resource["resourceType"])
    if compute is not None:
        found.keys = [(term,) for term in sorted(set(compute(resource)))]
    return found


def make_row(
    bodies: Bodies,
    work: Work,
    content: Json,
    version: int,
    moment: Moment,
    content_hash: int,
    scope: tuple[int, ...],
    compact: bytes = b"",
) -> Row:
    """Encode, compress, index and flatten one version; ``compact``: its JSON, if it is known."""
    type_name, id_ = content["resourceType"], content["id"]
    resource = stamped(content, version, moment.text)
    cut = spliced(compact, content, version, moment.text) if compact else b""
    json = cut or encode(resource)
    number = TYPE_NUMBER[type_name]
    dictionary, body = bodies.compress(number, json)
    found = indexed(resource, work.keys)
    live = [(view, view.rows(resource)) for view in work.views.get(type_name, ())]
    return Row(
        key_of(type_name, id_),
        number,
        id_,
        version,
        moment.at,
        content_hash,
        dictionary,
        body,
        scoped(found.terms, scope),
        found,
        live,
        json,
    )


def views_by_type(views: tuple[View, ...]) -> dict[str, list[View]]:
    """Group the views by the type of resource they read."""
    grouped: dict[str, list[View]] = {}
    for view in views:
        grouped.setdefault(view.resource, []).append(view)
    return grouped
