"""What an evaluation knows while it runs: ``$this``, variables, the clock, the resolver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from nabd.errors import Problem, problem
from nabd.fhir.fhirpath.model import Collection, Node, system, type_of
from nabd.fhir.fhirpath.temporal import Temporal, parse_datetime

#: Finds the resource of a reference; ``None`` when there is none.
Resolver: TypeAlias = Callable[[str], "dict[str, Any] | None"]


class Evaluation:
    """One evaluation of one path on one resource."""

    __slots__ = ("_now", "index", "resolver", "resource", "root", "this", "total", "variables")

    def __init__(
        self, root: Node, resource: Node, variables: dict[str, Any], resolver: Resolver | None
    ) -> None:
        self.root = root
        self.resource = resource
        self.variables = variables
        self.resolver = resolver
        self.this: Collection = [root]
        self.index = 0
        self.total: Collection = []
        self._now: datetime | None = None

    def now(self) -> Temporal:
        """Return the same instant as long as the evaluation runs."""
        if self._now is None:
            self._now = datetime.now(UTC)
        value = parse_datetime(self._now.isoformat(timespec="milliseconds"))
        assert value is not None
        return value


#: A compiled expression: the evaluation and the focus give a collection.
Run: TypeAlias = Callable[[Evaluation, Collection], Collection]


def too_many(items: Collection, where: str) -> Problem:
    """Say that one item was expected (N2210)."""
    return problem("N2210", where=where, count=len(items))


def single(items: Collection, where: str) -> Any:
    """Take the system value of a collection of at most one item; ``None`` when it is empty."""
    if not items:
        return None
    if len(items) > 1:
        raise too_many(items, where)
    return system(items[0])


def truth(items: Collection, where: str) -> bool | None:
    """Read a collection as a boolean: one item that is no boolean counts as true.

    http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections
    """
    if not items:
        return None
    if len(items) > 1:
        raise too_many(items, where)
    value = items[0]
    if type(value) is Node:
        value = value.value
    return value if type(value) is bool or value is None else True


def wrong(item: Any, expected: str, where: str) -> Problem:
    """Say that a value has the wrong type (N2211)."""
    return problem("N2211", expected=expected, where=where, found=".".join(type_of(item)))


def string(items: Collection, where: str) -> str | None:
    """Take a text; ``None`` when the collection is empty."""
    value = single(items, where)
    if value is None or type(value) is str:
        return value
    if type(items[0]) is Node and type(items[0].value) is str:
        return items[0].value
    raise wrong(items[0], "System.String", where)


def integer(items: Collection, where: str) -> int | None:
    """Take an integer; ``None`` when the collection is empty."""
    value = single(items, where)
    if value is None or type(value) is int:
        return value
    raise wrong(items[0], "System.Integer", where)


def number(items: Collection, where: str) -> int | Decimal | None:
    """Take an integer or a decimal; ``None`` when the collection is empty."""
    value = single(items, where)
    if value is None or type(value) is int or type(value) is Decimal:
        return value
    raise wrong(items[0], "System.Integer | System.Decimal", where)


def boolean(value: bool | None) -> Collection:
    """Make a collection of an answer; no answer is the empty collection."""
    return [] if value is None else [value]
