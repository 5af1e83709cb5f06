"""Parse a whole search; all that is wrong with it is said at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nabd.errors import Issue, Problem, problem
from nabd.fhir.definitions import TYPE_NUMBER
from nabd.fhir.search import result
from nabd.fhir.search.compartments import member_of
from nabd.fhir.search.criteria import Scope, criterion
from nabd.fhir.search.filter import filtered
from nabd.fhir.search.query import Node, Query
from nabd.fhir.search.sorting import sort
from nabd.fhir.search.text import is_text

#: More parameters than this are no question that a person or a program has.
MOST_PARAMETERS = 100
#: Codes of problems that lenient handling turns into an ignored parameter.
_LENIENT = frozenset({"N2501", "N2502"})
#: Parameters for the door, not for the store: how the answer is written.
_PRESENTATION = frozenset({"_format", "_pretty"})
_RESULT: dict[str, Callable[[str], dict[str, Any]]] = {
    "_count": result.count,
    "_total": result.total,
    "_summary": result.summary,
    "_cursor": lambda value: {"cursor": value},
}


def parse(
    type_name: str,
    parameters: Sequence[tuple[str, str]],
    lenient: bool = False,
    *,
    base: str = "",
    compartment: tuple[str, str] | None = None,
) -> Query:
    """Parse a search of ``type_name`` ("" for all types).

    ``base`` is the server's own url, with its last slash: references under it are local.
    ``compartment`` narrows the search: ("Patient", "123").  Raises Problem N25xx with every issue;
    ``lenient`` leaves out what is unknown or unsupported and names it in ``Query.ignored``.
    """
    reading = _Reading(type_name, parameters, base)
    if compartment:
        reading.attempt("", lambda: reading.where.append(member_of(*compartment, reading.types)))
    for name, value in parameters:
        reading.parameter(name, value, lenient)
    if reading.issues:
        raise Problem(reading.issues)
    return reading.query()


class _Reading:
    """What was read so far."""

    def __init__(self, type_name: str, parameters: Sequence[tuple[str, str]], base: str) -> None:
        if len(parameters) > MOST_PARAMETERS:
            raise problem("N2520", "")
        if type_name and type_name not in TYPE_NUMBER:
            raise problem("N2517", "", type=type_name)
        self.type_name = type_name
        self.types: tuple[str, ...] = (type_name,) if type_name else ()
        self.base = base
        self.where: list[Node] = []
        self.fields: dict[str, Any] = {"include": (), "revinclude": ()}
        self.used: list[tuple[str, str]] = []
        self.ignored: list[str] = []
        self.issues: list[Issue] = []
        if not type_name:
            for name, value in parameters:
                if name == "_type":
                    self.attempt(name, partial(self._types, value))

    def _is_said(self, value: str) -> bool:
        """Tell whether ``_type`` was read before the others, or says what the address says."""
        return not self.type_name or value == self.type_name

    def _types(self, value: str) -> None:
        self.types = result.types(value)

    def attempt(self, name: str, work: Callable[[], object], lenient: bool = False) -> bool:
        """Do ``work``; keep its issues, or only the name where that is allowed."""
        try:
            work()
        except Problem as found:
            if lenient and all(one.code in _LENIENT for one in found.issues):
                self.ignored.append(name)
            else:
                self.issues += found.issues
            return False
        return True

    def parameter(self, name: str, value: str, lenient: bool) -> None:
        """Read one parameter."""
        known = name in _PRESENTATION or (name == "_type" and self._is_said(value))
        if known or self.attempt(name, partial(self._read, name, value), lenient):
            self.used.append((name, value))

    def _read(self, name: str, value: str) -> None:
        if not (is_text(name) and is_text(value)):
            raise problem("N2523", name if is_text(name) else "")
        head = name.partition(":")[0]
        if name in _RESULT:
            self.fields |= _RESULT[name](value)
        elif name == "_elements":
            self.fields |= result.elements(self.types, value)
        elif name == "_sort":
            self.fields |= sort(self.types, value)
        elif head in ("_include", "_revinclude"):
            found = result.include(name, value, self.types, head == "_revinclude")
            self.fields[head[1:]] += tuple(found)
        elif head == "_filter":
            if name != head:
                raise problem("N2503", head, expected="-", modifier=name.partition(":")[2])
            self.where.append(filtered(Scope(self.types, self.base), value))
        elif name != "_contained" or value != "false":  # which is what is done anyway
            self.where.append(criterion(Scope(self.types, self.base), name, value))

    def query(self) -> Query:
        """Put the query together."""
        return Query(
            self.types,
            tuple(dict.fromkeys(self.where)),
            ignored=tuple(self.ignored),
            used=tuple(pair for pair in self.used if pair[0] != "_cursor"),
            **self.fields,
        )
