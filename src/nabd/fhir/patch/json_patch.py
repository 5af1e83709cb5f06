"""JSON Patch: https://www.rfc-editor.org/rfc/rfc6902, http://hl7.org/fhir/R4/http.html#patch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nabd.errors import problem
from nabd.fhir.json import Json
from nabd.fhir.patch import pointer
from nabd.fhir.patch.values import copied, same


def json_patch(resource: Json, operations: list[Json]) -> Json:
    """Apply all operations in their order, or none.

    Raises:
        Problem: N2401 for what is no patch, N2402 for a wrong pointer, N2403 for a place that is
            not there, N2404 for a failed test, N2405 for a move into itself, N2406 for a result
            that is no object.  The path tells which operation: ``[0].path``.
    """
    if not isinstance(operations, list):
        raise problem("N2401", expected="[…]")
    document: Any = copied(resource)
    for number, operation in enumerate(operations):
        document = _apply(document, operation, f"[{number}]")
    if not isinstance(document, dict):
        raise problem("N2406")
    return document


def _apply(document: Any, operation: Any, where: str) -> Any:
    work = _OPERATIONS.get(operation.get("op")) if isinstance(operation, dict) else None
    if work is None:
        raise problem(
            "N2401", f"{where}.op", expected="add | remove | replace | move | copy | test"
        )
    path = pointer.tokens(operation.get("path"), f"{where}.path")
    return work(document, path, operation, where)


def _value(operation: Json, where: str) -> Any:
    if "value" not in operation:
        raise problem("N2401", f"{where}.value", expected="value")
    return copied(operation["value"])


def _from(operation: Json, where: str) -> list[str]:
    return pointer.tokens(operation.get("from"), f"{where}.from")


def _add(document: Any, path: list[str], operation: Json, where: str) -> Any:
    return _put(document, path, _value(operation, where), where)


def _put(document: Any, path: list[str], value: Any, where: str) -> Any:
    """Set a member, or insert an item before the one at the place; "-" is behind the last."""
    if not path:
        return value
    parent = pointer.walk(document, path[:-1], f"{where}.path")
    last = path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        size = len(parent)
        at = size if last == "-" else pointer.index(last, size + 1, f"{where}.path")
        parent.insert(at, value)
    else:
        raise problem("N2403", f"{where}.path")
    return document


def _remove(document: Any, path: list[str], _: Json, where: str) -> Any:
    return _without(document, path, f"{where}.path")


def _without(document: Any, path: list[str], where: str) -> Any:
    if not path:
        raise problem("N2406")
    parent = pointer.walk(document, path[:-1], where)
    pointer.step(parent, path[-1], where)
    if isinstance(parent, list):
        del parent[int(path[-1])]
    else:
        del parent[path[-1]]
    return document


def _replace(document: Any, path: list[str], operation: Json, where: str) -> Any:
    value = _value(operation, where)
    if not path:
        return value
    parent = pointer.walk(document, path[:-1], f"{where}.path")
    pointer.step(parent, path[-1], f"{where}.path")
    parent[int(path[-1]) if isinstance(parent, list) else path[-1]] = value
    return document


def _move(document: Any, path: list[str], operation: Json, where: str) -> Any:
    source = _from(operation, where)
    if len(source) < len(path) and path[: len(source)] == source:
        raise problem("N2405", where)
    value = pointer.walk(document, source, f"{where}.from")
    if source == path:
        return document
    return _put(_without(document, source, f"{where}.from"), path, value, where)


def _copy(document: Any, path: list[str], operation: Json, where: str) -> Any:
    value = pointer.walk(document, _from(operation, where), f"{where}.from")
    return _put(document, path, copied(value), where)


def _test(document: Any, path: list[str], operation: Json, where: str) -> Any:
    expected = _value(operation, where)
    if not same(pointer.walk(document, path, f"{where}.path"), expected):
        raise problem("N2404", where)
    return document


_OPERATIONS: dict[Any, Callable[[Any, list[str], Json, str], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
